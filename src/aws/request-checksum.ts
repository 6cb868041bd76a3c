/**
 * Checksums of requests: which algorithm, in a header or after a streamed body.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html
 */
import type { Call } from "../client/backend.js";
import type { EncodedRequest } from "../protocol/protocol.js";
import type { Settings } from "./config/settings.js";

export interface RequestChecksum {
  /** `CRC32`, `SHA256`... or `MD5` for the old header. */
  readonly algorithm: string;
  /** Header that tells the service of an algorithm chosen here. */
  readonly declare: string | undefined;
}

export const DEFAULT_ALGORITHM = "CRC32";

/** The checksum that a request is to have; undefined when it needs none or the caller gave one. */
export function requestChecksum(
  call: Call,
  request: EncodedRequest,
  settings: Settings,
): RequestChecksum | undefined {
  const { checksum, md5 } = call.operation.traits.aws ?? {};
  if (checksum === undefined && md5 === undefined) return undefined;
  if (hasChecksum(request)) return undefined;
  const member = checksum?.requestMember;
  const chosen = member === undefined ? undefined : call.input[member];
  if (typeof chosen === "string") return { algorithm: chosen, declare: undefined };
  const required = md5 === true || checksum?.requestRequired === true;
  const supported = member !== undefined && settings.get("requestChecksumCalculation") === "when_supported";
  if ((!required && !supported) || call.presign) return undefined;
  const header = member === undefined ? undefined : call.operation.input?.member(member)?.wireName;
  return { algorithm: DEFAULT_ALGORITHM, declare: header?.toLowerCase() };
}

/** Algorithm, type and mode are told in headers that begin alike. */
function hasChecksum({ headers }: EncodedRequest): boolean {
  if (headers["content-md5"] !== undefined) return true;
  for (const name in headers) {
    if (name.startsWith("x-amz-checksum-") && !/-(algorithm|mode|type)$/.test(name)) return true;
  }
  return false;
}
