/** Canned access control lists as the grants they stand for. */
import type { Context } from "../../service.js";
import { EmulatorError } from "../../service.js";
import { ROOT_ACCOUNT } from "../identity.js";
import { accessDenied, invalidArgument } from "./errors.js";
import { type Acl, type Bucket, canonicalId, type Grant } from "./store.js";

const ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery";

const group = (URI: string, Permission: string): Grant => ({ Grantee: { Type: "Group", URI }, Permission });

const CANNED: Readonly<Record<string, readonly Grant[]>> = {
  private: [],
  "public-read": [group(ALL_USERS, "READ")],
  "public-read-write": [group(ALL_USERS, "READ"), group(ALL_USERS, "WRITE")],
  "authenticated-read": [group(AUTHENTICATED_USERS, "READ")],
  "aws-exec-read": [],
  "bucket-owner-read": [],
  "bucket-owner-full-control": [],
  "log-delivery-write": [group(LOG_DELIVERY, "WRITE"), group(LOG_DELIVERY, "READ_ACP")],
};

export function cannedAcl(name: string | undefined, account: string): Acl {
  const canned = name ?? "private";
  const grants = Object.hasOwn(CANNED, canned) ? CANNED[canned] : undefined;
  if (grants === undefined) throw invalidArgument("Invalid canned ACL", "x-amz-acl", name ?? "");
  const owner = canonicalId(account || ROOT_ACCOUNT);
  const own: Grant = { Grantee: { Type: "CanonicalUser", ID: owner }, Permission: "FULL_CONTROL" };
  return { owner, grants: [own, ...grants] };
}

interface GrantHeaders {
  readonly GrantFullControl?: string | undefined;
  readonly GrantRead?: string | undefined;
  readonly GrantReadACP?: string | undefined;
  readonly GrantWrite?: string | undefined;
  readonly GrantWriteACP?: string | undefined;
}

const PERMISSIONS = {
  GrantFullControl: "FULL_CONTROL",
  GrantRead: "READ",
  GrantReadACP: "READ_ACP",
  GrantWrite: "WRITE",
  GrantWriteACP: "WRITE_ACP",
} as const;

/** The ACL that a request's headers ask for: a canned one, or grants by header. */
export function requestedAcl(
  input: GrantHeaders & { readonly ACL?: string | undefined },
  account: string,
): Acl {
  const grants: Grant[] = [];
  for (const [member, Permission] of Object.entries(PERMISSIONS)) {
    const header = input[member as keyof GrantHeaders];
    for (const [, kind, value] of header?.matchAll(/(\w+)\s*=\s*"?([^",]+)"?/g) ?? []) {
      if (kind === "uri") grants.push(group(value as string, Permission));
      else if (kind === "id")
        grants.push({ Grantee: { Type: "CanonicalUser", ID: value as string }, Permission });
      else throw invalidArgument("Argument format not recognized", member, header ?? "");
    }
  }
  const canned = cannedAcl(input.ACL, account);
  return grants.length === 0 ? canned : { owner: canned.owner, grants };
}

/** Anonymous requests may do what a public grant or a policy for everybody allows. */
export function checkAnonymous(
  context: Context,
  bucket: Bucket,
  acl: Acl,
  permission: string,
  action: string,
): void {
  if (context.caller !== undefined || !context.verify) return;
  const granted = acl.grants.some(
    (each) =>
      each.Grantee.URI === ALL_USERS &&
      (each.Permission === permission || each.Permission === "FULL_CONTROL"),
  );
  if (!granted && !allowedByPolicy(bucket, action)) throw accessDenied();
}

/** Statements of the bucket's policy for everybody; conditions are not weighed, so one with a condition allows nothing. */
function allowedByPolicy(bucket: Bucket, action: string): boolean {
  const policy = bucket.settings.get("policy");
  if (typeof policy !== "string") return false;
  const { Statement = [] } = JSON.parse(policy) as { Statement?: PolicyStatement | PolicyStatement[] };
  const statements = (Array.isArray(Statement) ? Statement : [Statement]).filter(
    ({ Principal, Condition, Action }) =>
      Condition === undefined &&
      (Principal === "*" || [Principal?.AWS].flat().includes("*")) &&
      [Action].flat().some((pattern) => pattern !== undefined && actionMatches(pattern, action)),
  );
  return (
    statements.some(({ Effect }) => Effect === "Allow") && !statements.some(({ Effect }) => Effect === "Deny")
  );
}

interface PolicyStatement {
  readonly Effect: string;
  readonly Principal?: "*" | { readonly AWS?: string | readonly string[] };
  readonly Action?: string | readonly string[];
  readonly Condition?: unknown;
}

function actionMatches(pattern: string, action: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${expression}$`, "i").test(action);
}

/** `ExpectedBucketOwner` names the account that must own the bucket. */
export function checkOwner(bucket: Bucket, expected: string | undefined): void {
  if (expected === undefined) return;
  if (!/^\d{12}$/.test(expected)) {
    throw new EmulatorError(
      "InvalidBucketOwnerAWSAccountID",
      "The value of the expected bucket owner parameter must be an AWS Account ID...",
      400,
    );
  }
  if (expected !== bucket.account) throw accessDenied();
}
