/** Forms for `presignPost`. */
import type { PostInput } from "../../src/aws/extensions/s3-post.js";
import type { Random } from "./random.js";

/** S3 puts the name of the chosen file there. */
const FILENAME = "$" + "{filename}";
const KEYS = ["photo.jpg", `uploads/${FILENAME}`, "a b/ü☃&.txt", FILENAME];
const FIELDS = {
  acl: "public-read",
  "Content-Type": "image/jpeg",
  success_action_status: "201",
  "x-amz-meta-who": 'ü "quoted" \\ back',
  tagging: "<Tagging><TagSet/></Tagging>",
};
const CONDITIONS: NonNullable<PostInput["Conditions"]> = [
  { acl: "public-read" },
  ["starts-with", "$Content-Type", "image/"],
  ["content-length-range", 1, 1048576],
  ["eq", "$success_action_status", "201"],
  { "x-amz-meta-who": 'ü "quoted" \\ back' },
];

export function postInput(random: Random): PostInput {
  return {
    Bucket: random.pick(["example-bucket", "dotted.example.bucket"]),
    Key: random.pick(KEYS),
    ...(random.chance(0.7) && {
      Fields: Object.fromEntries(Object.entries(FIELDS).filter(() => random.chance(0.5))),
    }),
    ...(random.chance(0.7) && { Conditions: CONDITIONS.filter(() => random.chance(0.5)) }),
  };
}
