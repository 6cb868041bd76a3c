/** Downloads of whole objects, checked against the CRC32C that Storage states while they are read. */
import { type Body, createBody } from "../http/body.js";
import { verifiedBody } from "../http/checksum/verify.js";
import type { HttpResponse } from "../http/message.js";
import type { Values } from "../protocol/protocol.js";

/** The output with a body that fails at its end when the bytes are not what was stored. */
export function validatedDownload(output: Values, { status, headers }: HttpResponse): Values {
  const crc32c = /(?:^|,\s*)crc32c=([^,\s]+)/.exec(headers["x-goog-hash"] ?? "")?.[1];
  // The sum is of the stored bytes: a part, or an object that was decompressed on the way, cannot be checked by it.
  const stored = headers["x-goog-stored-content-encoding"] ?? "identity";
  const isAsStored = stored === "identity" || headers["content-encoding"] === stored;
  if (status !== 200 || crc32c === undefined || !isAsStored) return output;
  const body = output.media as Body;
  return { ...output, media: createBody(verifiedBody(body, "CRC32C", crc32c), body.contentLength) };
}
