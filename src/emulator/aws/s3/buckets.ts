/** Handlers of buckets themselves: create, list, head, delete, location, versioning, access control. */
import type { S3 } from "../../../gen/aws/s3.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { ROOT_ACCOUNT } from "../identity.js";
import {
  asksForAcl,
  checkAcl,
  checkPublicAcl,
  hasNoAcls,
  heededAcl,
  NO_PUBLIC_ACCESS,
  noAclsHere,
  noEmailGrantees,
  requestedAcl,
} from "./access.js";
import { checkAnonymous } from "./anonymous.js";
import { isBucketName, isRegionalName, isReservedName, zoneOfName } from "./bucket-names.js";
import { accessDenied, invalidArgument, malformedXml } from "./errors.js";
import { decodeToken, encodeToken, ownerOf } from "./list.js";
import { bucketFor, findObject, statedVersionId } from "./object-version.js";
import { isOwnership } from "./settings-checks.js";
import { type Acl, type Bucket, canonicalId, compareUtf8, type Grant, Objects, s3Store } from "./store.js";
import { BUCKET_TAGS_MAX, checkTags, OBJECT_TAGS_MAX } from "./tags.js";

/** Buckets without a location are here. */
const DEFAULT_REGION = "us-east-1";

export const bucketHandlers: Handlers<S3> = {
  createBucket(input, context) {
    const { buckets } = context.store(s3Store);
    const account = signedIn(context);
    const zone = checkNewName(input, account, context.region || DEFAULT_REGION);
    const { LocationConstraint: location, Tags = [] } = input.CreateBucketConfiguration ?? {};
    const region = zone === undefined ? regionOf(location, context.region || DEFAULT_REGION) : context.region;
    const tags = checkTags(Tags, BUCKET_TAGS_MAX);
    const existing = buckets.get(input.Bucket);
    if (existing !== undefined) {
      // In us-east-1 alone creating one's own bucket again does nothing and succeeds.
      if (existing.account === account && existing.region === DEFAULT_REGION && region === DEFAULT_REGION) {
        return { Location: `/${input.Bucket}`, BucketArn: arnOf(existing) };
      }
      throw alreadyThere(existing, account);
    }
    const bucket: Bucket = {
      name: input.Bucket,
      account,
      region,
      zone,
      created: context.clock.date(),
      objectLock: input.ObjectLockEnabledForBucket === true,
      versioning: input.ObjectLockEnabledForBucket === true ? "Enabled" : undefined,
      acl: requestedAcl(input, account),
      objects: new Objects(context.memory),
      uploads: new Map(),
      completed: new Map(),
      settings: new Map(),
    };
    if (bucket.objectLock) bucket.settings.set("object-lock", { ObjectLockEnabled: "Enabled" });
    const ObjectOwnership = checkObjectOwnership(input.ObjectOwnership ?? "BucketOwnerEnforced");
    if (tags.length > 0) bucket.settings.set("tagging", tags);
    bucket.settings.set("ownership", { Rules: [{ ObjectOwnership }] });
    bucket.settings.set("ownership-stated", context.authorize || input.ObjectOwnership !== undefined);
    if (context.authorize) bucket.settings.set("public-access", NO_PUBLIC_ACCESS);
    if (hasNoAcls(bucket) && asksForAcl(input) && input.ACL !== "private") throw aclWithOwnership();
    checkPublicAcl(bucket, bucket.acl);
    buckets.set(bucket.name, bucket);
    return {
      Location: region === DEFAULT_REGION ? `/${bucket.name}` : `http://${bucket.name}.s3.amazonaws.com/`,
      BucketArn: arnOf(bucket),
    };
  },

  listBuckets(input, context) {
    const account = signedIn(context);
    checkPage(input.MaxBuckets, BUCKETS_MAX, "max-buckets");
    const after = input.ContinuationToken === undefined ? "" : decodeToken(input.ContinuationToken);
    const { Prefix = "", BucketRegion } = input;
    const all = [...context.store(s3Store).buckets.values()]
      .filter((bucket) => bucket.account === account && bucket.zone === undefined)
      .filter(({ name }) => name.startsWith(Prefix) && name > after)
      .filter((bucket) => BucketRegion === undefined || bucket.region === BucketRegion)
      .sort((a, b) => compareUtf8(a.name, b.name));
    const page = all.slice(0, input.MaxBuckets ?? all.length);
    const last = page.at(-1);
    // A region is told only to those who ask for pages or a region, as S3 does.
    const told = input.MaxBuckets !== undefined || BucketRegion !== undefined || input.Prefix !== undefined;
    return {
      Buckets: page.map(({ name, created, region }) => ({
        Name: name,
        CreationDate: created,
        BucketRegion: told ? region : undefined,
      })),
      Owner: ownerOf(canonicalId(account)),
      ContinuationToken: last && page.length < all.length ? encodeToken(last.name) : undefined,
      Prefix: input.Prefix,
    };
  },

  headBucket(input, context) {
    const bucket = bucketFor(input, context);
    checkAnonymous(context, bucket, bucket.acl, "READ", "s3:ListBucket");
    context.responseHeaders["content-type"] = "application/xml";
    const { region, zone } = bucket;
    const location = zone && { BucketLocationType: "AvailabilityZone" as const, BucketLocationName: zone };
    return { ...location, BucketRegion: region, BucketArn: arnOf(bucket), AccessPointAlias: false };
  },

  deleteBucket(input, context) {
    const bucket = bucketFor(input, context);
    if (bucket.account !== signedIn(context)) throw accessDenied();
    if (bucket.objects.size > 0) {
      throw new EmulatorError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, {
        BucketName: bucket.name,
      });
    }
    for (const upload of bucket.uploads.values()) {
      for (const part of upload.parts.values()) context.memory.release(part.bytes.length);
    }
    context.store(s3Store).buckets.delete(bucket.name);
    return {};
  },

  getBucketLocation(input, context) {
    const { region } = bucketFor(input, context);
    return { LocationConstraint: region === DEFAULT_REGION ? undefined : (region as "eu-west-1") };
  },

  putBucketVersioning(input, context) {
    const bucket = bucketFor(input, context);
    const { Status, MFADelete } = input.VersioningConfiguration;
    if (Status !== "Enabled" && Status !== "Suspended") throw malformedXml();
    if (Status === "Suspended" && bucket.objectLock) {
      throw new EmulatorError(
        "InvalidBucketState",
        "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
        409,
      );
    }
    bucket.versioning = Status === "Enabled" ? "Enabled" : "Suspended";
    if (MFADelete !== undefined) bucket.settings.set("mfa-delete", MFADelete);
    return {};
  },

  getBucketVersioning(input, context) {
    const bucket = bucketFor(input, context);
    return {
      Status: bucket.versioning,
      MFADelete: bucket.settings.get("mfa-delete") as "Enabled" | undefined,
    };
  },

  getBucketAcl(input, context) {
    const bucket = bucketFor(input, context);
    return aclOutput(heededAcl(bucket, bucket.acl));
  },

  putBucketAcl(input, context) {
    const bucket = bucketFor(input, context);
    bucket.acl = aclInput(input, bucket);
    return {};
  },

  getObjectAcl(input, context) {
    const bucket = bucketFor(input, context);
    return aclOutput(heededAcl(bucket, findObject(bucket, input, context).acl));
  },

  putObjectAcl(input, context) {
    const bucket = bucketFor(input, context);
    findObject(bucket, input, context).acl = aclInput(input, bucket);
    return {};
  },

  getObjectTagging(input, context) {
    const bucket = bucketFor(input, context);
    const object = findObject(bucket, input, context);
    return { VersionId: statedVersionId(bucket, object), TagSet: object.tags };
  },

  putObjectTagging(input, context) {
    const bucket = bucketFor(input, context);
    const object = findObject(bucket, input, context);
    object.tags = checkTags(input.Tagging.TagSet, OBJECT_TAGS_MAX);
    return { VersionId: statedVersionId(bucket, object) };
  },

  deleteObjectTagging(input, context) {
    const bucket = bucketFor(input, context);
    const object = findObject(bucket, input, context);
    object.tags = [];
    return { VersionId: statedVersionId(bucket, object) };
  },
};

