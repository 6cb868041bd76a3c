/** A download that goes on from where it broke off, with the same generation of the object. */

import type { CallOptions } from "../../client/options.js";
import type { Body } from "../../client/types.js";
import type { ObjectsGetMediaRequest, Storage } from "../../gen/gcp/storage.js";
import { createBody } from "../../http/body.js";
import { streamBody } from "../../http/response-body.js";
import { isTransientTransportError } from "../../http/transport-error.js";
import { isCloudError } from "../../internal/cloud-error.js";

/** How often in a row a body may break without a byte gained. */
const ATTEMPTS_MAX = 5;

export interface Range {
  readonly start?: number | undefined;
  /** Included. */
  readonly end?: number | undefined;
}

/**
 * The body of an object or a range of it. One that arrives unbroken is checked against its CRC32C; one that was taken up
 * again has the right length and generation.
 */
export async function resumedDownload(
  storage: Storage,
  input: Omit<ObjectsGetMediaRequest, "range">,
  { start = 0, end }: Range,
  options: CallOptions,
): Promise<Body> {
  const isWhole = start === 0 && end === undefined;
  const first = await storage.objects.getMedia(
    isWhole ? input : { ...input, range: rangeOf(start, end) },
    options,
  );
  const { generation, storedContentEncoding = "identity" } = first;
  const source = first.media;
  // What is decompressed on the way has no ranges.
  if (generation === undefined || storedContentEncoding !== "identity") return source;
  const again = async (position: number): Promise<Body> => {
    const rest = { ...input, generation, range: rangeOf(start + position, end) };
    return (await storage.objects.getMedia(rest, options)).media;
  };
  let current = source;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let position = 0;
    for (let attempt = 1; ; attempt++) {
      try {
        for await (const chunk of current) {
          position += chunk.length;
          attempt = 1;
          yield chunk;
        }
        return;
      } catch (error) {
        options.signal?.throwIfAborted();
        if (position === source.contentLength) return;
        if (attempt >= ATTEMPTS_MAX || !isCloudError(error) || !isTransientTransportError(error)) throw error;
        current = await again(position);
      }
    }
  }
  return createBody(
    streamBody(chunks(), () => current.cancel()),
    source.contentLength,
  );
}

function rangeOf(start: number, end: number | undefined): string {
  return `bytes=${start}-${end ?? ""}`;
}
