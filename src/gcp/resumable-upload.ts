/**
 * Uploads in chunks to a session's URL. A chunk that fails is taken up where the service says that it has arrived to.
 * https://cloud.google.com/storage/docs/performing-resumable-uploads
 */

import { sleep } from "../client/deadline.js";
import type { CallOptions } from "../client/options.js";
import type { ClientCore } from "../client/service.js";
import type { HttpRequest, HttpResponse } from "../http/message.js";
import { isTransientTransportError } from "../http/transport-error.js";
import { CloudError, isCloudError, kindOfStatus } from "../internal/cloud-error.js";
import type { Values } from "../protocol/protocol.js";

/** Every chunk but the last is a multiple of this. */
export const CHUNK_UNIT_BYTES = 256 * 1024;
const ATTEMPTS_MAX = 6;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 20_000;
const RESUME_INCOMPLETE = 308;
const ANSWER_BYTES_MAX = 1024 * 1024;

export interface Chunk {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Size of the whole, once it is known: the chunk that reaches it ends the upload. */
  readonly total: number | undefined;
}

/** Sends a chunk; answers the object when the upload is complete with it. */
export async function sendChunk(
  core: ClientCore,
  url: string,
  chunk: Chunk,
  options: CallOptions = {},
): Promise<Values | undefined> {
  const { total, bytes } = chunk;
  const end = chunk.offset + bytes.length;
  let from = chunk.offset;
  // An attempt that brings the upload forward does not count: only standing still gives up.
  for (let attempt = 1; ; attempt++) {
    const failure = await attemptChunk(
      core,
      url,
      { offset: from, bytes: bytes.subarray(from - chunk.offset), total },
      options,
    );
    if (!("error" in failure)) return failure.object;
    if (attempt >= ATTEMPTS_MAX || !failure.transient) throw failure.error;
    await sleep(Math.random() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt), options.signal);
    const state = await askState(core, url, total, options);
    if (state === undefined) continue;
    if ("object" in state) return state.object;
    if (state.received < chunk.offset || state.received > end) throw failure.error;
    if (state.received > from) attempt = 0;
    from = state.received;
    if (from === end && total === undefined) return undefined;
  }
}

/** Ends an upload whose size was not known until now. */
export async function endUpload(
  core: ClientCore,
  url: string,
  total: number,
  options: CallOptions = {},
): Promise<Values> {
  const object = await sendChunk(core, url, { offset: total, bytes: new Uint8Array(0), total }, options);
  if (object === undefined)
    throw new CloudError("The service did not end the upload", { kind: "internal", code: "UploadNotEnded" });
  return object;
}

/** Forgets the upload: what was sent is dropped. */
export async function cancelUpload(core: ClientCore, url: string): Promise<void> {
  const response = await exchange(core, url, "DELETE", {}, undefined, {});
  response.body.cancel();
}

type Attempt =
  | { readonly object: Values | undefined }
  | { readonly error: CloudError; readonly transient: boolean };

async function attemptChunk(
  core: ClientCore,
  url: string,
  chunk: Chunk,
  options: CallOptions,
): Promise<Attempt> {
  const { offset, bytes, total } = chunk;
  const range = bytes.length === 0 ? "*" : `${offset}-${offset + bytes.length - 1}`;
  try {
    const headers = { "content-range": `bytes ${range}/${total ?? "*"}` };
    const response = await exchange(core, url, "PUT", headers, bytes, options);
    if (response.status === RESUME_INCOMPLETE) return incomplete(chunk, response);
    return await objectOf(response);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isCloudError(error)) return { error, transient: isTransientTransportError(error) };
    throw error;
  }
}

/** 308 is what a chunk in the middle is answered: when all of it arrived. */
function incomplete({ offset, bytes, total }: Chunk, response: HttpResponse): Attempt {
  response.body.cancel();
  const end = offset + bytes.length;
  if (receivedBytes(response) === end && total !== end) return { object: undefined };
  const error = new CloudError("The service took a part of the chunk only", {
    kind: "unavailable",
    code: "ChunkIncomplete",
    status: 308,
  });
  return { error, transient: true };
}

async function objectOf(response: HttpResponse): Promise<Attempt> {
  const text = new TextDecoder().decode(await response.body.bytes(ANSWER_BYTES_MAX));
  if (response.status === 200 || response.status === 201) return { object: JSON.parse(text) as Values };
  const { status } = response;
  const error = new CloudError(messageOf(text) ?? `The upload failed with status ${status}`, {
    kind: status === 404 || status === 410 ? "notFound" : kindOfStatus(status),
    code: status === 404 || status === 410 ? "UploadSessionOver" : "UploadFailed",
    status,
  });
  return { error, transient: status === 408 || status === 429 || (status >= 500 && status !== 501) };
}

/** How far the upload has come, or the object when it is complete; undefined when the question failed too. */
async function askState(
  core: ClientCore,
  url: string,
  total: number | undefined,
  options: CallOptions,
): Promise<{ readonly received: number } | { readonly object: Values } | undefined> {
  const asked = await attemptQuestion(core, url, { "content-range": `bytes */${total ?? "*"}` }, options);
  if (asked === undefined || "received" in asked) return asked;
  if ("error" in asked) {
    if (asked.transient) return undefined;
    throw asked.error;
  }
  return asked.object === undefined ? undefined : { object: asked.object };
}

async function attemptQuestion(
  core: ClientCore,
  url: string,
  headers: Record<string, string>,
  options: CallOptions,
): Promise<Attempt | { readonly received: number } | undefined> {
  try {
    const response = await exchange(core, url, "PUT", headers, new Uint8Array(0), options);
    if (response.status !== RESUME_INCOMPLETE) return await objectOf(response);
    response.body.cancel();
    return { received: receivedBytes(response) };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isCloudError(error) && isTransientTransportError(error)) return undefined;
    throw error;
  }
}

/** `Range: bytes=0-524287`; without it nothing has arrived. */
function receivedBytes(response: HttpResponse): number {
  const last = /^bytes=0-(\d+)$/.exec(response.headers.range ?? "")?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

/** The URL is its own authorization. Hooks see these requests as they see all others. */
async function exchange(
  core: ClientCore,
  url: string,
  method: string,
  headers: Record<string, string>,
  body: Uint8Array | undefined,
  options: CallOptions,
): Promise<HttpResponse> {
  const { origin, pathname, search } = new URL(url);
  const request: HttpRequest = {
    method,
    origin,
    path: pathname,
    query: search.slice(1),
    headers,
    ...(body !== undefined && { body }),
  };
  const { hooks, connectTimeoutMs, idleTimeoutMs } = core.options;
  const info = { cloud: "gcp", service: core.model.service.id, operation: "objects.insert", attempt: 1 };
  const early = await hooks?.onRequest?.(request, info);
  const response =
    early ??
    (await core.transport.send(request, { signal: options.signal, connectTimeoutMs, idleTimeoutMs }));
  await hooks?.onResponse?.(response, info);
  return response;
}

function messageOf(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } };
    return typeof error?.message === "string" ? error.message : undefined;
  } catch {
    return text === "" ? undefined : text.slice(0, 200);
  }
}