/** What a bucket with an ACL for others says to the setting that ends ACLs. */
export function aclWithOwnership(): EmulatorError {
  return new EmulatorError(
    "InvalidBucketAclWithObjectOwnership",
    "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    400,
  );
}

function signedIn(context: Context): string {
  if (context.caller !== undefined) return context.caller.account;
  if (context.verify) throw accessDenied();
  return ROOT_ACCOUNT;
}

export function arnOf({ name, zone, region, account }: Bucket): string {
  return zone === undefined
    ? `arn:aws:s3:::${name}`
    : `arn:aws:s3express:${region}:${account}:bucket/${name}`;
}

interface NewBucket {
  readonly Bucket: string;
  readonly BucketNamespace?: string;
  readonly CreateBucketConfiguration?: {
    readonly Location?: { readonly Type?: string; readonly Name?: string };
    readonly Bucket?: { readonly Type?: string };
  };
}

/** Refuses names that S3 does not give. Answers the zone of a directory bucket. */
function checkNewName(input: NewBucket, account: string, region: string): string | undefined {
  const { Bucket: name, BucketNamespace: namespace, CreateBucketConfiguration: configuration } = input;
  const { Location, Bucket: info } = configuration ?? {};
  if (!isBucketName(name) || isReservedName(name)) throw invalidName(name);
  const suffix = `-${account}-${region}-an`;
  if (namespace === "account-regional" && !name.endsWith(suffix)) {
    throw new EmulatorError(
      "InvalidNamespaceHeader",
      `The requested bucket name does not end with ${suffix}, the suffix of the namespace account-regional`,
      400,
    );
  }
  // Such names are those of an account's own namespace.
  if (namespace !== "account-regional" && isRegionalName(name)) throw invalidName(name);
  if (info?.Type !== "Directory") {
    if (name.endsWith("--x-s3")) throw invalidName(name);
    return undefined;
  }
  const zone = zoneOfName(name);
  if (zone === undefined || zone !== Location?.Name) throw invalidName(name);
  return zone;
}

