/** What S3 refuses of tags: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
import { EmulatorError } from "../../service.js";

export const OBJECT_TAGS_MAX = 10;
export const BUCKET_TAGS_MAX = 50;
/** Letters, numbers, spaces, and these signs. */
const ALLOWED = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u;

export function checkTags<T extends { readonly Key: string; readonly Value: string }>(
  tags: readonly T[],
  limit: number,
): readonly T[] {
  if (tags.length > limit) {
    const what = limit === OBJECT_TAGS_MAX ? "Object tags" : "Bucket tag count";
    throw new EmulatorError("BadRequest", `${what} cannot be greater than ${limit}`, 400);
  }
  const keys = new Set(tags.map(({ Key }) => Key));
  if (keys.size !== tags.length) {
    throw new EmulatorError("InvalidTag", "Cannot provide multiple Tags with the same key", 400);
  }
  for (const { Key, Value } of tags) {
    if (Key.length === 0 || Key.length > 128 || !ALLOWED.test(Key))
      throw new EmulatorError("InvalidTag", "The TagKey you have provided is invalid", 400, { TagKey: Key });
    if (Key.startsWith("aws:")) {
      const message =
        limit === OBJECT_TAGS_MAX
          ? "Your TagKey cannot be prefixed with aws:"
          : "System tags cannot be added/updated by requester";
      throw new EmulatorError("InvalidTag", message, 400, { TagKey: Key });
    }
    if (Value.length > 256 || !ALLOWED.test(Value)) {
      throw new EmulatorError("InvalidTag", "The TagValue you have provided is invalid", 400, {
        TagKey: Key,
        TagValue: Value,
      });
    }
  }
  return tags;
}
