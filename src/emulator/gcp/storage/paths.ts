/** Which of Storage's two APIs a path belongs to. */

const PREFIXED = /^\/(?:(?:resumable\/)?upload\/|download\/|batch\/)?storage\/v1(\/|$)/;
/** Without its prefix, as Google's Node client has it where STORAGE_EMULATOR_HOST is set. No bucket has a name of one letter. */
const BARE = /^\/(?:b(?:\/|$)|projects\/[^/]+\/(?:hmacKeys|serviceAccount)(?:\/|$))/;

export function isPrefixedJson(path: string): boolean {
  return PREFIXED.test(path);
}

export function isBareJson(path: string): boolean {
  return BARE.test(path);
}

/** Everything else is the XML API's: `/bucket/object`. */
export function isXml({ path }: { readonly path: string }): boolean {
  return !isPrefixedJson(path) && !isBareJson(path);
}
