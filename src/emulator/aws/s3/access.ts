/** Access control lists: canned ones as the grants they stand for, and where a bucket takes none. */
import { EmulatorError } from "../../service.js";
import { ROOT_ACCOUNT } from "../identity.js";
import { accessDenied, invalidArgument, invalidRequest } from "./errors.js";
import { type Acl, type Bucket, canonicalId, type Grant } from "./store.js";

export const ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers";
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
      else if (kind === "emailAddress") throw noEmailGrantees();
      else throw invalidArgument("Argument format not recognized", member, header ?? "");
    }
  }
  if (input.ACL !== undefined && grants.length > 0) {
    throw invalidRequest("Specifying both Canned ACLs and Header Grants is not allowed");
  }
  const canned = cannedAcl(input.ACL, account);
  return grants.length === 0 ? canned : { owner: canned.owner, grants };
}

/** Since October 2025. See https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html */
export function noEmailGrantees(): EmulatorError {
  return new EmulatorError(
    "MethodNotAllowed",
    "The specified method is not allowed against this resource: grantees by email address are discontinued",
    405,
  );
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

/** Settings of a bucket against what is public. Since April 2023 a new bucket has all four: here where access is enforced. */
export interface PublicAccess {
  readonly BlockPublicAcls?: boolean;
  readonly IgnorePublicAcls?: boolean;
  readonly BlockPublicPolicy?: boolean;
  readonly RestrictPublicBuckets?: boolean;
}

export const NO_PUBLIC_ACCESS: PublicAccess = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

export function publicAccess(bucket: Bucket): PublicAccess {
  return (bucket.settings.get("public-access") as PublicAccess | undefined) ?? {};
}

/**
 * True once somebody asked for it, or for any new bucket where access is enforced. Elsewhere a new bucket says that it has no
 * ACLs, and takes them all the same: tests make objects public in a line.
 */
export function hasNoAcls(bucket: Bucket): boolean {
  const { Rules } = (bucket.settings.get("ownership") ?? {}) as {
    readonly Rules?: readonly { readonly ObjectOwnership?: string }[];
  };
  const stated = bucket.settings.get("ownership-stated") === true;
  return stated && Rules?.[0]?.ObjectOwnership === "BucketOwnerEnforced";
}

/** ACLs that a bucket does not heed any more are kept, and not told. */
export function heededAcl(bucket: Bucket, acl: Acl): Acl {
  return hasNoAcls(bucket) ? cannedAcl("private", bucket.account) : acl;
}

export function asksForAcl(input: GrantHeaders & { readonly ACL?: string | undefined }): boolean {
  const members = ["ACL", ...Object.keys(PERMISSIONS)];
  return members.some((name) => input[name as keyof typeof input] !== undefined);
}

/** Refuses an ACL that the bucket's ownership controls or its public access block do not take. */
export function checkAcl(
  bucket: Bucket,
  acl: Acl,
  input: GrantHeaders & { readonly ACL?: string | undefined },
): void {
  const asked = asksForAcl(input) && input.ACL !== "bucket-owner-full-control";
  if (asked && hasNoAcls(bucket)) throw noAclsHere();
  checkPublicAcl(bucket, acl);
}

export function checkPublicAcl(bucket: Bucket, acl: Acl): void {
  if (!publicAccess(bucket).BlockPublicAcls || !isPublic(acl)) return;
  throw accessDenied(
    "Access Denied: public access control lists (ACLs) are blocked by the BlockPublicAcls setting of S3 Block Public Access",
  );
}

export function noAclsHere(): EmulatorError {
  return new EmulatorError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400);
}

function isPublic({ grants }: Acl): boolean {
  return grants.some(({ Grantee: { URI } }) => URI === ALL_USERS || URI === AUTHENTICATED_USERS);
}
