/** ../shared/vectors/aws/event-stream: frames to messages and back; damaged frames to errors. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import {
  decodeMessage,
  decodeMessages,
  type EventHeader,
  type EventMessage,
  encodeMessage,
} from "../../src/protocol/codec/event-stream.js";
import { type Case, equal, json, runSuite, VECTORS } from "./case.js";
import type { SuiteResult } from "./suite.js";

interface DecodedVector {
  readonly headers: readonly { readonly name: string; readonly type: number; readonly value: unknown }[];
  readonly payload: string;
}

const FOLDER = `${VECTORS}/aws/event-stream`;

export const suite = "aws/event-stream";

export function cases(): Case[] {
  const positive = readdirSync(`${FOLDER}/encoded/positive`).map((name) => ({
    name,
    run: () => checkGood(name),
  }));
  const negative = readdirSync(`${FOLDER}/encoded/negative`).map((name) => ({
    name,
    run: () => checkDamaged(name),
  }));
  return [...positive, ...negative];
}

export function run(): Promise<SuiteResult> {
  return runSuite({ suite, cases });
}

async function checkGood(name: string): Promise<void> {
  const frame = new Uint8Array(readFileSync(`${FOLDER}/encoded/positive/${name}`));
  const message = messageOf(json(`${FOLDER}/decoded/positive/${name}`) as DecodedVector);
  equal(decodeMessage(frame), message);
  equal(encodeMessage(message), frame);
  // The same out of a stream that is cut anywhere.
  const twice = Uint8Array.from([...frame, ...frame]);
  for (const size of [1, 7, frame.length + 3])
    equal(await all(decodeMessages(cut(twice, size))), [message, message]);
}

function checkDamaged(name: string): void {
  const frame = new Uint8Array(readFileSync(`${FOLDER}/encoded/negative/${name}`));
  const expected = readFileSync(`${FOLDER}/decoded/negative/${name}`, "utf8").trim();
  assert.throws(() => decodeMessage(frame), { code: "BadResponse", message: new RegExp(expected, "i") });
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function messageOf({ headers, payload }: DecodedVector): EventMessage {
  return {
    headers: Object.fromEntries(headers.map(({ name, type, value }) => [name, headerOf(type, value)])),
    payload: new Uint8Array(Buffer.from(payload, "base64")),
  };
}

function headerOf(type: number, value: unknown): EventHeader {
  const bytes = Buffer.from(String(value), "base64");
  switch (type) {
    case 0:
    case 1:
      return { type: "boolean", value: value as boolean };
    case 2:
      return { type: "byte", value: value as number };
    case 3:
      return { type: "short", value: value as number };
    case 4:
      return { type: "integer", value: value as number };
    case 5:
      return { type: "long", value: value as number };
    case 6:
      return { type: "blob", value: new Uint8Array(bytes) };
    case 7:
      return { type: "string", value: bytes.toString() };
    case 8:
      return { type: "timestamp", value: new Date(value as number) };
    default:
      return {
        type: "uuid",
        value: bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
      };
  }
}