function invalidName(name: string): EmulatorError {
  return new EmulatorError("InvalidBucketName", "The specified bucket is not valid.", 400, {
    BucketName: name,
  });
}

function checkObjectOwnership(name: string): "BucketOwnerEnforced" {
  if (isOwnership(name)) return name as "BucketOwnerEnforced";
  throw invalidArgument(`Invalid x-amz-object-ownership header: ${name}`, "x-amz-object-ownership", name);
}

const BUCKETS_MAX = 10_000;

export function checkPage(asked: number | undefined, max: number, name: string): void {
  if (asked === undefined || (asked >= 1 && asked <= max)) return;
  throw invalidArgument(`Argument ${name} must be an integer between 1 and ${max}.`, name, String(asked));
}

/** A bucket may be made elsewhere from us-east-1; from another region only there. */
function regionOf(location: string | undefined, endpointRegion: string): string {
  if (location === undefined || location === "") {
    if (endpointRegion === DEFAULT_REGION || endpointRegion === "aws-global") return DEFAULT_REGION;
    throw illegalLocation("unspecified");
  }
  const region = location === "EU" ? "eu-west-1" : location;
  if (region === DEFAULT_REGION && endpointRegion !== DEFAULT_REGION) throw illegalLocation(region);
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region) || region === DEFAULT_REGION) {
    throw new EmulatorError(
      "InvalidLocationConstraint",
      "The specified location-constraint is not valid",
      400,
      { LocationConstraint: location },
    );
  }
  if (endpointRegion !== DEFAULT_REGION && endpointRegion !== region) throw illegalLocation(region);
  return region;
}

function illegalLocation(location: string): EmulatorError {
  return new EmulatorError(
    "IllegalLocationConstraintException",
    `The ${location} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    400,
  );
}

function alreadyThere(bucket: Bucket, account: string): EmulatorError {
  return bucket.account === account
    ? new EmulatorError(
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
        409,
        { BucketName: bucket.name },
      )
    : new EmulatorError(
        "BucketAlreadyExists",
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
        409,
        { BucketName: bucket.name },
      );
}

function aclOutput({ owner, grants }: Acl) {
  return { Owner: { ID: owner, DisplayName: "webfile" }, Grants: grants };
}

interface AclInput {
  readonly ACL?: string;
  readonly AccessControlPolicy?: {
    readonly Grants?: readonly {
      readonly Grantee?: Partial<Grant["Grantee"]>;
      readonly Permission?: string;
    }[];
    readonly Owner?: { readonly ID?: string };
  };
}

function aclInput(input: AclInput & Parameters<typeof requestedAcl>[0], bucket: Bucket): Acl {
  const acl = statedAcl(input, bucket);
  checkAcl(bucket, acl, input);
  return acl;
}

function statedAcl(input: AclInput & Parameters<typeof requestedAcl>[0], bucket: Bucket): Acl {
  const policy = input.AccessControlPolicy;
  if (policy !== undefined && asksForAcl(input)) {
    throw new EmulatorError("UnexpectedContent", "This request does not support content", 400);
  }
  if (policy === undefined) {
    if (!asksForAcl(input)) throw missingAcl();
    return requestedAcl(input, bucket.account);
  }
  if (policy.Owner?.ID === undefined) throw malformedAcl();
  const grants = (policy.Grants ?? []).map(({ Grantee, Permission }) => {
    if (Grantee?.Type === undefined || !PERMISSIONS.has(Permission ?? "")) throw malformedAcl();
    if (Grantee.Type !== "Group" && Grantee.Type !== "CanonicalUser") {
      throw Grantee.Type === "AmazonCustomerByEmail" ? noEmailGrantees() : malformedAcl();
    }
    if (!(Grantee.Type === "Group" ? Grantee.URI : Grantee.ID)) throw malformedAcl();
    return { Grantee: { ...Grantee, Type: Grantee.Type }, Permission: Permission as string };
  });
  const owner = canonicalId(bucket.account);
  const ownerAlone = grants.every(({ Grantee }) => Grantee.ID === owner);
  if (!ownerAlone && hasNoAcls(bucket)) throw noAclsHere();
  return { owner: policy.Owner.ID, grants };
}

const PERMISSIONS: ReadonlySet<string> = new Set(["FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP"]);

function missingAcl(): EmulatorError {
  return new EmulatorError("MissingSecurityHeader", "Your request was missing a required header", 400, {
    MissingHeaderName: "x-amz-acl",
  });
}

function malformedAcl(): EmulatorError {
  const { message, status } = malformedXml();
  return new EmulatorError("MalformedACLError", message, status);
}
