/** STS in the emulator: temporary keys that really sign, until they expire. */
import { STS } from "../../../gen/aws/sts.js";
import { awsQueryServer } from "../../../protocol/aws-query.js";
import {
  type Context,
  type EmulatedService,
  EmulatorError,
  eraseHandlers,
  type Handlers,
  type IncomingRequest,
} from "../../service.js";
import { userNameOf } from "../iam/caller.js";
import { checkSessionDocument } from "../iam/documents.js";
import { accountOf } from "../iam/entities.js";
import {
  type AccessKey,
  iamStore,
  rootOf,
  type Session,
  type SessionPolicies,
  validationError,
} from "../iam/store.js";
import { partitionOfRegion } from "../partition.js";
import { nullMember, withRequired } from "../required.js";
import { verifyOptional, verifyQuery } from "../verify.js";
import { authorizeSts } from "./authorization.js";
import { decodeDenial } from "./authorization-message.js";
import { checkDuration, checkSessionName, checkTags, durationError } from "./checks.js";
import { answerDiscovery, isDiscovery, issueToken } from "./outbound-tokens.js";
import { readSaml } from "./saml.js";
import { readWebIdentity } from "./web-identity.js";

/** Where the plain text counts; assumeRole's is held against its packed size. */
const SESSION_POLICY_LENGTH_MAX = 2048;
const UNSIGNED = new Set(["AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"]);

const handlers: Handlers<STS> = {
  getCallerIdentity(_input, context) {
    const { caller } = context;
    return { UserId: caller?.userId, Account: context.account, Arn: caller?.id };
  },

  assumeRole(input, context) {
    checkSessionDocument(input.Policy);
    checkTags(input.Tags ?? [], input.TransitiveTagKeys ?? []);
    const session = startSession(context, input, 3600);
    return { ...session, SourceIdentity: input.SourceIdentity, PackedPolicySize: packedSize(input) };
  },

  assumeRoleWithWebIdentity(input, context) {
    checkSessionDocument(input.Policy, SESSION_POLICY_LENGTH_MAX);
    const token = readWebIdentity(input.WebIdentityToken, context.clock.now());
    const session = startSession(context, input, 3600);
    return {
      ...session,
      SubjectFromWebIdentityToken: token.subject,
      Audience: token.audience,
      Provider: input.ProviderId ?? token.issuer,
      PackedPolicySize: packedSize(input),
    };
  },

  assumeRoleWithSAML(input, context) {
    checkSessionDocument(input.Policy, SESSION_POLICY_LENGTH_MAX);
    const assertion = readSaml(input.SAMLAssertion);
    const request = { ...input, RoleSessionName: assertion.sessionName };
    const session = startSession(context, request, assertion.durationSeconds ?? 3600);
    return {
      ...session,
      Subject: assertion.subject,
      SubjectType: assertion.subjectType,
      Issuer: assertion.issuer,
      Audience: assertion.audience,
      PackedPolicySize: packedSize(input),
    };
  },

  getSessionToken(input, context) {
    if (isTemporary(context)) {
      throw new EmulatorError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403);
    }
    const duration = checkDuration(input.DurationSeconds ?? 43_200, 129_600);
    const session: Session = { of: callingUser(context), mfa: input.TokenCode !== undefined };
    return { Credentials: credentials(context, { ...callerKey(context), session }, duration) };
  },

  getFederationToken(input, context) {
    if (isTemporary(context)) {
      throw new EmulatorError("AccessDenied", "Cannot call GetFederationToken with session credentials", 403);
    }
    checkSessionName("name", input.Name, 32);
    checkSessionDocument(input.Policy, SESSION_POLICY_LENGTH_MAX);
    const duration = checkDuration(input.DurationSeconds ?? 43_200, 129_600);
    const FederatedUserId = `${context.account}:${input.Name}`;
    const Arn = `arn:${partitionOfRegion(context.region)}:sts::${context.account}:federated-user/${input.Name}`;
    const session: Session = {
      of: callingUser(context),
      // Without a policy a federated user has no permissions.
      policies: sessionPolicies(input) ?? { documents: [], arns: [] },
      tags: new Map(input.Tags?.map(({ Key, Value }) => [Key, Value])),
    };
    const owner = { account: context.account, arn: Arn, userId: FederatedUserId, session };
    return {
      Credentials: credentials(context, owner, duration),
      FederatedUser: { FederatedUserId, Arn },
      PackedPolicySize: packedSize(input),
    };
  },

  assumeRoot(input, context) {
    const target = /^(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?$/.exec(input.TargetPrincipal)?.[1];
    if (target === undefined) throw validationError(`${input.TargetPrincipal} is invalid`);
    const task = /^arn:[\w-]+:iam::aws:policy\/root-task\/(\w+)$/.exec(input.TaskPolicyArn.arn ?? "")?.[1];
    if (task === undefined || !ROOT_TASKS.has(task)) {
      throw validationError(`${input.TaskPolicyArn.arn} is not a policy of privileged tasks.`);
    }
    const duration = input.DurationSeconds ?? ROOT_SESSION_SECONDS_MAX;
    if (duration > ROOT_SESSION_SECONDS_MAX) throw durationError(duration, ROOT_SESSION_SECONDS_MAX);
    const { organizationFeatures } = accountOf(context);
    if (!organizationFeatures.has("RootSessions")) {
      throw new EmulatorError("AccessDenied", "Root sessions are not enabled in the organization.", 403);
    }
    const session: Session = {
      of: undefined,
      policies: { documents: [], arns: [input.TaskPolicyArn.arn ?? ""] },
    };
    const root = rootOf(target, partitionOfRegion(context.region));
    return { Credentials: credentials(context, { ...root, session }, duration) };
  },

  getWebIdentityToken: issueToken,

  /** Only AWS reads its own messages, and the emulator its own. */
  decodeAuthorizationMessage(input) {
    const DecodedMessage = decodeDenial(input.EncodedMessage);
    if (DecodedMessage !== undefined) return { DecodedMessage };
    throw new EmulatorError("InvalidAuthorizationMessageException", "The encoded message is not valid", 400);
  },

  getAccessKeyInfo(input, context) {
    if (!/^\w{16,128}$/.test(input.AccessKeyId)) {
      throw validationError(
        "1 validation error detected: Value at 'accessKeyId' failed to satisfy constraint: Member must have length greater than or equal to 16",
      );
    }
    return { Account: context.store(iamStore).keys.get(input.AccessKeyId)?.account ?? context.account };
  },
};

