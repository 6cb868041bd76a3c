/** What both protocol suites share: the service models of the vectors, and their values as ours. */
import { readdirSync, readFileSync } from "node:fs";
import type { BotocoreOperation, BotocoreService } from "../../codegen/aws/botocore.js";
import { importService } from "../../codegen/aws/import.js";
import type { ProtocolName } from "../../src/model/ir.js";
import { Model, type OperationModel, type Shape } from "../../src/model/model.js";
import { pack } from "../../src/model/pack.js";
import { awsCbor } from "../../src/protocol/aws-cbor.js";
import { awsJson } from "../../src/protocol/aws-json.js";
import { awsEc2, awsQuery } from "../../src/protocol/aws-query.js";
import { awsRestJson } from "../../src/protocol/aws-rest-json.js";
import { awsRestXml } from "../../src/protocol/aws-rest-xml.js";
import type { Protocol } from "../../src/protocol/protocol.js";
import { VECTORS } from "./case.js";

const FOLDER = `${VECTORS}/aws/protocols`;

const PROTOCOLS: Partial<Record<ProtocolName, Protocol>> = {
  "aws-cbor": awsCbor,
  "aws-json": awsJson,
  "aws-ec2": awsEc2,
  "aws-query": awsQuery,
  "aws-rest-json": awsRestJson,
  "aws-rest-xml": awsRestXml,
};

interface Description<C> extends BotocoreService {
  readonly clientEndpoint?: string;
  readonly cases: readonly C[];
}

export interface Vector<C> {
  /** File and id, with a number where the id comes again. */
  readonly name: string;
  readonly vector: C;
  readonly clientEndpoint: string | undefined;
  operation(): { operation: OperationModel; protocol: Protocol };
}

/** Every case of the folder's files. */
export function vectors<C extends { readonly id: string; readonly given: BotocoreOperation }>(
  direction: "input" | "output",
): Vector<C>[] {
  const names = new Map<string, number>();
  return readdirSync(`${FOLDER}/${direction}`).flatMap((file) =>
    (exactJson(`${FOLDER}/${direction}/${file}`) as Description<C>[]).flatMap((description) =>
      description.cases.map((vector): Vector<C> => {
        const id = `${file.replace(".json", "")} ${vector.id}`;
        const count = (names.get(id) ?? 0) + 1;
        names.set(id, count);
        return {
          name: count === 1 ? id : `${id} ${count}`,
          vector,
          clientEndpoint: description.clientEndpoint,
          operation: () => load(description, vector.given),
        };
      }),
    ),
  );
}

function load(description: Description<unknown>, given: BotocoreOperation) {
  const { output, name } = given;
  // The vectors of query leave out the wrapper that every model of the protocol names.
  const wrapped = description.metadata.protocol === "query" &&
    output && { ...output, resultWrapper: `${name}Result` };
  const service = {
    ...description,
    operations: { [name]: { ...given, ...(wrapped && { output: wrapped }) } },
  };
  const model = new Model(pack(importService({ id: "vectors", service })));
  const operation = model.operation(given.name);
  const protocol = PROTOCOLS[model.service.protocol];
  if (operation === undefined || protocol === undefined) throw new Error(`Cannot load ${given.name}`);
  return { operation, protocol };
}

/** A value of a vector as ours: numbers that JSON cannot hold, and for outputs bytes and dates. */
export function ours(shape: Shape | undefined, value: unknown, direction: "input" | "output"): unknown {
  if (shape === undefined || value === null || value === undefined) return value;
  switch (shape.type) {
    case "structure":
      return mapValues(value, (each, name) => ours(shape.member(name)?.shape, each, direction));
    case "map":
      return mapValues(value, (each) => ours(shape.element?.shape, each, direction));
    case "list":
      return (value as unknown[]).map((each) => ours(shape.element?.shape, each, direction));
    case "long":
      return typeof value === "string" ? BigInt(value) : value;
    case "float":
    case "double":
      return Number(value);
    case "blob":
      return direction === "output" ? new TextEncoder().encode(value as string) : value;
    case "timestamp":
      return direction === "output" ? new Date((value as number) * 1000) : value;
    default:
      return value;
  }
}

/** Integers that JSON.parse would round, as text. */
function exactJson(path: string): unknown {
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  return JSON.parse(
    readFileSync(path, "utf8").replace(tokens, (token) => (/^-?\d{17,}$/.test(token) ? `"${token}"` : token)),
  );
}

function mapValues(value: unknown, map: (each: unknown, name: string) => unknown): Record<string, unknown> {
  const entries = Object.entries(value as object);
  return Object.fromEntries(entries.map(([name, each]) => [name, map(each, name)]));
}
