/**
 * DynamoDB with native values: tables of the object layer, conditions, a batch writer, and the conversion alone for the client.
 * https://docs.aws.amazon.com/boto3/latest/guide/dynamodb.html
 */

import { coreOf } from "../../client/service.js";
import type { PageOptions } from "../../client/types.js";
import type { DynamoDB } from "../../gen/aws/dynamodb.js";
import type { Values } from "../../protocol/protocol.js";
import type { ResourceLayer } from "../resource/layer.js";
import type { Resource } from "../resource/resource.js";
import { BatchWriter, type BatchWriterOptions, writeWith } from "./dynamodb-batch-writer.js";
import { nativeOutput, wireInput } from "./dynamodb-convert.js";

export type { BatchWriter, BatchWriterOptions, UnwrittenRequest } from "./dynamodb-batch-writer.js";
export { Attr, type Attribute, type AttributePath, Expression, Key } from "./dynamodb-condition.js";
export { type NativeNumber, NumberValue } from "./dynamodb-number.js";
export {
  marshall,
  marshallValue,
  type NativeItem,
  type NativeValue,
  type UnmarshallOptions,
  unmarshall,
  unmarshallValue,
} from "./dynamodb-value.js";

/** The client has no methods of its own: values of its operations are in the wire form. */
export type DynamodbExtension = object;

const layer: ResourceLayer = {
  input: wireInput,
  output: nativeOutput,
  members: {
    Table: {
      get query() {
        return paged(this as unknown as Resource, "Query");
      },
      get scan() {
        return paged(this as unknown as Resource, "Scan");
      },
      batchWriter(options?: BatchWriterOptions, write?: (writer: BatchWriter) => unknown): unknown {
        const { client, identifiers } = (this as unknown as Resource).meta;
        const writer = new BatchWriter(client as DynamoDB, String(identifiers.Name), options);
        return write === undefined ? writer : writeWith(writer, write);
      },
    },
  },
};

export const dynamodbExtension = { "~resources": layer };

/** An operation on a table as a function with `pages` and `items`. */
function paged({ meta }: Resource, operation: "Query" | "Scan") {
  const filled = (input: Values): Values => ({ TableName: meta.identifiers.Name, ...input });
  async function* pages(input: Values = {}, options?: PageOptions): AsyncGenerator<Values, void, undefined> {
    const { model } = coreOf(meta.client);
    const { query, scan } = meta.client as DynamoDB;
    const { pages } = (operation === "Query" ? query : scan) as unknown as Record<"pages", typeof scan.pages>;
    const wire = wireInput(model, operation, filled(input)) as unknown as { TableName: string };
    for await (const page of pages(wire, options)) {
      yield nativeOutput(model, operation, page as unknown as Values);
    }
  }
  async function* items(input?: Values, options: PageOptions = {}): AsyncGenerator<unknown, void, undefined> {
    let left = options.maxItems ?? Number.POSITIVE_INFINITY;
    if (left <= 0) return;
    for await (const { Items = [] } of pages(input, options)) {
      for (const item of Items as unknown[]) {
        yield item;
        if (--left <= 0) return;
      }
    }
  }
  const call = (input: Values = {}) => meta.call(operation, filled(input));
  return Object.assign(call, { pages, items });
}
