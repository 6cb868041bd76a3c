/** Page blobs: bytes of a fixed size, written in pages of 512. */
import type { Blob } from "../../../gen/azure/blob.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { checkRead } from "./conditions.js";
import { checkCustomerKey, customerKeyOf } from "./customer-key.js";
import { blobError } from "./errors.js";
import { metadataOf } from "./metadata.js";
import { type PageRange, within, withoutRange, withRange } from "./page-ranges.js";
import { rangeOf } from "./range.js";
import { headersOf, stated } from "./shown.js";
import { type BlobEntry, type BlobState, stateOf, touch } from "./store.js";
import { parseTags } from "./tags.js";
import {
  holdsOf,
  leaveToOthers,
  newState,
  openForReplace,
  openForRewrite,
  readUpload,
  replace,
  written,
} from "./write.js";

const PAGE_BYTES = 512;
const WRITE_BYTES_MAX = 4 * 1024 * 1024;
/** The service's own limit is 8 TiB; this is memory. */
const SIZE_MAX = 1024 ** 3;

export const pageHandlers: Handlers<Blob> = {
  createPageBlob(input, context) {
    const size = pageAligned(input.blobContentLength);
    const entry = openForReplace(input, context);
    context.memory.reserve(size);
    const state = newState(context, "PageBlob", new StoredBytes([new Uint8Array(size)]), {
      headers: { contentType: "application/octet-stream", ...stated(headersOf(input)) },
      metadata: metadataOf(input),
      tags: parseTags(input.blobTagsString),
      sequenceNumber: input.blobSequenceNumber ?? 0,
      customerKey: customerKeyOf(input),
      ...holdsOf(input),
    });
    replace(context, entry, state);
    return written(state);
  },

  async putPage(input, context) {
    const { bytes, md5, crc64 } = await readUpload(
      input.body,
      context,
      input.transactionalContentMD5,
      input.transactionalContentCrc64,
    );
    // Copied into the blob's own bytes, which were counted when it was made.
    context.memory.release(bytes.length);
    const entry = openForRewrite(input, context);
    const { current } = entry;
    const range = pagesOf(input.range ?? context.request.headers.range, current);
    checkSequence(input, current);
    checkCustomerKey(current, input);
    if (range.end - range.start !== bytes.length || bytes.length > WRITE_BYTES_MAX)
      throw blobError("InvalidPageRange");
    overwrite(context, entry, range, bytes.bytes());
    touch(current, context);
    return {
      ...written(current),
      contentMD5: md5,
      xMsContentCrc64: crc64,
      blobSequenceNumber: current.sequenceNumber,
    };
  },

  clearPages(input, context) {
    const entry = openForRewrite(input, context);
    const { current } = entry;
    const range = pagesOf(input.range ?? context.request.headers.range, current);
    checkSequence(input, current);
    checkCustomerKey(current, input);
    overwrite(context, entry, range, new Uint8Array(range.end - range.start));
    current.pages = withoutRange(current.pages, range);
    touch(current, context);
    return {
      etag: current.etag,
      lastModified: current.lastModified,
      blobSequenceNumber: current.sequenceNumber,
    };
  },

  getPageRanges(input, context) {
    const state = stateOf(context, input);
    if (state.type !== "PageBlob") throw blobError("InvalidBlobType");
    checkRead(input, state);
    return {
      etag: state.etag,
      lastModified: state.lastModified,
      blobContentLength: state.bytes.length,
      pageRange: shownRanges(within(state.pages, askedRange(state, input.range, context))),
    };
  },

  getPageRangesDiff(input, context) {
    const state = stateOf(context, input);
    if (state.type !== "PageBlob") throw blobError("InvalidBlobType");
    checkRead(input, state);
    const before = stateOf(context, { ...input, snapshot: input.prevsnapshot });
    const range = askedRange(state, input.range, context);
    return {
      etag: state.etag,
      lastModified: state.lastModified,
      blobContentLength: state.bytes.length,
      pageRange: shownRanges(changedPages(before, state, range)),
      clearRange: shownRanges(state.pages.reduce(withoutRange, within(before.pages, range))),
    };
  },

  resizePageBlob(input, context) {
    const entry = openForRewrite(input, context);
    const { current } = entry;
    if (current.type !== "PageBlob") throw blobError("InvalidBlobType");
    checkCustomerKey(current, input);
    const size = pageAligned(input.blobContentLength);
    const bytes = new Uint8Array(size);
    bytes.set(current.bytes.bytes().subarray(0, size));
    leaveToOthers(context, entry);
    if (size > current.bytes.length) context.memory.reserve(size - current.bytes.length);
    else context.memory.release(current.bytes.length - size);
    current.bytes = new StoredBytes([bytes]);
    current.pages = within(current.pages, { start: 0, end: size });
    touch(current, context);
    return {
      etag: current.etag,
      lastModified: current.lastModified,
      blobSequenceNumber: current.sequenceNumber,
    };
  },

  updatePageBlobSequenceNumber(input, context) {
    const { current } = openForRewrite(input, context);
    if (current.type !== "PageBlob") throw blobError("InvalidBlobType");
    current.sequenceNumber = nextSequence(current, input.sequenceNumberAction, input.blobSequenceNumber);
    touch(current, context);
    return {
      etag: current.etag,
      lastModified: current.lastModified,
      blobSequenceNumber: current.sequenceNumber,
    };
  },
};

