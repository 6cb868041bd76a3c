/** ../shared/vectors/aws/cbor: bytes to values. */
import assert from "node:assert/strict";
import { isCloudError } from "../../src/internal/cloud-error.js";
import { CborTag, decodeCbor } from "../../src/protocol/codec/cbor.js";
import { type Case, equal, json, runSuite, VECTORS } from "./case.js";
import type { SuiteResult } from "./suite.js";

interface CborVector {
  readonly description: string;
  readonly input: string;
  readonly expect?: Expectation;
  readonly error?: boolean;
}

type Expectation = Readonly<Record<string, unknown>>;

const FOLDER = `${VECTORS}/aws/cbor`;

export const suite = "aws/cbor";

export function cases(): Case[] {
  const vectors = ["decode-success-tests.json", "decode-error-tests.json"].flatMap(
    (file) => json(`${FOLDER}/${file}`) as CborVector[],
  );
  return vectors.map(({ description, input, expect }, index) => ({
    name: `${index}: ${description}`,
    run() {
      const bytes = Buffer.from(input, "hex");
      if (expect !== undefined) equal(decodeCbor(bytes), expected(expect));
      else
        assert.throws(
          () => decodeCbor(bytes),
          (error) => isCloudError(error) && error.code === "BadResponse",
        );
    },
  }));
}

export function run(): Promise<SuiteResult> {
  return runSuite({ suite, cases });
}

function expected(expect: Expectation): unknown {
  const [[kind, value]] = Object.entries(expect) as [[string, unknown]];
  switch (kind) {
    case "null":
    case "undefined":
      return null;
    case "bytestring":
      return Uint8Array.from(value as number[]);
    case "list":
      return (value as Expectation[]).map(expected);
    case "map":
      return Object.fromEntries(
        Object.entries(value as Record<string, Expectation>).map(([name, each]) => [name, expected(each)]),
      );
    case "tag": {
      const { id, value: inner } = value as { id: number; value: Expectation };
      return new CborTag(exact(id), expected(inner));
    }
    case "float32":
      return new Float32Array(Uint32Array.of(value as number).buffer)[0];
    case "float64":
      return new Float64Array(BigUint64Array.of(BigInt(value as number)).buffer)[0];
    case "uint":
    case "negint":
      return exact(value as number);
    default:
      return value;
  }
}

/** JSON has rounded what is beyond the safe integers: the vectors' own numbers there are the ends of 64 bits. */
function exact(value: number): number | bigint {
  if (Number.isSafeInteger(value)) return value;
  return value > 0 ? 2n ** 64n - 1n : -(2n ** 64n) + 1n;
}
