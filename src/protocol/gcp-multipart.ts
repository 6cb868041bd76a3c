/** Google's multipart uploads, both directions: a part of metadata in JSON, a part of media. */

import type { RequestBody } from "../http/message.js";
import { isBlob, openBody } from "../http/request-body.js";
import { invalidInput } from "../internal/cloud-error.js";
import { concatBytes, decodeUtf8, encodeUtf8 } from "./codec/bytes.js";

export interface Multipart {
  readonly contentType: string;
  readonly body: RequestBody;
}

/** Media in memory stays in memory and so can be sent again; a stream stays a stream. */
export function encodeRelated(metadata: string, media: RequestBody, mediaType: string): Multipart {
  const boundary = `trivet-${globalThis.crypto.randomUUID()}`;
  const head = encodeUtf8(
    `--${boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${metadata}\r\n` +
      `--${boundary}\r\ncontent-type: ${mediaType}\r\n\r\n`,
  );
  const tail = encodeUtf8(`\r\n--${boundary}--\r\n`);
  return { contentType: `multipart/related; boundary=${boundary}`, body: surround(head, media, tail) };
}

function surround(head: Uint8Array, media: RequestBody, tail: Uint8Array): RequestBody {
  if (typeof media === "string") return concatBytes([head, encodeUtf8(media), tail]);
  if (media instanceof Uint8Array) return concatBytes([head, media, tail]);
  if (isBlob(media)) return new Blob([head as BlobPart, media, tail as BlobPart]);
  return stream(head, media, tail);
}

async function* stream(head: Uint8Array, media: RequestBody, tail: Uint8Array): AsyncGenerator<Uint8Array> {
  yield head;
  yield* openBody(media);
  yield tail;
}

export interface Part {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const PARTS_MAX = 1000;

/** The parts of a multipart body. Fails with `invalidInput` when it is not one. */
export function decodeMultipart(contentType: string, body: Uint8Array): Part[] {
  const boundary = /boundary=(?:"([^"]+)"|'([^']+)'|([^;\s]+))/i.exec(contentType)?.slice(1).find(Boolean);
  if (boundary === undefined) throw invalidInput("The multipart body has no boundary");
  const delimiter = encodeUtf8(`--${boundary}`);
  const parts: Part[] = [];
  let start = find(body, delimiter, 0);
  while (start !== -1 && parts.length < PARTS_MAX) {
    start += delimiter.length;
    if (body[start] === DASH && body[start + 1] === DASH) return parts;
    const next = find(body, delimiter, start);
    if (next === -1) break;
    parts.push(decodePart(body, afterLineEnd(body, start), beforeLineEnd(body, next)));
    start = next;
  }
  throw invalidInput("The multipart body is not closed");
}

const DASH = 0x2d;
const CR = 0x0d;
const LF = 0x0a;

function decodePart(body: Uint8Array, start: number, end: number): Part {
  const headers: Record<string, string> = {};
  let at = start;
  while (at < end) {
    const lineEnd = body.indexOf(LF, at);
    if (lineEnd === -1 || lineEnd >= end) break;
    const line = decodeUtf8(body.subarray(at, lineEnd)).trim();
    at = lineEnd + 1;
    if (line === "") return { headers, body: body.subarray(at, end) };
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  throw invalidInput("A part of the multipart body has no end of headers");
}

function afterLineEnd(body: Uint8Array, at: number): number {
  while (body[at] === 0x20) at++;
  return body[at] === CR ? at + 2 : at + 1;
}

function beforeLineEnd(body: Uint8Array, at: number): number {
  if (body[at - 1] !== LF) return at;
  return body[at - 2] === CR ? at - 2 : at - 1;
}

function find(body: Uint8Array, sought: Uint8Array, from: number): number {
  const first = sought[0] as number;
  const last = body.length - sought.length;
  for (let at = body.indexOf(first, from); at !== -1 && at <= last; at = body.indexOf(first, at + 1)) {
    let matched = 1;
    while (matched < sought.length && body[at + matched] === sought[matched]) matched++;
    if (matched === sought.length) return at;
  }
  return -1;
}