function nextSequence({ sequenceNumber }: BlobState, action: string, wanted: number | undefined): number {
  if (action === "increment") return sequenceNumber + 1;
  if (wanted === undefined) throw blobError("InvalidHeaderValue");
  return action === "max" ? Math.max(sequenceNumber, wanted) : wanted;
}

interface SequenceConditions {
  readonly ifSequenceNumberLessThan?: number | undefined;
  readonly ifSequenceNumberLessThanOrEqualTo?: number | undefined;
  readonly ifSequenceNumberEqualTo?: number | undefined;
}

export function checkSequence(conditions: SequenceConditions, { sequenceNumber }: BlobState): void {
  const {
    ifSequenceNumberLessThan: less,
    ifSequenceNumberLessThanOrEqualTo: most,
    ifSequenceNumberEqualTo: equal,
  } = conditions;
  const met =
    (less === undefined || sequenceNumber < less) &&
    (most === undefined || sequenceNumber <= most) &&
    (equal === undefined || sequenceNumber === equal);
  if (!met) throw blobError("SequenceNumberConditionNotMet");
}

function pageAligned(size: number): number {
  if (size % PAGE_BYTES !== 0)
    throw blobError("InvalidHeaderValue", "The size of a page blob must be a multiple of 512.");
  if (size > SIZE_MAX)
    throw new EmulatorError(
      "NotImplemented",
      `The emulator holds page blobs of at most ${SIZE_MAX} bytes`,
      501,
    );
  return size;
}

export function pagesOf(header: string | undefined, state: BlobState): PageRange {
  if (state.type !== "PageBlob") throw blobError("InvalidBlobType");
  const parsed = /^bytes=(\d+)-(\d+)$/.exec(header ?? "");
  if (parsed === null) throw blobError("InvalidPageRange");
  const start = Number(parsed[1]);
  const end = Number(parsed[2]) + 1;
  if (start % PAGE_BYTES !== 0 || end % PAGE_BYTES !== 0 || end <= start || end > state.bytes.length)
    throw blobError("InvalidPageRange");
  return { start, end };
}

/** A new array: snapshots and reads in flight keep the old one. */
export function overwrite(
  context: Context,
  entry: BlobEntry & { current: BlobState },
  { start }: PageRange,
  bytes: Uint8Array,
): void {
  const all = entry.current.bytes.bytes().slice();
  all.set(bytes, start);
  leaveToOthers(context, entry);
  entry.current.bytes = new StoredBytes([all]);
  entry.current.pages = withRange(entry.current.pages, { start, end: start + bytes.length });
}

/** What is asked about, to whole pages. */
function askedRange({ bytes }: BlobState, range: string | undefined, { request }: Context): PageRange {
  const { start, end } = rangeOf(range ?? request.headers.range, bytes.length) ?? {
    start: 0,
    end: bytes.length,
  };
  return { start: start - (start % PAGE_BYTES), end: Math.ceil(end / PAGE_BYTES) * PAGE_BYTES };
}

/** Pages that are written now, and were not or with other bytes. */
function changedPages(before: BlobState, after: BlobState, range: PageRange): PageRange[] {
  const old = before.bytes.bytes();
  const bytes = after.bytes.bytes();
  let changed: PageRange[] = [];
  for (const written of within(after.pages, range)) {
    for (let { start } = written; start < written.end; start += PAGE_BYTES) {
      const page = { start, end: start + PAGE_BYTES };
      const was = within(before.pages, page).length > 0;
      const isSame = Buffer.compare(bytes.subarray(start, page.end), old.subarray(start, page.end)) === 0;
      if (!was || !isSame) changed = withRange(changed, page);
    }
  }
  return changed;
}

/** Their last byte is told, not the one behind it. */
function shownRanges(ranges: readonly PageRange[]): { start: number; end: number }[] {
  return ranges.map(({ start, end }) => ({ start, end: end - 1 }));
}
