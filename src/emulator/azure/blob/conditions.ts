/** Conditional headers of reads and writes. https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations */
import { blobError, notModified } from "./errors.js";
import { matchesTags } from "./tags.js";

export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: Date | undefined;
  readonly ifUnmodifiedSince?: Date | undefined;
  readonly ifTags?: string | undefined;
}

interface Target {
  readonly etag: string;
  readonly lastModified: Date;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Undefined: what is to be written is not there yet. */
export function checkWrite(conditions: Conditions, target: Target | undefined): void {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, ifTags } = conditions;
  if (target === undefined) {
    if (ifMatch !== undefined || ifTags !== undefined) throw blobError("ConditionNotMet");
    return;
  }
  if (ifNoneMatch === "*") throw blobError("BlobAlreadyExists");
  const met =
    (ifMatch === undefined || matches(ifMatch, target.etag)) &&
    (ifNoneMatch === undefined || !matches(ifNoneMatch, target.etag)) &&
    (ifModifiedSince === undefined || target.lastModified > ifModifiedSince) &&
    (ifUnmodifiedSince === undefined || target.lastModified <= ifUnmodifiedSince) &&
    (ifTags === undefined || matchesTags(ifTags, target.tags ?? {}));
  if (!met) throw blobError("ConditionNotMet");
}

export function checkRead(conditions: Conditions, target: Target): void {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, ifTags } = conditions;
  if (ifMatch !== undefined && !matches(ifMatch, target.etag)) throw blobError("ConditionNotMet");
  if (ifUnmodifiedSince !== undefined && target.lastModified > ifUnmodifiedSince)
    throw blobError("ConditionNotMet");
  if (ifTags !== undefined && !matchesTags(ifTags, target.tags ?? {})) throw blobError("ConditionNotMet");
  if (ifNoneMatch === "*") throw blobError("UnsupportedHeader");
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, target.etag)) throw notModified(target.etag);
  if (ifModifiedSince !== undefined && target.lastModified <= ifModifiedSince) throw notModified(target.etag);
}

function matches(list: string, etag: string): boolean {
  const bare = etag.replaceAll('"', "");
  return list.split(",").some((each) => {
    const text = each.trim().replace(/^W\//, "").replaceAll('"', "");
    return text === "*" || text === bare;
  });
}
