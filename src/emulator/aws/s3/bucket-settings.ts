/** Settings of buckets: stored, given back, and where the store acts on them (encryption, policy) read there. */
import type { OutputOf } from "../../../client/types.js";
import type { S3 } from "../../../gen/aws/s3.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { NO_PUBLIC_ACCESS, publicAccess } from "./access.js";
import { aclWithOwnership } from "./buckets.js";
import { accessDenied, invalidRequest, malformedXml } from "./errors.js";
import { type BucketInput, bucketFor } from "./object-version.js";
import {
  checkCors,
  checkEncryption,
  checkLifecycle,
  checkNotification,
  checkOwnership,
  checkPolicy,
  checkWebsite,
  isPublicPolicy,
} from "./settings-checks.js";
import { s3Store } from "./store.js";
import { BUCKET_TAGS_MAX, checkTags } from "./tags.js";

/** What S3 says of a setting that was never made. */
const MISSING: Readonly<Record<string, readonly [code: string, message: string]>> = {
  cors: ["NoSuchCORSConfiguration", "The CORS configuration does not exist"],
  encryption: [
    "ServerSideEncryptionConfigurationNotFoundError",
    "The server side encryption configuration was not found",
  ],
  lifecycle: ["NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"],
  ownership: ["OwnershipControlsNotFoundError", "The bucket ownership controls were not found"],
  policy: ["NoSuchBucketPolicy", "The bucket policy does not exist"],
  replication: ["ReplicationConfigurationNotFoundError", "The replication configuration was not found"],
  tagging: ["NoSuchTagSet", "The TagSet does not exist"],
  website: ["NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"],
  "public-access": [
    "NoSuchPublicAccessBlockConfiguration",
    "The public access block configuration was not found",
  ],
};

/** What a new bucket has. */
const DEFAULT_ENCRYPTION = {
  Rules: [
    { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const }, BucketKeyEnabled: false },
  ],
};

function put(input: BucketInput, context: Context, name: string, value: unknown): Record<never, never> {
  if (value === undefined) throw malformedXml();
  bucketFor(input, context).settings.set(name, value);
  return {};
}

function read<T>(input: BucketInput, context: Context, name: string): T | undefined {
  return bucketFor(input, context).settings.get(name) as T | undefined;
}

function demand<T>(input: BucketInput, context: Context, name: string): T {
  const value = read<T>(input, context, name);
  if (value !== undefined) return value;
  const [code, message] = MISSING[name] as readonly [string, string];
  throw new EmulatorError(code, message, 404, { BucketName: input.Bucket });
}

function remove(input: BucketInput, context: Context, name: string): Record<never, never> {
  bucketFor(input, context).settings.delete(name);
  return {};
}

/** Settings of which a bucket has many, by their ids. */
function named<T>(input: BucketInput, context: Context, kind: string): Map<string, T> {
  const { settings } = bucketFor(input, context);
  let all = settings.get(kind) as Map<string, T> | undefined;
  if (all === undefined) {
    all = new Map();
    settings.set(kind, all);
  }
  return all;
}

function demandNamed<T>(input: BucketInput & { readonly Id: string }, context: Context, kind: string): T {
  const value = named<T>(input, context, kind).get(input.Id);
  if (value !== undefined) return value;
  throw new EmulatorError("NoSuchConfiguration", "The specified configuration does not exist.", 404);
}

type In<Op extends keyof S3> = S3[Op] extends (input: infer I, ...rest: never[]) => unknown
  ? NonNullable<I>
  : never;

