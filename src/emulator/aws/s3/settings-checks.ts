/** What S3 refuses of a bucket's settings before it stores them. */
import type {
  CORSRule,
  NotificationConfiguration,
  OwnershipControlsRule,
  PutBucketLifecycleConfigurationRequest,
  RoutingRule,
  ServerSideEncryptionRule,
  WebsiteConfiguration,
} from "../../../gen/aws/s3.js";
import { EmulatorError, type Received } from "../../service.js";
import { invalidArgument, invalidRequest, malformedXml } from "./errors.js";

export const CORS_METHODS: ReadonlySet<string> = new Set(["GET", "PUT", "POST", "DELETE", "HEAD"]);
const CORS_RULES_MAX = 100;

export function checkCors(rules: readonly Received<CORSRule>[]): void {
  if (rules.length === 0 || rules.length > CORS_RULES_MAX) throw malformedXml();
  for (const { AllowedMethods, AllowedOrigins, AllowedHeaders = [], ExposeHeaders = [] } of rules) {
    const strange = [...AllowedHeaders.map((each) => each.replace("*", "")), ...ExposeHeaders].find(
      (each) => each !== "" && !isHeaderName(each),
    );
    if (strange !== undefined) {
      throw invalidRequest(`AllowedHeader or ExposeHeader "${strange}" contains invalid character.`);
    }
    const method = AllowedMethods.find((each) => !CORS_METHODS.has(each));
    if (method !== undefined) {
      throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
    }
    const origin = AllowedOrigins.find(hasManyWildcards);
    if (origin !== undefined)
      throw invalidRequest(`AllowedOrigin "${origin}" can not have more than one wildcard.`);
    const header = AllowedHeaders.find(hasManyWildcards);
    if (header !== undefined)
      throw invalidRequest(`AllowedHeader "${header}" can not have more than one wildcard.`);
  }
}

/** A token of HTTP. */
export function isHeaderName(text: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(text);
}

function hasManyWildcards(pattern: string): boolean {
  return pattern.split("*").length > 2;
}

const ALGORITHMS: ReadonlySet<string> = new Set(["AES256", "aws:kms", "aws:kms:dsse", "aws:fsx"]);

export function checkEncryption(rules: readonly Received<ServerSideEncryptionRule>[]): void {
  if (rules.length === 0) throw malformedXml();
  for (const { ApplyServerSideEncryptionByDefault: preset } of rules) {
    if (preset === undefined) continue;
    const { SSEAlgorithm, KMSMasterKeyID } = preset;
    if (!ALGORITHMS.has(SSEAlgorithm)) throw malformedXml();
    if (KMSMasterKeyID !== undefined && SSEAlgorithm === "AES256") {
      throw invalidArgument(
        "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
        "ApplyServerSideEncryptionByDefault",
        KMSMasterKeyID,
      );
    }
  }
}

type LifecycleRule = NonNullable<
  Received<PutBucketLifecycleConfigurationRequest>["LifecycleConfiguration"]
>["Rules"][number];

const TRANSITION_CLASSES: ReadonlySet<string> = new Set([
  "GLACIER",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "DEEP_ARCHIVE",
  "GLACIER_IR",
]);
const RULE_ID_MAX = 255;
const DAY_MS = 86_400_000;

export function checkLifecycle(rules: readonly LifecycleRule[]): void {
  if (rules.length === 0) throw malformedXml();
  const ids = new Set<string>();
  for (const rule of rules) {
    if (rule.ID !== undefined) checkRuleId(rule.ID, ids);
    if ((rule.Filter === undefined) === (rule.Prefix === undefined)) throw malformedXml();
    if (rule.Status !== "Enabled" && rule.Status !== "Disabled") throw malformedXml();
    checkExpiration(rule.Expiration);
    const transitions = [...(rule.Transitions ?? []), ...(rule.NoncurrentVersionTransitions ?? [])];
    if (transitions.some(({ StorageClass = "" }) => !TRANSITION_CLASSES.has(StorageClass)))
      throw malformedXml();
    const actions = [rule.Expiration, rule.NoncurrentVersionExpiration, rule.AbortIncompleteMultipartUpload];
    if (transitions.length === 0 && actions.every((each) => each === undefined)) {
      throw invalidRequest("At least one action needs to be specified in a rule.");
    }
  }
}

