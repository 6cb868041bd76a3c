/** Types that the generated declarations of object layers are made of. See `codegen/types/resources.ts`. */
import type { WaitOptions } from "../../client/types.js";
import type { Resource } from "./resource.js";

export type { Resource };

/** An input of which the resource fills in some members. */
type Filled<I, K extends PropertyKey> = Omit<I, K> & Partial<Pick<I, K & keyof I>>;

/** An operation on a resource: `instance.stop({ Force: true })`. */
export type Action<I, K extends PropertyKey, O> =
  Record<never, never> extends Filled<I, K>
    ? (input?: Filled<I, K>) => Promise<O>
    : (input: Filled<I, K>) => Promise<O>;

/** Resolves when the resource is in the state; fails with kind `timeout` or the waiter's failure. */
export type ResourceWaiter<I> = (input?: Partial<I>, options?: WaitOptions) => Promise<void>;

/** Resources of one kind, read page by page as they are iterated. Each method answers another collection. */
export type CollectionOf<R, I, Batch> = AsyncIterable<R> & {
  all(): CollectionOf<R, I, Batch>;
  /** Those that the input of the listing operation selects. */
  filter(input: Partial<I>): CollectionOf<R, I, Batch>;
  /** At most so many. */
  limit(count: number): CollectionOf<R, I, Batch>;
  /** So many a request. */
  pageSize(count: number): CollectionOf<R, I, Batch>;
  pages(): AsyncGenerator<R[], void, undefined>;
} & Batch;

/** An operation on all resources of a collection: one request a page. */
export type BatchAction<I, O> = (input?: Partial<I>) => Promise<O[]>;