export const settingHandlers: Handlers<S3> = {
  putBucketCors(input, context) {
    checkCors(input.CORSConfiguration.CORSRules);
    return put(input, context, "cors", input.CORSConfiguration);
  },
  getBucketCors: (input, context) => demand<In<"putBucketCors">["CORSConfiguration"]>(input, context, "cors"),
  deleteBucketCors: (input, context) => remove(input, context, "cors"),

  putBucketEncryption(input, context) {
    const { Rules } = input.ServerSideEncryptionConfiguration;
    checkEncryption(Rules);
    const rules = Rules.map((rule) => ({ ...rule, BucketKeyEnabled: rule.BucketKeyEnabled ?? false }));
    return put(input, context, "encryption", { Rules: rules });
  },
  getBucketEncryption: (input, context) => ({
    ServerSideEncryptionConfiguration:
      read<In<"putBucketEncryption">["ServerSideEncryptionConfiguration"]>(input, context, "encryption") ??
      DEFAULT_ENCRYPTION,
  }),
  deleteBucketEncryption: (input, context) => remove(input, context, "encryption"),

  putBucketLifecycleConfiguration(input, context) {
    const rules = input.LifecycleConfiguration?.Rules ?? [];
    checkLifecycle(rules);
    const named = rules.map((rule) => ({ ...rule, ID: rule.ID ?? crypto.randomUUID() }));
    const minimum = input.TransitionDefaultMinimumObjectSize ?? "all_storage_classes_128K";
    put(input, context, "lifecycle", { Rules: named, TransitionDefaultMinimumObjectSize: minimum });
    return { TransitionDefaultMinimumObjectSize: minimum };
  },
  getBucketLifecycleConfiguration: (input, context) =>
    demand<OutputOf<S3["getBucketLifecycleConfiguration"]>>(input, context, "lifecycle"),
  deleteBucketLifecycle: (input, context) => remove(input, context, "lifecycle"),

  putBucketLogging(input, context) {
    const target = input.BucketLoggingStatus.LoggingEnabled?.TargetBucket;
    if (target !== undefined && !context.store(s3Store).buckets.has(target)) {
      throw new EmulatorError(
        "InvalidTargetBucketForLogging",
        "The target bucket for logging does not exist",
        400,
        { TargetBucket: target },
      );
    }
    return put(input, context, "logging", input.BucketLoggingStatus);
  },
  getBucketLogging: (input, context) =>
    read<In<"putBucketLogging">["BucketLoggingStatus"]>(input, context, "logging") ?? {},

  putBucketNotificationConfiguration(input, context) {
    checkNotification(input.NotificationConfiguration);
    return put(input, context, "notification", withIds(input.NotificationConfiguration));
  },
  getBucketNotificationConfiguration: (input, context) =>
    read<In<"putBucketNotificationConfiguration">["NotificationConfiguration"]>(
      input,
      context,
      "notification",
    ) ?? {},

  putBucketOwnershipControls(input, context) {
    const ownership = checkOwnership(input.OwnershipControls.Rules);
    const bucket = bucketFor(input, context);
    if (ownership === "BucketOwnerEnforced" && bucket.acl.grants.length > 1) throw aclWithOwnership();
    bucket.settings.set("ownership-stated", true);
    return put(input, context, "ownership", input.OwnershipControls);
  },
  getBucketOwnershipControls: (input, context) => ({
    OwnershipControls: demand<In<"putBucketOwnershipControls">["OwnershipControls"]>(
      input,
      context,
      "ownership",
    ),
  }),
  deleteBucketOwnershipControls: (input, context) => remove(input, context, "ownership"),

  putBucketPolicy(input, context) {
    checkPolicy(input.Policy);
    if (publicAccess(bucketFor(input, context)).BlockPublicPolicy && isPublicPolicy(input.Policy)) {
      throw accessDenied(
        "Access Denied: public policies are prevented by the BlockPublicPolicy setting of S3 Block Public Access",
      );
    }
    put(input, context, "policy", input.Policy);
    context.responseStatus = 204;
    return {};
  },
  getBucketPolicy: (input, context) => ({ Policy: demand<string>(input, context, "policy") }),
  getBucketPolicyStatus(input, context) {
    const policy = demand<string>(input, context, "policy");
    return { PolicyStatus: { IsPublic: isPublicPolicy(policy) } };
  },
  deleteBucketPolicy: (input, context) => remove(input, context, "policy"),

  putBucketReplication(input, context) {
    if (bucketFor(input, context).versioning !== "Enabled") {
      throw invalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration");
    }
    const { Rules, ...rest } = input.ReplicationConfiguration;
    const named = Rules.map((rule) => ({ ...rule, ID: rule.ID ?? crypto.randomUUID() }));
    return put(input, context, "replication", { ...rest, Rules: named });
  },
  getBucketReplication: (input, context) => ({
    ReplicationConfiguration: demand<In<"putBucketReplication">["ReplicationConfiguration"]>(
      input,
      context,
      "replication",
    ),
  }),
  deleteBucketReplication: (input, context) => remove(input, context, "replication"),

  putBucketRequestPayment(input, context) {
    const { Payer } = input.RequestPaymentConfiguration;
    if (Payer !== "Requester" && Payer !== "BucketOwner") throw malformedXml();
    return put(input, context, "payment", Payer);
  },
  getBucketRequestPayment: (input, context) => ({
    Payer: read<"Requester" | "BucketOwner">(input, context, "payment") ?? "BucketOwner",
  }),

  putBucketTagging(input, context) {
    const tags = checkTags(input.Tagging.TagSet, BUCKET_TAGS_MAX);
    if (tags.length > 0) put(input, context, "tagging", tags);
    else remove(input, context, "tagging");
    context.responseStatus = 204;
    return {};
  },
  getBucketTagging: (input, context) => ({
    TagSet: demand<In<"putBucketTagging">["Tagging"]["TagSet"]>(input, context, "tagging"),
  }),
  deleteBucketTagging: (input, context) => remove(input, context, "tagging"),

  putBucketWebsite(input, context) {
    checkWebsite(input.WebsiteConfiguration);
    return put(input, context, "website", input.WebsiteConfiguration);
  },
  getBucketWebsite: (input, context) =>
    demand<In<"putBucketWebsite">["WebsiteConfiguration"]>(input, context, "website"),
  deleteBucketWebsite: (input, context) => remove(input, context, "website"),

  putBucketAccelerateConfiguration(input, context) {
    const { Status } = input.AccelerateConfiguration;
    if (Status !== "Enabled" && Status !== "Suspended") throw malformedXml();
    if (input.Bucket.includes(".")) {
      throw invalidRequest(
        "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
      );
    }
    // Suspending what never was leaves it so.
    if (Status === "Suspended" && read(input, context, "accelerate") === undefined) return {};
    return put(input, context, "accelerate", Status);
  },
  getBucketAccelerateConfiguration: (input, context) => ({
    Status: read<"Enabled" | "Suspended">(input, context, "accelerate"),
  }),

  putBucketAbac(input, context) {
    const { Status } = input.AbacStatus;
    if (Status !== "Enabled" && Status !== "Disabled") throw malformedXml();
    return put(input, context, "abac", Status);
  },
  getBucketAbac: (input, context) => ({
    AbacStatus: { Status: read<"Enabled" | "Disabled">(input, context, "abac") ?? "Disabled" },
  }),

  putPublicAccessBlock(input, context) {
    if (Object.keys(input.PublicAccessBlockConfiguration).length === 0) {
      throw invalidRequest("Must specify at least one configuration.");
    }
    return put(input, context, "public-access", input.PublicAccessBlockConfiguration);
  },
  getPublicAccessBlock(input, context) {
    const stored = demand<In<"putPublicAccessBlock">["PublicAccessBlockConfiguration"]>(
      input,
      context,
      "public-access",
    );
    const off = Object.fromEntries(Object.keys(NO_PUBLIC_ACCESS).map((name) => [name, false]));
    return { PublicAccessBlockConfiguration: { ...off, ...stored } };
  },
  deletePublicAccessBlock: (input, context) => remove(input, context, "public-access"),

  putBucketAnalyticsConfiguration: (input, context) =>
    putNamed(input, context, "analytics", input.AnalyticsConfiguration),
  getBucketAnalyticsConfiguration: (input, context) => ({
    AnalyticsConfiguration: demandNamed<In<"putBucketAnalyticsConfiguration">["AnalyticsConfiguration"]>(
      input,
      context,
      "analytics",
    ),
  }),
  listBucketAnalyticsConfigurations: (input, context) => ({
    IsTruncated: false,
    AnalyticsConfigurationList: [
      ...named<In<"putBucketAnalyticsConfiguration">["AnalyticsConfiguration"]>(
        input,
        context,
        "analytics",
      ).values(),
    ],
  }),
  deleteBucketAnalyticsConfiguration: (input, context) => removeNamed(input, context, "analytics"),

  putBucketInventoryConfiguration: (input, context) =>
    putNamed(input, context, "inventory", input.InventoryConfiguration),
  getBucketInventoryConfiguration: (input, context) => ({
    InventoryConfiguration: demandNamed<In<"putBucketInventoryConfiguration">["InventoryConfiguration"]>(
      input,
      context,
      "inventory",
    ),
  }),
  listBucketInventoryConfigurations: (input, context) => ({
    IsTruncated: false,
    InventoryConfigurationList: [
      ...named<In<"putBucketInventoryConfiguration">["InventoryConfiguration"]>(
        input,
        context,
        "inventory",
      ).values(),
    ],
  }),
  deleteBucketInventoryConfiguration: (input, context) => removeNamed(input, context, "inventory"),

  putBucketMetricsConfiguration: (input, context) =>
    putNamed(input, context, "metrics", input.MetricsConfiguration),
  getBucketMetricsConfiguration: (input, context) => ({
    MetricsConfiguration: demandNamed<In<"putBucketMetricsConfiguration">["MetricsConfiguration"]>(
      input,
      context,
      "metrics",
    ),
  }),
  listBucketMetricsConfigurations: (input, context) => ({
    IsTruncated: false,
    MetricsConfigurationList: [
      ...named<In<"putBucketMetricsConfiguration">["MetricsConfiguration"]>(
        input,
        context,
        "metrics",
      ).values(),
    ],
  }),
  deleteBucketMetricsConfiguration: (input, context) => removeNamed(input, context, "metrics"),

  putBucketIntelligentTieringConfiguration: (input, context) =>
    putNamed(input, context, "intelligent-tiering", input.IntelligentTieringConfiguration),
  getBucketIntelligentTieringConfiguration: (input, context) => ({
    IntelligentTieringConfiguration: demandNamed<
      In<"putBucketIntelligentTieringConfiguration">["IntelligentTieringConfiguration"]
    >(input, context, "intelligent-tiering"),
  }),
  listBucketIntelligentTieringConfigurations: (input, context) => ({
    IsTruncated: false,
    IntelligentTieringConfigurationList: [
      ...named<In<"putBucketIntelligentTieringConfiguration">["IntelligentTieringConfiguration"]>(
        input,
        context,
        "intelligent-tiering",
      ).values(),
    ],
  }),
  deleteBucketIntelligentTieringConfiguration: (input, context) =>
    removeNamed(input, context, "intelligent-tiering"),
};

/** Configurations without an id get one. */
function withIds(configuration: In<"putBucketNotificationConfiguration">["NotificationConfiguration"]) {
  const withId = <T extends { readonly Id?: string }>(list: readonly T[] | undefined) =>
    list?.map((each) => ({ ...each, Id: each.Id ?? crypto.randomUUID() }));
  const { QueueConfigurations, TopicConfigurations, LambdaFunctionConfigurations } = configuration;
  return {
    ...configuration,
    QueueConfigurations: withId(QueueConfigurations),
    TopicConfigurations: withId(TopicConfigurations),
    LambdaFunctionConfigurations: withId(LambdaFunctionConfigurations),
  };
}

function putNamed(
  input: BucketInput & { readonly Id: string },
  context: Context,
  kind: string,
  value: unknown,
): Record<never, never> {
  named(input, context, kind).set(input.Id, value);
  return {};
}

function removeNamed(
  input: BucketInput & { readonly Id: string },
  context: Context,
  kind: string,
): Record<never, never> {
  demandNamed(input, context, kind);
  named(input, context, kind).delete(input.Id);
  context.responseStatus = 204;
  return {};
}