function checkRuleId(id: string, ids: Set<string>): void {
  if (id.length > RULE_ID_MAX) {
    throw invalidArgument(`ID length should not exceed allowed limit of ${RULE_ID_MAX}`, "ID", id);
  }
  if (ids.has(id))
    throw invalidArgument("Rule ID must be unique. Found same ID for more than one rule", "ID", id);
  ids.add(id);
}

function checkExpiration(expiration: LifecycleRule["Expiration"]): void {
  if (expiration === undefined) return;
  const { Days, Date: date, ExpiredObjectDeleteMarker } = expiration;
  if ([Days, date, ExpiredObjectDeleteMarker].filter((each) => each !== undefined).length !== 1)
    throw malformedXml();
  if (Days !== undefined && Days < 1) {
    throw invalidArgument("'Days' for Expiration action must be a positive integer", "Days", String(Days));
  }
  if (date !== undefined && date.getTime() % DAY_MS !== 0) {
    throw invalidArgument("'Date' must be at midnight GMT", "Date", date.toISOString());
  }
}

/** `s3:ObjectCreated:*` and its kind, by family. */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  ObjectCreated: ["*", "Put", "Post", "Copy", "CompleteMultipartUpload"],
  ObjectRemoved: ["*", "Delete", "DeleteMarkerCreated"],
  ObjectRestore: ["*", "Post", "Completed", "Delete"],
  ObjectTagging: ["*", "Put", "Delete"],
  ObjectAnnotation: ["*", "Put", "Delete"],
  ObjectAcl: ["Put"],
  LifecycleExpiration: ["*", "Delete", "DeleteMarkerCreated"],
  Replication: [
    "*",
    "OperationFailedReplication",
    "OperationNotTracked",
    "OperationMissedThreshold",
    "OperationReplicatedAfterThreshold",
  ],
};
const WHOLE_EVENTS: ReadonlySet<string> = new Set([
  "s3:ReducedRedundancyLostObject",
  "s3:LifecycleTransition",
  "s3:IntelligentTiering",
]);

