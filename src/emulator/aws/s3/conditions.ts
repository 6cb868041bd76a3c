/** Conditional requests. See https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html */
import { EmulatorError } from "../../service.js";
import { noSuchKey, preconditionFailed } from "./errors.js";
import type { ObjectVersion } from "./store.js";

export interface ReadConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

/** `If-Match` over `If-Unmodified-Since`, `If-None-Match` over `If-Modified-Since`, as RFC 9110 has it. */
export function checkRead(object: ObjectVersion, conditions: ReadConditions): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, object)) throw preconditionFailed("If-Match");
  } else if (IfUnmodifiedSince !== undefined && seconds(object.lastModified) > seconds(IfUnmodifiedSince)) {
    throw preconditionFailed("If-Unmodified-Since");
  }
  if (IfNoneMatch !== undefined) {
    if (matches(IfNoneMatch, object)) throw notModified(object);
  } else if (IfModifiedSince !== undefined && seconds(object.lastModified) <= seconds(IfModifiedSince)) {
    throw notModified(object);
  }
}

/** The same for the source of a copy, where "not modified" is a failed precondition too. */
export function checkCopySource(object: ObjectVersion, conditions: ReadConditions): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  const failed =
    (IfMatch !== undefined && !matches(IfMatch, object) && "x-amz-copy-source-If-Match") ||
    (IfNoneMatch !== undefined && matches(IfNoneMatch, object) && "x-amz-copy-source-If-None-Match") ||
    (IfMatch === undefined &&
      IfUnmodifiedSince !== undefined &&
      seconds(object.lastModified) > seconds(IfUnmodifiedSince) &&
      "x-amz-copy-source-If-Unmodified-Since") ||
    (IfNoneMatch === undefined &&
      IfModifiedSince !== undefined &&
      seconds(object.lastModified) <= seconds(IfModifiedSince) &&
      "x-amz-copy-source-If-Modified-Since");
  if (failed) throw preconditionFailed(failed);
}

/** Conditional writes: `If-None-Match: *` for a new key, `If-Match` for the object as it was read. */
export function checkWrite(
  key: string,
  current: ObjectVersion | undefined,
  { IfMatch, IfNoneMatch }: ReadConditions,
): void {
  const object = current?.deleteMarker ? undefined : current;
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch !== "*" || IfMatch !== undefined) {
      throw new EmulatorError(
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
        501,
        {
          Header: "If-None-Match",
          additionalMessage: "We don't accept the provided value of If-None-Match header for this API",
        },
      );
    }
    if (object !== undefined) throw preconditionFailed("If-None-Match");
  }
  if (IfMatch === undefined) return;
  if (object === undefined) throw noSuchKey(key);
  if (!matches(IfMatch, object)) throw preconditionFailed("If-Match");
}

function matches(header: string, { etag }: ObjectVersion): boolean {
  const bare = etag.slice(1, -1);
  // S3 does not mind a quote that is missing.
  return header.split(",").some((each) => {
    const tag = each.trim().replace(/^W\//, "").replace(/^"|"$/g, "");
    return tag === "*" || tag === bare;
  });
}

function notModified({ etag, lastModified }: ObjectVersion): EmulatorError {
  return new EmulatorError("NotModified", "Not Modified", 304, undefined, {
    etag,
    "last-modified": lastModified.toUTCString(),
  });
}

/** HTTP dates have no milliseconds. */
function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
