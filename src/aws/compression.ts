/** Request compression. https://docs.aws.amazon.com/sdkref/latest/guide/feature-compression.html */
import { isReplayable, readBody } from "../http/request-body.js";
import type { EncodedRequest } from "../protocol/protocol.js";
import type { Settings } from "./config/settings.js";

/** The request with its body as gzip, where it is long enough. A streamed body is sent as it is: its length is not known. */
export async function compressed(request: EncodedRequest, settings: Settings): Promise<EncodedRequest> {
  const { body, headers } = request;
  if (body === undefined || !isReplayable(body) || settings.get("disableRequestCompression")) return request;
  const bytes = await readBody(body);
  if (bytes.length < settings.get("requestMinCompressionSizeBytes")) return request;
  const { "content-length": _, ...rest } = headers;
  const encoding = rest["content-encoding"] ? `${rest["content-encoding"]},gzip` : "gzip";
  return { ...request, headers: { ...rest, "content-encoding": encoding }, body: await gzip(bytes) };
}

function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Response(stream).bytes();
}