export function checkNotification(configuration: Received<NotificationConfiguration>): void {
  const {
    QueueConfigurations = [],
    TopicConfigurations = [],
    LambdaFunctionConfigurations = [],
  } = configuration;
  const arns = [
    ...QueueConfigurations.map(({ QueueArn }) => [QueueArn, "sqs"] as const),
    ...TopicConfigurations.map(({ TopicArn }) => [TopicArn, "sns"] as const),
    ...LambdaFunctionConfigurations.map(({ LambdaFunctionArn }) => [LambdaFunctionArn, "lambda"] as const),
  ];
  for (const [arn, service] of arns) {
    if (new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:.+$`).test(arn)) continue;
    throw invalidArgument("The ARN is not well formed", `${service} ARN`, arn);
  }
  for (const { Events } of [
    ...QueueConfigurations,
    ...TopicConfigurations,
    ...LambdaFunctionConfigurations,
  ]) {
    for (const event of Events) {
      const [, family = "", kind = ""] = event.split(":");
      if (!WHOLE_EVENTS.has(event) && !EVENTS[family]?.includes(kind)) {
        throw invalidArgument("The event is not supported for notifications", "Event", event);
      }
    }
  }
}

const OWNERSHIPS: ReadonlySet<string> = new Set([
  "BucketOwnerPreferred",
  "ObjectWriter",
  "BucketOwnerEnforced",
]);

export function isOwnership(name: string): boolean {
  return OWNERSHIPS.has(name);
}

export function checkOwnership(rules: readonly Received<OwnershipControlsRule>[]): string {
  const [rule] = rules;
  if (rules.length !== 1 || !OWNERSHIPS.has(rule?.ObjectOwnership ?? "")) throw malformedXml();
  return rule?.ObjectOwnership as string;
}

export function checkWebsite(website: Received<WebsiteConfiguration>): void {
  const { IndexDocument, RedirectAllRequestsTo, ErrorDocument, RoutingRules } = website;
  if (RedirectAllRequestsTo !== undefined) {
    const others = [IndexDocument, ErrorDocument, RoutingRules];
    checkRedirectProtocol(RedirectAllRequestsTo.Protocol);
    if (others.every((each) => each === undefined)) return;
    throw invalidArgument(
      "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
      "RedirectAllRequestsTo",
      "not null",
    );
  }
  if (IndexDocument === undefined) {
    throw invalidArgument(
      "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
      "IndexDocument",
      "null",
    );
  }
  const { Suffix } = IndexDocument;
  if (Suffix === "" || Suffix.includes("/"))
    throw invalidArgument("The IndexDocument Suffix is not well formed", "IndexDocument", Suffix);
  if (ErrorDocument?.Key === "")
    throw invalidArgument("The ErrorDocument Key is not well formed", "ErrorDocument", "");
  checkRoutingRules(RoutingRules ?? []);
}

const ROUTING_RULES_MAX = 50;

function checkRoutingRules(rules: readonly Received<RoutingRule>[]): void {
  if (rules.length > ROUTING_RULES_MAX) {
    throw invalidRequest(
      `${rules.length} routing rules provided, the number of routing rules in a website configuration is limited to ${ROUTING_RULES_MAX}.`,
    );
  }
  for (const { Condition, Redirect } of rules) {
    if (isEmpty(Redirect) || (Condition !== undefined && isEmpty(Condition))) throw malformedXml();
    checkRedirectProtocol(Redirect.Protocol);
    const { HttpRedirectCode: code, ReplaceKeyPrefixWith, ReplaceKeyWith } = Redirect;
    const error = Condition?.HttpErrorCodeReturnedEquals;
    if (code !== undefined && (!/^3\d\d$/.test(code) || code === "300")) {
      throw invalidRequest(
        `The provided HTTP redirect code (${code}) is not valid. Valid codes are 3XX except 300.`,
      );
    }
    if (error !== undefined && !/^[45]\d\d$/.test(error)) {
      throw invalidRequest(
        `The provided HTTP error code (${error}) is not valid. Valid codes are 4XX or 5XX.`,
      );
    }
    if (ReplaceKeyPrefixWith !== undefined && ReplaceKeyWith !== undefined) {
      throw invalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
    }
  }
}

function isEmpty(value: object): boolean {
  return Object.values(value).every((member) => member === undefined);
}

function checkRedirectProtocol(protocol: string | undefined): void {
  if (protocol === undefined || protocol === "http" || protocol === "https") return;
  throw invalidRequest(
    "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.",
  );
}

export function checkPolicy(policy: string): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch {
    throw malformedPolicy("Policies must be valid JSON and the first byte must be '{'");
  }
  const statement = (parsed as { Statement?: unknown } | null)?.Statement;
  if (statement === undefined) throw malformedPolicy("Missing required field Statement");
}

interface PolicyStatement {
  readonly Effect?: string;
  readonly Principal?: "*" | { readonly AWS?: string | readonly string[] };
  readonly Condition?: unknown;
}

function malformedPolicy(message: string): EmulatorError {
  return new EmulatorError("MalformedPolicy", message, 400);
}

/** A condition narrows whom a statement is for. */
export function isPublicPolicy(policy: string): boolean {
  const { Statement = [] } = JSON.parse(policy) as { Statement?: PolicyStatement | PolicyStatement[] };
  return [Statement]
    .flat()
    .some(
      ({ Effect, Principal, Condition }) =>
        Effect === "Allow" &&
        Condition === undefined &&
        (Principal === "*" || [Principal?.AWS].flat().includes("*")),
    );
}
