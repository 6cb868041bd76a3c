/** A response body whose checksum is computed while it is read and compared at its end. */
import { CloudError } from "../../internal/cloud-error.js";
import type { ResponseBody } from "../message.js";
import { type ChecksumAlgorithm, createChecksum, toBase64 } from "./checksum.js";

/** `expected` is base64. The reader fails with code `ChecksumMismatch` instead of reaching the end. */
export function verifiedBody(
  source: ResponseBody,
  algorithm: ChecksumAlgorithm,
  expected: string,
): ResponseBody {
  return new VerifiedBody(source, algorithm, expected);
}

class VerifiedBody implements ResponseBody {
  readonly #source: ResponseBody;
  readonly #algorithm: ChecksumAlgorithm;
  readonly #expected: string;

  constructor(source: ResponseBody, algorithm: ChecksumAlgorithm, expected: string) {
    this.#source = source;
    this.#algorithm = algorithm;
    this.#expected = expected;
  }

  async bytes(limit?: number): Promise<Uint8Array> {
    const bytes = await this.#source.bytes(limit);
    const checksum = createChecksum(this.#algorithm);
    checksum.update(bytes);
    this.#compare(checksum.digest());
    return bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const checksum = createChecksum(this.#algorithm);
    for await (const chunk of this.#source) {
      checksum.update(chunk);
      yield chunk;
    }
    this.#compare(checksum.digest());
  }

  cancel(): void {
    this.#source.cancel();
  }

  #compare(digest: Uint8Array): void {
    const actual = toBase64(digest);
    if (actual === this.#expected) return;
    const message = `The response body is damaged: its ${this.#algorithm} is ${actual}, the service says ${this.#expected}`;
    throw new CloudError(message, { kind: "unavailable", code: "ChecksumMismatch" });
  }
}
