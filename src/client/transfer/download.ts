/** Downloads in ranges, into a file in any order or into a stream in order. */

import { type Body, createBody } from "../../http/body.js";
import { type Checksum, createChecksum, fromBase64, toBase64 } from "../../http/checksum/checksum.js";
import { type CombinableAlgorithm, combineCrc } from "../../http/checksum/combine.js";
import { verifiedBody } from "../../http/checksum/verify.js";
import { streamBody } from "../../http/response-body.js";
import { isTransientTransportError } from "../../http/transport-error.js";
import { CloudError, isCloudError } from "../../internal/cloud-error.js";
import { FileSink } from "./file-sink.js";
import {
  adoptState,
  clearState,
  DEFAULT_BODY_ATTEMPTS,
  DEFAULT_CONCURRENCY,
  DEFAULT_PART_BYTES,
  DEFAULT_THRESHOLD_BYTES,
  type TransferOptions,
} from "./options.js";
import { Pace } from "./pace.js";
import { inOrder, inParallel } from "./parallel.js";
import { type Part, planParts } from "./parts.js";

/** One version of a remote object. */
export interface DownloadSource {
  readonly size: number;
  /** Names exactly this content (an ETag, a generation). */
  readonly version: string;
  /** Of the whole content, base64, where the service tells it: what is put together out of parts is compared with it. */
  readonly checksum?: { readonly algorithm: CombinableAlgorithm; readonly expected: string } | undefined;
  /** The bytes from `offset` on, `length` of them; the whole object when both are undefined. Fails when the version is gone. */
  open(
    range: { offset: number; length: number } | undefined,
    signal: AbortSignal | undefined,
  ): Promise<AsyncIterable<Uint8Array>>;
}

/** Into `path`: complete under that name, or not there at all. */
export async function downloadToFile(
  source: DownloadSource,
  path: string,
  options: TransferOptions,
): Promise<void> {
  const { signal, concurrency = DEFAULT_CONCURRENCY, state } = options;
  const pace = new Pace(options, source.size);
  const partBytes = partBytesOf(source, options);
  const resumed = state !== undefined && adoptState(state, `${source.version}:${source.size}`, partBytes);
  const sink = await FileSink.create(path, source.size, resumed ? state?.id : undefined);
  if (state !== undefined) state.id = sink.temporaryPath;
  const done = state?.parts ?? {};
  // A temporary file that was removed meanwhile has none of the parts.
  if (!sink.resumed) for (const number in done) delete done[number];
  try {
    await inParallel(planParts(source.size, partBytes), concurrency, signal, async (part, inner) => {
      if (part.number in done) return pace.count(part.length);
      const writer = sink.partWriter();
      let sum = partChecksum(source, part);
      await fetchPart(source, part, options, pace, inner, (bytes, position) => {
        if (position === part.offset) sum = partChecksum(source, part);
        sum?.update(bytes);
        return writer.write(bytes, position);
      });
      await writer.flush();
      done[part.number] = sum === undefined ? "" : toBase64(sum.digest());
    });
    compareWhole(source, planParts(source.size, partBytes), done);
    await sink.commit();
    if (state !== undefined) clearState(state);
  } catch (error) {
    // Damaged parts are no good to go on with.
    const keep = state !== undefined && (error as CloudError).code !== "ChecksumMismatch";
    if (state !== undefined && !keep) clearState(state);
    await (keep ? sink.close() : sink.discard());
    throw error;
  }
}

/** As one body in order, fetched ahead by up to `concurrency` parts. */
export function downloadAsBody(source: DownloadSource, options: TransferOptions): Body {
  const { signal, concurrency = DEFAULT_CONCURRENCY } = options;
  const pace = new Pace(options, source.size);
  const stop = new AbortController();
  const parts = planParts(source.size, partBytesOf(source, options));
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const chunks = inOrder(parts, concurrency, both, async (part, inner) => {
    const bytes = new Uint8Array(part.length);
    await fetchPart(source, part, options, pace, inner, (chunk, position) =>
      bytes.set(chunk, position - part.offset),
    );
    return bytes;
  });
  const body = streamBody(chunks, () => stop.abort());
  const { checksum, size } = source;
  const inParts = checksum !== undefined && size > partBytesOf(source, options);
  return createBody(inParts ? verifiedBody(body, checksum.algorithm, checksum.expected) : body, size);
}

/** A part that is the whole object is checked by whoever opened it. */
function partChecksum({ checksum, size }: DownloadSource, part: Part): Checksum | undefined {
  return checksum === undefined || part.length === size ? undefined : createChecksum(checksum.algorithm);
}

function compareWhole(
  { checksum, size }: DownloadSource,
  parts: Iterable<Part>,
  sums: Record<number, unknown>,
): void {
  if (checksum === undefined) return;
  const { algorithm, expected } = checksum;
  let whole: Uint8Array | undefined;
  for (const part of parts) {
    if (part.length === size) return;
    const sum = fromBase64(sums[part.number] as string);
    whole = whole === undefined ? sum : combineCrc(algorithm, whole, sum, part.length);
  }
  if (whole === undefined || toBase64(whole) === expected) return;
  const message = `The download is damaged: its ${algorithm} is ${toBase64(whole)}, the service says ${expected}`;
  throw new CloudError(message, { kind: "unavailable", code: "ChecksumMismatch" });
}

function partBytesOf({ size }: DownloadSource, options: TransferOptions): number {
  if (size < (options.thresholdBytes ?? DEFAULT_THRESHOLD_BYTES)) return Math.max(size, 1);
  return options.partBytes ?? DEFAULT_PART_BYTES;
}

/** Fetches a part; where its body breaks off it is taken up again from there. */
async function fetchPart(
  source: DownloadSource,
  part: Part,
  options: TransferOptions,
  pace: Pace,
  signal: AbortSignal,
  write: (bytes: Uint8Array, position: number) => Promise<void> | void,
): Promise<void> {
  const attemptsMax = options.bodyAttempts ?? DEFAULT_BODY_ATTEMPTS;
  const end = part.offset + part.length;
  let position = part.offset;
  for (let attempt = 1; ; attempt++) {
    const whole = position === 0 && end === source.size;
    const body = await source.open(whole ? undefined : { offset: position, length: end - position }, signal);
    try {
      for await (const chunk of body) {
        if (position + chunk.length > end) throw wrongLength(part, "more");
        if (pace.limited) await pace.admit(chunk.length, signal);
        await write(chunk, position);
        position += chunk.length;
        pace.count(chunk.length);
      }
      if (position < end) throw wrongLength(part, "fewer");
      return;
    } catch (error) {
      if (signal.aborted || attempt >= attemptsMax || !mayGoBetter(error)) throw error;
      // Damage may lie anywhere in what came.
      if ((error as CloudError).code === "ChecksumMismatch") {
        pace.count(part.offset - position);
        position = part.offset;
      }
    }
  }
}

function mayGoBetter(error: unknown): boolean {
  return isCloudError(error) && (isTransientTransportError(error) || error.code === "ChecksumMismatch");
}

function wrongLength(part: Part, relation: "more" | "fewer"): CloudError {
  const message = `The service answered ${relation} bytes than the ${part.length} asked for`;
  return new CloudError(message, { kind: "unavailable", code: "BodyTruncated" });
}
