/** Uploads in `aws-chunked` coding and with a signed hash: checked while a handler reads them. */
import { createHash } from "node:crypto";
import { type DecodedChunks, type DecodeOptions, decodeChunks } from "../auth/aws-chunked.js";
import type { GoodSignature } from "../auth/sigv4-verify.js";
import { collect } from "../http/response-body.js";
import { isCloudError } from "../internal/cloud-error.js";
import { EmulatorError, type IncomingBody, type IncomingRequest } from "./service.js";

/**
 * The body of a request signed as S3's are: decoded from chunks, or held against its signed hash; undefined: as it came.
 * `payloadHash` is the signed hash or the word in its place.
 */
export function signedBody(
  request: IncomingRequest,
  payloadHash: string | undefined,
  found: GoodSignature | undefined,
): IncomingBody | undefined {
  const { headers, body } = request;
  const decoded = headers["x-amz-decoded-content-length"];
  const chunked =
    payloadHash?.startsWith("STREAMING-") ||
    (decoded !== undefined && headers["content-encoding"]?.includes("aws-chunked"));
  if (chunked) {
    const signed = payloadHash?.startsWith("STREAMING-AWS4-HMAC") ? found?.seed : undefined;
    return new ChunkedBody(body, {
      seed: signed,
      decodedLength: decoded === undefined ? undefined : Number(decoded),
    });
  }
  if (payloadHash === undefined || !/^[0-9a-f]{64}$/.test(payloadHash) || found?.presigned) return undefined;
  return new HashedBody(body, payloadHash);
}

export class ChunkedBody implements IncomingBody {
  readonly #source: IncomingBody;
  readonly #chunks: DecodedChunks;

  constructor(source: IncomingBody, options: DecodeOptions) {
    this.#source = source;
    this.#chunks = decodeChunks(source, options);
  }

  /** Trailing headers: known once the body is read to its end. */
  get trailers(): Readonly<Record<string, string>> {
    return this.#chunks.trailers;
  }

  bytes(limit?: number): Promise<Uint8Array> {
    return collect(this, limit);
  }

  cancel(): void {
    this.#source.cancel();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#chunks;
    } catch (error) {
      if (!isCloudError(error)) throw error;
      // What cannot be read as chunks is to S3 a body that ends too early.
      const code = error.code === "InvalidChunk" ? "IncompleteBody" : error.code;
      throw new EmulatorError(code, error.message, code === "SignatureDoesNotMatch" ? 403 : 400);
    }
  }
}

/** A body whose SHA-256 is signed: the last byte is followed by its verdict. */
export class HashedBody implements IncomingBody {
  readonly #source: IncomingBody;
  readonly #stated: string;

  constructor(source: IncomingBody, stated: string) {
    this.#source = source;
    this.#stated = stated;
  }

  bytes(limit?: number): Promise<Uint8Array> {
    return collect(this, limit);
  }

  cancel(): void {
    this.#source.cancel();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha256");
    for await (const chunk of this.#source) {
      hash.update(chunk);
      yield chunk;
    }
    const computed = hash.digest("hex");
    if (computed === this.#stated) return;
    throw new EmulatorError(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      400,
      { ClientComputedContentSHA256: this.#stated, S3ComputedContentSHA256: computed },
    );
  }
}