/** What a session of a member account's root user may be for. */
const ROOT_TASKS: ReadonlySet<string> = new Set([
  "IAMAuditRootUserCredentials",
  "IAMCreateRootUserPassword",
  "IAMDeleteRootUserCredentials",
  "S3UnlockBucketPolicy",
  "SQSUnlockQueuePolicy",
]);
const ROOT_SESSION_SECONDS_MAX = 900;

interface RoleRequest extends PolicyRequest {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly DurationSeconds?: number;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly TokenCode?: string;
}

interface PolicyRequest {
  readonly Policy?: string;
  readonly PolicyArns?: readonly { readonly arn?: string }[];
}

/** Undefined where a request brings none. */
function sessionPolicies({ Policy, PolicyArns = [] }: PolicyRequest): SessionPolicies | undefined {
  if (Policy === undefined && PolicyArns.length === 0) return undefined;
  return {
    documents: Policy === undefined ? [] : [Policy],
    arns: PolicyArns.map(({ arn }) => arn).filter((arn) => arn !== undefined),
  };
}

/** The user who calls; undefined for the root user. */
function callingUser(context: Context): Session["of"] {
  const name = userNameOf(context.caller);
  return name === undefined ? undefined : { kind: "user", name };
}

/**
 * Keys of a role's session. Unless policies are enforced, trust policies are only stored, and a role that nobody made can be assumed too: accounts
 * other than one's own are seldom described in a test.
 */
function startSession(context: Context, input: RoleRequest, defaultSeconds: number) {
  const match = /^arn:(aws[\w-]*):iam::(\d{12}):role\/((?:[\x21-\x7e]+\/)?)([\w+=,.@-]+)$/.exec(
    input.RoleArn,
  );
  if (match === null) throw validationError(`${input.RoleArn} is invalid`);
  const [, partition = "", account = "", , name = ""] = match;
  checkSessionName("roleSessionName", input.RoleSessionName, 64);
  const role = context.store(iamStore).account(account, partition).roles.get(name);
  const duration = checkDuration(input.DurationSeconds ?? defaultSeconds, 43_200);
  if (duration > (role?.maxSessionSeconds ?? 43_200)) {
    throw validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  const userId = `${role?.id ?? strangerId(account, name)}:${input.RoleSessionName}`;
  const session: Session = {
    of: { kind: "role", name },
    policies: sessionPolicies(input),
    tags: new Map(input.Tags?.map(({ Key, Value }) => [Key, Value])),
    mfa: input.TokenCode !== undefined,
  };
  const arn = `arn:${partition}:sts::${account}:assumed-role/${name}/${input.RoleSessionName}`;
  return {
    Credentials: credentials(context, { account, arn, userId, session }, duration),
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
  };
}

/** A role id that stays the same for a role that nobody made. */
function strangerId(account: string, name: string): string {
  let hash = 0;
  for (const char of `${account}/${name}`) hash = (hash * 31 + (char.codePointAt(0) as number)) >>> 0;
  return `AROA${hash.toString(32).toUpperCase().replace(/[01]/g, "X").padStart(17, "A")}`;
}

function credentials(
  context: Context,
  owner: Pick<AccessKey, "account" | "arn" | "userId" | "session">,
  durationSeconds: number,
) {
  const key = context.store(iamStore).issueSession(owner, durationSeconds);
  return {
    AccessKeyId: key.id,
    SecretAccessKey: key.secret,
    SessionToken: key.sessionToken,
    Expiration: key.expiration,
  };
}

function callerKey({ caller, account }: Context) {
  return { account, arn: caller?.id ?? rootOf(account).arn, userId: caller?.userId ?? account };
}

function isTemporary(context: Context): boolean {
  const key = context.store(iamStore).keys.get(context.caller?.accessKeyId ?? "");
  return key?.sessionToken !== undefined;
}

/** In percent of what a session policy and tags may take; absent where there are none. */
function packedSize(input: {
  readonly Policy?: string;
  readonly Tags?: readonly unknown[];
}): number | undefined {
  if (input.Policy === undefined && (input.Tags ?? []).length === 0) return undefined;
  return Math.min(100, Math.ceil(((input.Policy?.length ?? 0) / 2048) * 100));
}

async function verify(request: IncomingRequest, context: Context) {
  const unsigned = isDiscovery(request) || UNSIGNED.has(context.operation?.name ?? "");
  return unsigned ? verifyOptional(request, context) : verifyQuery(request, context);
}

export const stsService: EmulatedService = {
  cloud: "aws",
  id: "sts",
  model: STS.serviceModel,
  protocol: withRequired(awsQueryServer, nullMember),
  handlers: eraseHandlers<STS>(handlers),
  verify,
  authorize: authorizeSts,
  answer: answerDiscovery,
  malformed: { code: "ValidationError", status: 400 },
  throttling: { code: "Throttling", message: "Rate exceeded", status: 400 },
};
