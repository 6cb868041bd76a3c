/** Objects in the archive: not read before they are restored. See https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html */
import type { S3 } from "../../../gen/aws/s3.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { malformedXml } from "./errors.js";
import { bucketFor, findObject } from "./object-version.js";
import type { ObjectVersion } from "./store.js";

const ARCHIVED = new Set(["GLACIER", "DEEP_ARCHIVE"]);
const DAY_MS = 86_400_000;

export const archiveHandlers: Handlers<S3> = {
  /** Restored at once: S3 needs minutes to hours. */
  restoreObject(input, context) {
    const object = findObject(bucketFor(input, context), input, context);
    if (!ARCHIVED.has(object.storageClass)) {
      throw new EmulatorError(
        "InvalidObjectState",
        "Restore is not allowed for the object's current storage class",
        403,
        {
          StorageClass: object.storageClass,
        },
      );
    }
    const days = input.RestoreRequest?.Days;
    if (days === undefined || days < 1) throw malformedXml();
    const again = isRestored(object, context);
    // The copy lasts until the midnight (UTC) that follows.
    const end = Math.ceil((context.clock.now() + days * DAY_MS) / DAY_MS) * DAY_MS;
    object.restoredUntil = new Date(end);
    context.responseStatus = again ? 200 : 202;
    return {};
  },
};

function isRestored({ restoredUntil }: ObjectVersion, context: Context): boolean {
  return restoredUntil !== undefined && restoredUntil.getTime() > context.clock.now();
}

/** Refuses to read an archived object that has no restored copy. */
export function checkReadable(
  object: ObjectVersion,
  context: Context,
  message = "The operation is not valid for the object's storage class",
): void {
  if (!ARCHIVED.has(object.storageClass) || isRestored(object, context)) return;
  throw new EmulatorError("InvalidObjectState", message, 403, {
    StorageClass: object.storageClass,
  });
}

/** The `x-amz-restore` header; undefined for an object that was not restored. */
export function restoreHeader(object: ObjectVersion, context: Context): string | undefined {
  if (!isRestored(object, context)) return undefined;
  return `ongoing-request="false", expiry-date="${object.restoredUntil?.toUTCString()}"`;
}
