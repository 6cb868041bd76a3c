/** ../shared/vectors/aws/timestamps.json: each format parsed and formatted. */
import assert from "node:assert/strict";
import {
  formatIso8601,
  formatRfc822,
  formatUnix,
  type Instant,
  parseIso8601,
  parseRfc822,
  parseUnix,
} from "../../src/protocol/codec/timestamp.js";
import { type Case, equal, json, runSuite, VECTORS } from "./case.js";
import type { SuiteResult } from "./suite.js";

interface TimestampVector {
  readonly iso8601: string;
  readonly canonical_seconds: string;
  readonly canonical_nanos: number;
  readonly error: boolean;
  readonly smithy_format_value?: string;
}

const FORMATS: Readonly<Record<string, (instant: Instant) => string>> = {
  format_epoch_seconds: formatUnix,
  format_http_date: formatRfc822,
  format_date_time: formatIso8601,
};
const PARSERS: Readonly<Record<string, (text: string) => Instant | undefined>> = {
  parse_epoch_seconds: parseUnix,
  parse_http_date: parseRfc822,
  parse_date_time: parseIso8601,
};

export const suite = "aws/timestamps";

export function cases(): Case[] {
  const sections = json(`${VECTORS}/aws/timestamps.json`) as Record<string, TimestampVector[]>;
  return [...Object.keys(FORMATS), ...Object.keys(PARSERS)].flatMap((section) =>
    (sections[section] ?? []).map((vector, index) => ({
      name: `${section} ${index}: ${vector.iso8601}`,
      run: () => check(section, vector),
    })),
  );
}

export function run(): Promise<SuiteResult> {
  return runSuite({ suite, cases });
}

function check(section: string, vector: TimestampVector): void {
  const instant = { seconds: Number(vector.canonical_seconds), nanos: vector.canonical_nanos };
  const text = vector.smithy_format_value ?? "";
  const parse = PARSERS[section];
  if (parse !== undefined) {
    equal(parse(text), vector.error ? undefined : instant);
    return;
  }
  const format = FORMATS[section] as (instant: Instant) => string;
  if (vector.error) assert.throws(() => format(instant));
  else equal(format(instant), text);
}
