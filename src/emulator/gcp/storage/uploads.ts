/**
 * Resumable uploads: begun by a POST that answers a URL, continued by PUTs of chunks to it, which may be lost and asked after.
 * https://cloud.google.com/storage/docs/performing-resumable-uploads
 */

import { gcpRestServer } from "../../../protocol/gcp-rest.js";
import type { EncodedResponse, Values } from "../../../protocol/protocol.js";
import { type Context, EmulatorError, type IncomingRequest } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { checkConditions } from "./conditions.js";
import { inserted } from "./objects.js";
import { type StorageStore, storageStore, type UploadSession } from "./store.js";
import { xmlAcl, xmlMetadata } from "./xml-metadata.js";

/** Every chunk but the last is a multiple of this. */
const CHUNK_UNIT_BYTES = 256 * 1024;
const METADATA_BYTES_MAX = 1024 * 1024;
const MULTIPART_BYTES_MAX = 2 * 1024 ** 3;

/** Answers what belongs to uploads; undefined for other requests. */
export async function answerUpload(
  request: IncomingRequest,
  context: Context,
): Promise<EncodedResponse | undefined> {
  if (!/^\/(resumable\/)?upload\//.test(request.path)) return undefined;
  const query = new URLSearchParams(request.query);
  const id = query.get("upload_id");
  if (id !== null) return continueUpload(id, request, context);
  if (context.operation?.name !== "objects.insert") return undefined;
  const uploadType = query.get("uploadType");
  if (uploadType === "resumable") return startUpload(request, context);
  if (uploadType === "multipart" || uploadType === "media") return uploadAtOnce(request, context, uploadType);
  throw new EmulatorError(
    "badRequest",
    "Invalid upload request: uploadType must be media, multipart or resumable",
    400,
  );
}

async function startUpload(request: IncomingRequest, context: Context): Promise<EncodedResponse> {
  const input = decode(request, context, await request.body.bytes(METADATA_BYTES_MAX));
  const store = context.store(storageStore);
  const bucket = store.bucket(String(input.bucket));
  const body = (input.body ?? {}) as Values;
  checkConditions(bucket.find(String(input.name ?? body.name ?? "")), input);
  const id = openSession(store, bucket.name, { ...input, headers: request.headers });
  const location = `${request.origin}${request.path}?${request.query}&upload_id=${id}`;
  return { status: 200, headers: { location, "x-guploader-uploadid": id, "content-length": "0" } };
}

/** The XML API's way: begun by a POST with `x-goog-resumable: start`. Undefined for other requests. */
export async function answerXmlResumable(
  request: IncomingRequest,
  context: Context,
  bucketName: string,
  name: string,
): Promise<EncodedResponse | undefined> {
  const id = new URLSearchParams(request.query).get("upload_id");
  if (id !== null) return continueUpload(id, request, context);
  const { headers } = request;
  if (request.method !== "POST" || headers["x-goog-resumable"] !== "start") return undefined;
  const store = context.store(storageStore);
  const bucket = store.bucket(bucketName);
  const conditions = { ifGenerationMatch: headers["x-goog-if-generation-match"] };
  checkConditions(bucket.find(name), conditions);
  const input = {
    ...conditions,
    bucket: bucketName,
    name,
    body: xmlMetadata(headers),
    predefinedAcl: xmlAcl(headers["x-goog-acl"]),
    kmsKeyName: headers["x-goog-encryption-kms-key-name"],
    headers,
  };
  const uploadId = openSession(store, bucketName, input);
  const location = `${request.origin}${request.path}?upload_id=${uploadId}`;
  return { status: 201, headers: { location, "x-guploader-uploadid": uploadId, "content-length": "0" } };
}

function openSession(store: StorageStore, bucket: string, input: UploadSession["input"]): string {
  const id = globalThis.crypto.randomUUID();
  store.uploads.set(id, { bucket, input, chunks: [], received: 0 });
  return id;
}

/** Whole objects are read without a limit of the pipeline's: `media` streams into the store. */
async function uploadAtOnce(
  request: IncomingRequest,
  context: Context,
  uploadType: string,
): Promise<EncodedResponse> {
  const isMultipart = uploadType === "multipart";
  const input = decode(
    request,
    context,
    isMultipart ? await request.body.bytes(MULTIPART_BYTES_MAX) : new Uint8Array(0),
  );
  const bucket = context.store(storageStore).bucket(String(input.bucket));
  const bytes = isMultipart
    ? StoredBytes.of(input.media as Uint8Array, context.memory)
    : await StoredBytes.read(request.body, context.memory);
  try {
    return respond(context, inserted(context, bucket, input, (input.body ?? {}) as Values, bytes));
  } catch (error) {
    context.memory.release(bytes.length);
    throw error;
  }
}

async function continueUpload(
  id: string,
  request: IncomingRequest,
  context: Context,
): Promise<EncodedResponse> {
  const store = context.store(storageStore);
  const session = store.uploads.get(id);
  if (session === undefined)
    throw new EmulatorError("notFound", "The upload session does not exist or is over.", 404);
  if (request.method === "DELETE") return cancel(store, id, session, context);
  if (session.done !== undefined) return respond(context, session.done);
  const range = contentRange(request.headers["content-range"]);
  if (range.start === undefined) {
    if (range.total !== undefined && range.total === session.received) return complete(session, context);
    return progress(session, request);
  }
  // Bytes that arrived before count once: a client that did not see the answer sends them again.
  if (range.start > session.received) return progress(session, request);
  const bytes = await readAvailable(request, session, range.start, context);
  session.received += bytes.length;
  session.chunks.push(bytes);
  const isLast = range.total !== undefined && session.received >= range.total;
  if (isLast || range.end === undefined) return complete(session, context);
  const isWhole = range.end + 1 === session.received;
  const size = range.end + 1 - range.start;
  if (isWhole && range.total === undefined && size % CHUNK_UNIT_BYTES !== 0) {
    drop(session, bytes, context);
    throw new EmulatorError(
      "invalid",
      `The chunk's size must be a multiple of ${CHUNK_UNIT_BYTES} bytes.`,
      400,
    );
  }
  return progress(session, request);
}

/** What arrives before the connection breaks is kept: that is what makes an upload resumable. */
async function readAvailable(
  request: IncomingRequest,
  session: UploadSession,
  start: number,
  context: Context,
): Promise<StoredBytes> {
  const chunks: Uint8Array[] = [];
  let skip = session.received - start;
  try {
    for await (const chunk of request.body) {
      const fresh = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - fresh.length;
      if (fresh.length === 0) continue;
      context.memory.reserve(fresh.length);
      chunks.push(Uint8Array.from(fresh));
    }
  } catch (error) {
    const kept = new StoredBytes(chunks);
    session.chunks.push(kept);
    session.received += kept.length;
    throw error;
  }
  return new StoredBytes(chunks);
}

function drop(session: UploadSession, bytes: StoredBytes, context: Context): void {
  session.chunks.pop();
  session.received -= bytes.length;
  context.memory.release(bytes.length);
}

/** `bytes 0-524287/*`, `bytes 0-9/10`, `bytes * /10`; without the header the request brings all that is left. */
function contentRange(header: string | undefined): { start?: number; end?: number; total?: number } {
  if (header === undefined) return { start: 0 };
  const match = /^bytes\s+(?:\*|(\d+)-(\d+|\*))\/(\d+|\*)$/.exec(header.trim());
  if (match === null)
    throw new EmulatorError("invalid", `Failed to parse Content-Range header: ${header}`, 400);
  const [, start, end, total] = match;
  return {
    ...(start !== undefined && { start: Number(start) }),
    ...(end !== undefined && end !== "*" && { end: Number(end) }),
    ...(total !== undefined && total !== "*" && { total: Number(total) }),
  };
}

function complete(session: UploadSession, context: Context): EncodedResponse {
  const bucket = context.store(storageStore).bucket(session.bucket);
  const bytes = StoredBytes.concat(session.chunks);
  session.done = inserted(context, bucket, session.input, (session.input.body ?? {}) as Values, bytes);
  session.chunks.length = 0;
  return respond(context, session.done);
}

/** 308 says: go on. Go's client asks for 200 in its place, as to net/http 308 is a redirect. */
function progress(session: UploadSession, request: IncomingRequest): EncodedResponse {
  const range: Record<string, string> =
    session.received === 0 ? {} : { range: `bytes=0-${session.received - 1}` };
  const headers = { ...range, "content-length": "0" };
  if (request.headers["x-guploader-no-308"] !== "yes") return { status: 308, headers };
  return { status: 200, headers: { ...headers, "x-http-status-code-override": "308" } };
}

function cancel(store: StorageStore, id: string, session: UploadSession, context: Context): EncodedResponse {
  store.uploads.delete(id);
  if (session.done === undefined) context.memory.release(session.received);
  // The client closed the request: Google's own answer to it.
  return { status: 499, headers: { "content-length": "0" } };
}

function decode(request: IncomingRequest, context: Context, body: Uint8Array): Values {
  const operation = context.operation;
  if (operation === undefined) throw new EmulatorError("badRequest", "Invalid upload request", 400);
  const { method, path, query, headers } = request;
  return gcpRestServer.decodeRequest(operation, { method, path, query, headers, body });
}

function respond(context: Context, resource: object): EncodedResponse {
  const headers = {
    "content-type": "application/json; charset=UTF-8",
    "x-guploader-uploadid": context.requestId,
  };
  return { status: 200, headers, body: JSON.stringify(resource) };
}
