/** Checksums of responses, checked as the body is read. */

import type { Call } from "../client/backend.js";
import type { ChecksumAlgorithm } from "../http/checksum/checksum.js";
import { verifiedBody } from "../http/checksum/verify.js";
import type { HttpResponse } from "../http/message.js";
import type { OperationModel } from "../model/model.js";
import type { EncodedRequest } from "../protocol/protocol.js";
import type { Settings } from "./config/settings.js";

/** The cheapest first. */
const PRIORITY: readonly ChecksumAlgorithm[] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

/** Has the service send the checksum of what it sends, unless the caller said whether it should. */
export function askForChecksum(
  { operation, input }: Call,
  { headers }: EncodedRequest,
  settings: Settings,
): void {
  const name = operation.traits.aws?.checksum?.validationMember;
  if (name === undefined || input[name] !== undefined) return;
  if (settings.get("responseChecksumValidation") !== "when_supported") return;
  const header = operation.input?.member(name)?.wireName.toLowerCase();
  if (header !== undefined) headers[header] = "ENABLED";
}

/**
 * Puts a check around the body where the response has a checksum of it. Composite ones (`...-3`) are of a multipart upload's
 * parts, not of the body; a part of an object comes with the checksum of the whole.
 */
export function checkResponse(operation: OperationModel, response: HttpResponse): void {
  const algorithms = operation.traits.aws?.checksum?.response;
  if (algorithms === undefined || response.status !== 200 || operation.method === "HEAD") return;
  const { headers } = response;
  if (headers["x-amz-checksum-type"] === "COMPOSITE") return;
  for (const algorithm of PRIORITY) {
    const expected = headers[`x-amz-checksum-${algorithm.toLowerCase()}`];
    if (expected === undefined || expected.includes("-") || !algorithms.includes(algorithm)) continue;
    response.body = verifiedBody(response.body, algorithm, expected);
    return;
  }
}
