/** Forms that upload to S3 without credentials: boto3's `generate_presigned_post`. */
import { type PostCondition, type PresignedPost, presignPost } from "../../auth/s3-post.js";
import type { PresignOptions } from "../../client/backend.js";
import { coreOf } from "../../client/service.js";
import type { S3 } from "../../gen/aws/s3.js";
import type { OperationModel } from "../../model/model.js";
import type { AwsBackend } from "../backend.js";

export type { PostCondition, PresignedPost };

export interface PostInput {
  readonly Bucket: string;
  /** May end in `${"$"}{filename}`: the name of the file that the user chooses. */
  readonly Key: string;
  /** Further fields of the form. Each needs a condition that allows it. */
  readonly Fields?: Readonly<Record<string, string>> | undefined;
  /** `{ acl: "private" }`, `["starts-with", "$Content-Type", "image/"]`, `["content-length-range", 1, 1048576]`. */
  readonly Conditions?: readonly PostCondition[] | undefined;
}

export type PostOptions = Pick<PresignOptions, "expiresInSeconds" | "at">;

export async function presignedPost(
  client: S3,
  { Bucket, Key, Fields, Conditions }: PostInput,
  { expiresInSeconds, at }: PostOptions,
): Promise<PresignedPost> {
  const { backend, model } = coreOf(client);
  const ofBucket = model.operation("HeadBucket") as OperationModel;
  const signing = await (backend as AwsBackend).signingOf(ofBucket, { Bucket });
  return presignPost({
    ...signing,
    service: signing.service === "s3express" ? "s3express" : "s3",
    bucket: Bucket,
    key: Key,
    fields: Fields,
    conditions: Conditions,
    expiresInSeconds,
    at: at ?? signing.at,
  });
}
