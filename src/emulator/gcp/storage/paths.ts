/** Which of Storage's two APIs a request belongs to. */
import type { IncomingRequest } from "../../service.js";

const PREFIXED = /^\/(?:(?:resumable\/)?upload\/|download\/|batch\/)?storage\/v1(\/|$)/;
/** Without its prefix, as Google's Node client has it where STORAGE_EMULATOR_HOST is set. No bucket has a name of one letter. */
const BARE = /^\/(?:b(?:\/|$)|projects\/[^/]+\/(?:hmacKeys|serviceAccount)(?:\/|$))/;

export function isPrefixedJson(path: string): boolean {
  return PREFIXED.test(path);
}

export function isBareJson(path: string): boolean {
  return BARE.test(path);
}

/** By a key of Google's, whose id begins so, under AWS's names of the signature or Google's own. */
export function isHmacSigned({ headers, query }: Pick<IncomingRequest, "headers" | "query">): boolean {
  const { authorization } = headers;
  if (authorization !== undefined) return /^(?:AWS|GOOG)\d? GOOG|\bCredential=GOOG/.test(authorization);
  return /(?:^|&)(?:X-(?:Amz|Goog)-Credential|AWSAccessKeyId)=GOOG/i.test(query);
}

/** Everything else is the XML API's: `/bucket/object`. */
export function isXml({ path }: { readonly path: string }): boolean {
  return !isPrefixedJson(path) && !isBareJson(path);
}
