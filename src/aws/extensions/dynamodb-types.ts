/** Types of DynamoDB's object layer: those of the client with native values in the place of attribute values. */
import type { PageOptions } from "../../client/types.js";
import type {
  AttributeValue,
  AttributeValueInput,
  BatchGetItemInput,
  BatchGetItemOutput,
  BatchWriteItemInput,
  BatchWriteItemOutput,
  DeleteItemInput,
  DeleteItemOutput,
  GetItemInput,
  GetItemOutput,
  PutItemInput,
  PutItemOutput,
  QueryInput,
  QueryOutput,
  ScanInput,
  ScanOutput,
  UpdateItemInput,
  UpdateItemOutput,
} from "../../gen/aws/dynamodb.js";
import type { Action } from "../resource/types.js";
import type { BatchWriter, BatchWriterOptions } from "./dynamodb-batch-writer.js";
import type { Expression } from "./dynamodb-condition.js";
import type { NativeItem, NativeValue } from "./dynamodb-value.js";

/** An input with native values, and conditions where the client takes the text of an expression. */
export type NativeInput<T> = {
  [K in keyof T]: K extends "KeyConditionExpression"
    ? string | Expression<"key"> | Extract<T[K], undefined>
    : K extends "ConditionExpression" | "FilterExpression"
      ? string | Expression | Extract<T[K], undefined>
      : NativeMember<T[K]>;
};

type NativeMember<T> = T extends AttributeValueInput
  ? NativeValue
  : T extends Record<string, AttributeValueInput>
    ? NativeItem
    : T extends (infer E)[]
      ? NativeMember<E>[]
      : T extends object
        ? NativeInput<T>
        : T;

/** An output with native values; items are of the type that the caller says. */
export type NativeOutput<T, Item = Record<string, NativeValue>> = T extends AttributeValue
  ? NativeValue
  : T extends Record<string, AttributeValue>
    ? Item
    : T extends Date | Uint8Array
      ? T
      : T extends object
        ? { [K in keyof T]: NativeOutput<T[K], Item> }
        : T;

type Row = Record<string, NativeValue>;
type OfTable<I> = Omit<NativeInput<I>, "TableName"> & { readonly TableName?: string };

export interface TableQuery {
  /** One page. Items are of type `Item`: say which, or narrow what comes. */
  <Item = Row>(input: OfTable<QueryInput>): Promise<NativeOutput<QueryOutput, Item>>;
  pages<Item = Row>(
    input: OfTable<QueryInput>,
    options?: PageOptions,
  ): AsyncGenerator<NativeOutput<QueryOutput, Item>, void, undefined>;
  /** Each item, fetched page by page as they are consumed. */
  items<Item = Row>(input: OfTable<QueryInput>, options?: PageOptions): AsyncGenerator<Item, void, undefined>;
}

export interface TableScan {
  /** One page. Items are of type `Item`: say which, or narrow what comes. */
  <Item = Row>(input?: OfTable<ScanInput>): Promise<NativeOutput<ScanOutput, Item>>;
  pages<Item = Row>(
    input?: OfTable<ScanInput>,
    options?: PageOptions,
  ): AsyncGenerator<NativeOutput<ScanOutput, Item>, void, undefined>;
  /** Each item, fetched page by page as they are consumed. */
  items<Item = Row>(input?: OfTable<ScanInput>, options?: PageOptions): AsyncGenerator<Item, void, undefined>;
}

/** Members of `table`, which the generated declarations leave to this interface. */
export interface DynamoDBTableMethods {
  getItem<Item = Row>(input: OfTable<GetItemInput>): Promise<NativeOutput<GetItemOutput, Item>>;
  putItem<Item = Row>(input: OfTable<PutItemInput>): Promise<NativeOutput<PutItemOutput, Item>>;
  updateItem<Item = Row>(input: OfTable<UpdateItemInput>): Promise<NativeOutput<UpdateItemOutput, Item>>;
  deleteItem<Item = Row>(input: OfTable<DeleteItemInput>): Promise<NativeOutput<DeleteItemOutput, Item>>;
  readonly query: TableQuery;
  readonly scan: TableScan;
  /** Puts and deletions, sent 25 at a time. End it by `flush()`, or take it by `await using`. */
  batchWriter(options?: BatchWriterOptions): BatchWriter;
  /** The same for the length of a callback: all is written when this resolves. */
  batchWriter<R>(options: BatchWriterOptions, write: (writer: BatchWriter) => R | Promise<R>): Promise<R>;
}

export interface DynamoDBResourceMethods {
  batchGetItem: Action<NativeInput<BatchGetItemInput>, never, NativeOutput<BatchGetItemOutput>>;
  batchWriteItem: Action<NativeInput<BatchWriteItemInput>, never, NativeOutput<BatchWriteItemOutput>>;
}
