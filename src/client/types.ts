/** Types that the generated declarations of every service are made of. See `codegen/types/`. */
import type { Body } from "../http/body.js";
import type { RequestBody } from "../http/message.js";
import type { CloudError } from "../internal/cloud-error.js";
import type { PresignOptions } from "./backend.js";
import type { CallOptions } from "./options.js";

export type { Body, RequestBody };

/** Bytes of a non-streaming blob: given as bytes or text (sent as UTF-8), received as bytes. */
export type BlobInput = Uint8Array | string;
/** Given as Date, ISO 8601 text or seconds since 1970; received as Date. */
export type TimestampInput = Date | string | number;
/** JSON without a model. */
export type Document =
  | null
  | boolean
  | number
  | string
  | readonly Document[]
  | { readonly [key: string]: Document };
/** A 64-bit integer; a bigint where it does not fit a number. */
export type LongInput = number | bigint;

/** `client.op(input, options)`. Argument may be left out when no member is required. */
export type Operation<I, O> =
  Record<never, never> extends I
    ? (input?: I, options?: CallOptions) => Promise<O>
    : (input: I, options?: CallOptions) => Promise<O>;

/** Members of an operation that answers in pages. */
export interface Paginated<I, O, T> {
  /** Each page as the service answers it. */
  pages(...args: PageArguments<I>): AsyncIterableIterator<O>;
  /** Each item of each page, fetched as they are consumed. */
  items(...args: PageArguments<I>): AsyncIterableIterator<T>;
  /** Every item of every page in one list. */
  all(...args: PageArguments<I>): Promise<T[]>;
}

export type PagedOperation<I, O, T> = Operation<I, O> & Paginated<I, O, T>;
export type PresignableOperation<I, O> = Operation<I, O> & Presignable<I>;
export type PresignablePagedOperation<I, O, T> = Operation<I, O> & Paginated<I, O, T> & Presignable<I>;

export interface PageOptions extends CallOptions {
  /** Items a page, set on the operation's own limit member. */
  pageSize?: number | undefined;
  /** Stop after so many items (`items`, `all`) or after the page that reaches them (`pages`). */
  maxItems?: number | undefined;
  /** Token to start from. */
  startingToken?: string | undefined;
}

export type PageArguments<I> =
  Record<never, never> extends I ? [input?: I, options?: PageOptions] : [input: I, options?: PageOptions];

/** Members of an operation whose request can be signed into a URL. */
export interface Presignable<I> {
  /** A URL that does the same without credentials until it expires. Sends nothing. */
  presign(
    ...args: Record<never, never> extends I
      ? [input?: I, options?: PresignOptions]
      : [input: I, options?: PresignOptions]
  ): Promise<string>;
}

/** Members of an operation that the service goes on with after it answered. */
export interface LongRunning<I, R> {
  /** Starts it and waits until it is done; fails with its error when it fails. */
  untilDone(
    ...args: Record<never, never> extends I
      ? [input?: I, options?: UntilDoneOptions]
      : [input: I, options?: UntilDoneOptions]
  ): Promise<R>;
}

export interface UntilDoneOptions extends CallOptions {
  /** Between two looks where the service asks for no other, ms. */
  pollIntervalMs?: number | undefined;
  /** Give up with kind `timeout` after so long. Default 3,600. */
  maxWaitSeconds?: number | undefined;
}

/** `client.waitUntil.instanceRunning(input, options)`: resolves with the last output, fails with kind `timeout` or the waiter's failure. */
export type Waiter<I, O> =
  Record<never, never> extends I
    ? (input?: I, options?: WaitOptions) => Promise<O>
    : (input: I, options?: WaitOptions) => Promise<O>;

export interface WaitOptions extends CallOptions {
  /** Default: the waiter's delay times its attempts. */
  maxWaitSeconds?: number | undefined;
  /** Default: the waiter's. */
  delayMs?: number | undefined;
}

/** Class of a modelled error: `error instanceof client.errors.NoSuchKey` narrows code and members. */
export interface ErrorClass<Code extends string, Members> {
  readonly prototype: ModelledError<Code, Members>;
  [Symbol.hasInstance](value: unknown): value is ModelledError<Code, Members>;
}

export type ModelledError<Code extends string, Members> = CloudError & {
  readonly code: Code;
  readonly body: Members;
} & Members;

/** Input of an operation: `InputOf<S3["getObject"]>`. */
export type InputOf<Op> = Op extends (input: infer I, ...rest: never[]) => unknown ? NonNullable<I> : never;
/** What an operation resolves with. */
export type OutputOf<Op> = Op extends (...args: never[]) => Promise<infer O> ? O : never;

/** A union of the model: exactly one member is set. Narrows by `"S" in value` or `value.S !== undefined`. */
export type OneOf<T> = {
  [K in keyof T]: { [P in K]: T[P] } & { [P in Exclude<keyof T, K>]?: never };
}[keyof T];
