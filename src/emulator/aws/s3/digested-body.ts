/** Bodies that are read whole (settings, lists of keys), checked against the digests that the request states. */
import { createHash } from "node:crypto";
import { bytesBody } from "../../../http/response-body.js";
import { ChunkedBody } from "../../chunked-body.js";
import type { Context, IncomingBody, IncomingRequest, Verified } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { verifyS3 } from "../verify.js";
import { type ChecksumAlgorithm, checkChecksums, checksumOf, trailingChecksums } from "./checksums.js";
import { checkMd5 } from "./errors.js";

/** Objects and parts are checked as they are stored; the checksum of a completed upload is the object's, not the body's. */
const CHECKED_BY_HANDLER = new Set(["PutObject", "UploadPart", "CompleteMultipartUpload"]);

export async function verifyRequest(request: IncomingRequest, context: Context): Promise<Verified> {
  const verified = await verifyS3(request, context);
  const { operation } = context;
  if (operation === undefined || CHECKED_BY_HANDLER.has(operation.name)) return verified;
  return { ...verified, body: new DigestedBody(verified.body ?? request.body, request.headers) };
}

class DigestedBody implements IncomingBody {
  readonly #source: IncomingBody;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(source: IncomingBody, headers: Readonly<Record<string, string>>) {
    this.#source = source;
    this.#headers = headers;
  }

  async bytes(limit?: number): Promise<Uint8Array> {
    const bytes = await this.#source.bytes(limit);
    if (bytes.length > 0) this.#check(bytes);
    return bytes;
  }

  cancel(): void {
    this.#source.cancel();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    yield* bytesBody(await this.bytes());
  }

  #check(bytes: Uint8Array): void {
    checkMd5(this.#headers["content-md5"], createHash("md5").update(bytes).digest());
    const stated = trailingChecksums(this.#headers);
    if (this.#source instanceof ChunkedBody) {
      for (const [algorithm, value] of trailingChecksums(this.#source.trailers)) stated.set(algorithm, value);
    }
    const stored = new StoredBytes([bytes]);
    const computed = new Map<ChecksumAlgorithm, string>();
    for (const algorithm of stated.keys()) computed.set(algorithm, checksumOf(algorithm, stored));
    checkChecksums(stated, computed);
  }
}
