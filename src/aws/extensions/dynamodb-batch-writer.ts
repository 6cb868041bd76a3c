/** Writes and deletions of one table, sent 25 at a time. boto3's `batch_writer`. */
import { sleep } from "../../client/deadline.js";
import type { AttributeValue, AttributeValueInput, DynamoDB } from "../../gen/aws/dynamodb.js";
import { CloudError, invalidInput } from "../../internal/cloud-error.js";
import { canonicalNumber } from "./dynamodb-number.js";
import { marshall, type NativeItem, unmarshall } from "./dynamodb-value.js";

export interface BatchWriterOptions {
  /** Names of the table's key attributes: of requests for one key only the last is sent. DynamoDB refuses a batch that names a key twice. */
  readonly overwriteByKeys?: readonly string[] | undefined;
  /** Ends the wait between attempts, and the calls. */
  readonly signal?: AbortSignal | undefined;
}

/** A request that has not been written, as it was given. */
export type UnwrittenRequest = { readonly put: NativeItem } | { readonly delete: NativeItem };

type WireItem = Record<string, AttributeValueInput>;
type WriteRequest = { PutRequest: { Item: WireItem } } | { DeleteRequest: { Key: WireItem } };

/** DynamoDB's own limit. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const BATCH_ITEMS = 25;
/** Times in a row that a batch is sent of which nothing was written. */
const MAX_FRUITLESS = 10;
const BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 5_000;

/**
 * Await each call: it then waits where a batch is being sent. Whatever fails is kept and sent again by the next batch or
 * `flush()`. Ends by `flush()` or `await using`.
 */
export class BatchWriter {
  readonly #client: DynamoDB;
  readonly #table: string;
  readonly #options: BatchWriterOptions;
  /** By key where duplicates are replaced, else by a number. In the order in which they are to be written. */
  #buffer = new Map<string, WriteRequest>();
  #sequence = 0;
  #writing: Promise<void> | undefined;
  #flushing = false;

  constructor(client: DynamoDB, table: string, options: BatchWriterOptions = {}) {
    this.#client = client;
    this.#table = table;
    this.#options = options;
  }

  async putItem({ Item }: { readonly Item: NativeItem }): Promise<void> {
    const item = marshall(Item);
    await this.#add(item, { PutRequest: { Item: item } });
  }

  async deleteItem({ Key }: { readonly Key: NativeItem }): Promise<void> {
    const key = marshall(Key);
    await this.#add(key, { DeleteRequest: { Key: key } });
  }

  /** Sends what is left. When it fails, what was not written is still here: see `unwritten`. */
  async flush(): Promise<void> {
    this.#flushing = true;
    try {
      while (this.#buffer.size > 0 || this.#writing !== undefined) await this.#write();
    } finally {
      this.#flushing = false;
    }
  }

  /** What has not been written yet, batches under way left out. */
  get unwritten(): UnwrittenRequest[] {
    return [...this.#buffer.values()].map((request) =>
      "PutRequest" in request
        ? { put: unmarshall(request.PutRequest.Item as Record<string, AttributeValue>) }
        : { delete: unmarshall(request.DeleteRequest.Key as Record<string, AttributeValue>) },
    );
  }

  /** `await using writer = table.batchWriter()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush();
  }

  async #add(item: WireItem, request: WriteRequest): Promise<void> {
    const key = this.#keyOf(item);
    // Set anew it stands last: requests are written in the order of their calls.
    this.#buffer.delete(key);
    this.#buffer.set(key, request);
    if (this.#buffer.size >= BATCH_ITEMS) await this.#write();
  }

  #keyOf(item: WireItem): string {
    const names = this.#options.overwriteByKeys;
    if (names === undefined || names.length === 0) return String(this.#sequence++);
    return JSON.stringify(names.map((name) => identity(name, item[name])));
  }

  /** One batch after the other: two at once could write the older of two puts last. Whoever waits shares the outcome. */
  #write(): Promise<void> {
    this.#writing ??= this.#writeBatches().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeBatches(): Promise<void> {
    while (this.#buffer.size >= (this.#flushing ? 1 : BATCH_ITEMS)) {
      const batch = [...this.#buffer].slice(0, BATCH_ITEMS);
      for (const [key] of batch) this.#buffer.delete(key);
      await this.#writeBatch(batch);
    }
  }

  async #writeBatch(batch: readonly [string, WriteRequest][]): Promise<void> {
    let left = batch.map(([, request]) => request);
    const { signal } = this.#options;
    try {
      for (let fruitless = 0; left.length > 0; ) {
        const output = await this.#client.batchWriteItem(
          { RequestItems: { [this.#table]: left } },
          { signal },
        );
        const unprocessed = (output.UnprocessedItems?.[this.#table] ?? []) as WriteRequest[];
        fruitless = unprocessed.length < left.length ? 0 : fruitless + 1;
        left = unprocessed;
        if (left.length === 0) return;
        if (fruitless === MAX_FRUITLESS) throw unprocessedError(this.#table, left.length);
        await sleep(Math.random() * Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** (fruitless + 1)), signal);
      }
    } catch (error) {
      this.#putBack(batch, left);
      throw error;
    }
  }

  /** What failed goes first again, but for what a later request of the same key replaces. */
  #putBack(batch: readonly [string, WriteRequest][], left: readonly WriteRequest[]): void {
    const keys = this.#options.overwriteByKeys?.length ? undefined : batch.map(([key]) => key);
    const failed = left.map((request, index): [string, WriteRequest] => {
      const item = "PutRequest" in request ? request.PutRequest.Item : request.DeleteRequest.Key;
      return [keys?.[index] ?? this.#keyOf(item), request];
    });
    this.#buffer = new Map([...failed.filter(([key]) => !this.#buffer.has(key)), ...this.#buffer]);
  }
}

/** The callback form: what the callback has put is written when this resolves. */
export async function writeWith<R>(
  writer: BatchWriter,
  write: (writer: BatchWriter) => R | Promise<R>,
): Promise<R> {
  let result: R;
  try {
    result = await write(writer);
  } catch (error) {
    // As boto3: what was put before the failure is written, and the failure is what the caller learns of.
    await writer.flush().catch(() => undefined);
    throw error;
  }
  await writer.flush();
  return result;
}

/** One text for each key value: 1 and 1.0 are the same number. */
function identity(name: string, value: AttributeValueInput | undefined): unknown {
  if (value?.N !== undefined) return ["N", canonicalNumber(value.N)];
  if (value?.S !== undefined) return ["S", value.S];
  if (value?.B !== undefined) return ["B", [...(value.B as Uint8Array)]];
  throw invalidInput(`Cannot batch: the item has no key attribute "${name}", which overwriteByKeys names`);
}

function unprocessedError(table: string, count: number): CloudError {
  return new CloudError(
    `Cannot write to ${table}: ${count} items came back unprocessed ${MAX_FRUITLESS} times in a row`,
    {
      kind: "throttled",
      code: "UnprocessedItems",
      cloud: "aws",
      service: "dynamodb",
      operation: "BatchWriteItem",
    },
  );
}
