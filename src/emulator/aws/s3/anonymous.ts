/** What requests without a signature may do: what a public ACL or a policy for everybody allows, and nothing else. */
import type { Context } from "../../service.js";
import { type Decision, judge } from "../policy/evaluation.js";
import { readStatements } from "../policy/statement.js";
import { ALL_USERS, hasNoAcls, publicAccess } from "./access.js";
import { localize } from "./address.js";
import { accessDenied } from "./errors.js";
import { type Acl, type Bucket, s3Store } from "./store.js";

/** Checked where the object is known, by `checkAnonymous` or by who owns the bucket. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  "PutObject",
  "GetObject",
  "HeadObject",
  "DeleteObject",
  "DeleteObjects",
  "ListObjects",
  "ListObjectsV2",
  "HeadBucket",
  "ListBuckets",
  "CreateBucket",
  "DeleteBucket",
]);

/** Permission of the bucket's ACL and action of its policy that allow the other operations. */
const BY_BUCKET: Readonly<Record<string, readonly [permission: string, action: string]>> = {
  GetBucketAcl: ["READ_ACP", "s3:GetBucketAcl"],
  GetBucketLocation: ["", "s3:GetBucketLocation"],
  GetObjectAcl: ["", "s3:GetObjectAcl"],
  GetObjectAttributes: ["", "s3:GetObjectAttributes"],
  GetObjectTagging: ["", "s3:GetObjectTagging"],
  ListMultipartUploads: ["READ", "s3:ListBucketMultipartUploads"],
  ListObjectVersions: ["READ", "s3:ListBucketVersions"],
  UploadPart: ["WRITE", "s3:PutObject"],
  CompleteMultipartUpload: ["WRITE", "s3:PutObject"],
};

/** What no policy allows nobody. */
const NEVER: Readonly<Record<string, string>> = {
  CreateMultipartUpload: "Anonymous users cannot initiate multipart uploads. Please authenticate.",
  CopyObject: "Anonymous users cannot copy objects. Please authenticate.",
};

/** Refuses what nobody in particular may not do, before the request is read. */
export function checkNobody(context: Context): void {
  const name = context.operation?.name;
  if (context.caller !== undefined || !context.verify || name === undefined || ELSEWHERE.has(name)) return;
  const rule = BY_BUCKET[name];
  if (rule === undefined) throw accessDenied(NEVER[name]);
  const [, bucketName = "", ...key] = localize(context.request).path.split("/").map(decodeURIComponent);
  const bucket = context.store(s3Store).bucket(bucketName);
  checkAnonymous(context, bucket, bucket.acl, rule[0], rule[1], key.join("/"));
}

/** What a policy denies to everybody nobody may do; unsigned requests only what a public grant or a policy for everybody allows. */
export function checkAnonymous(
  context: Context,
  bucket: Bucket,
  acl: Acl,
  permission: string,
  action: string,
  key = "",
): void {
  const resource = `arn:aws:s3:::${bucket.name}${key === "" ? "" : `/${key}`}`;
  const policy = judgeByPolicy(bucket, action, resource);
  if (policy === "explicitDeny") throw accessDenied();
  if (context.caller !== undefined || !context.verify) return;
  const { IgnorePublicAcls, RestrictPublicBuckets } = publicAccess(bucket);
  const granted =
    !IgnorePublicAcls &&
    !hasNoAcls(bucket) &&
    acl.grants.some(
      (each) =>
        each.Grantee.URI === ALL_USERS &&
        (each.Permission === permission || each.Permission === "FULL_CONTROL"),
    );
  if (!granted && !(policy === "allowed" && !RestrictPublicBuckets)) throw accessDenied();
}

/** Statements of the bucket's policy for everybody; conditions are not weighed, so one with a condition says nothing. */
function judgeByPolicy(bucket: Bucket, action: string, resource: string): Decision {
  const document = bucket.settings.get("policy");
  if (typeof document !== "string") return "implicitDeny";
  const statements = readStatements(document).filter(
    ({ conditions, principals }) => conditions.length === 0 && principals?.not === false,
  );
  const request = { action, resource, context: new Map(), caller: undefined };
  return judge([{ source: bucket, statements }], request).decision;
}
