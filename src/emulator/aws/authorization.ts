/**
 * Whether a caller's policies, and those of what it asks for, let it do so. Only with `Emulator.start({ authorize: true })`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { Caller, Context } from "../service.js";
import { callerEntity, principalArn } from "./iam/caller.js";
import {
  boundaryPolicy,
  type Entity,
  managedPolicy,
  policiesOf,
  readPolicy,
} from "./iam/principal-policies.js";
import { type Account, iamStore, type SessionPolicies } from "./iam/store.js";
import { partitionOfArn } from "./partition.js";
import {
  type Evaluation,
  evaluate,
  type Policy,
  type PolicyCaller,
  type PolicySet,
} from "./policy/evaluation.js";

/** One action that a request needs, and on what. */
export interface Asked {
  /** `s3:GetObject` */
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  /** Keys of the service's own, in lower case. */
  readonly keys?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Document of the resource's own policy. */
  readonly resourcePolicy?: string | undefined;
  /** Whether that policy has to allow, whatever the caller's own do. */
  readonly resourceMustAllow?: boolean;
  /** Account that the resource is of. Default: that of the caller. */
  readonly owner?: string | undefined;
}

/** What is not allowed, and why. */
export interface Denial {
  readonly asked: Asked;
  readonly caller: Caller;
  readonly explicit: boolean;
  /** `because no identity-based policy allows the s3:GetObject action` */
  readonly because: string;
}

/** The first of what is asked for that is not allowed. Who has not signed is for others to judge. */
export function findDenial(all: readonly Asked[], context: Context): Denial | undefined {
  const { caller } = context;
  if (caller === undefined) return undefined;
  const account = context.store(iamStore).account(caller.account, partitionOfArn(caller.id));
  const session = context.store(iamStore).keys.get(caller.accessKeyId ?? "")?.session;
  const entity = callerEntity(context);
  const isRoot = session === undefined ? caller.userId === caller.account : session.of === undefined;
  const bound = entity && boundaryPolicy(account, entity);
  const own = {
    identity: isRoot ? [EVERYTHING] : entity === undefined ? [] : policiesOf(account, entity).map(readPolicy),
    boundary: bound && [readPolicy(bound)],
    session: session?.policies && sessionPolicies(account, session.policies),
  };
  const general = generalKeys(context, caller, entity);
  for (const asked of all) {
    const set = {
      ...own,
      resource:
        asked.resourcePolicy === undefined ? undefined : [readPolicy({ document: asked.resourcePolicy })],
      crossAccount: (asked.owner ?? caller.account) !== caller.account,
      resourceMustAllow: asked.resourceMustAllow === true,
    };
    const evaluation = evaluate(set, {
      action: asked.action,
      resource: asked.resource,
      context: new Map([...general, ...ownKeys(asked)]),
      caller: policyCaller(caller, session?.of?.kind === "role" ? principalArn(context) : undefined),
    });
    if (evaluation.decision !== "allowed") {
      const explicit = evaluation.decision === "explicitDeny";
      return { asked, caller, explicit, because: reason(evaluation, asked.action, set) };
    }
  }
  return undefined;
}

type Document = { readonly document: string };

const EVERYTHING: Policy<Document> = readPolicy({
  document: '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
});

function sessionPolicies(account: Account, { documents, arns }: SessionPolicies): Policy<Document>[] {
  return [
    ...documents.map((document) => ({ document })),
    ...arns.map((arn) => managedPolicy(account, arn)),
  ].map(readPolicy);
}

function policyCaller({ account, id }: Caller, roleArn: string | undefined): PolicyCaller {
  return { account, arn: id, roleArn };
}

/** In the words of https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function reason(
  { decision, byKind }: Evaluation<Document>,
  action: string,
  { crossAccount, resourceMustAllow }: Pick<PolicySet, "crossAccount" | "resourceMustAllow">,
): string {
  const { identity, boundary, session, resource } = byKind;
  const kinds = [
    ["identity-based policy", identity],
    ["permissions boundary", boundary],
    ["session policy", session],
    ["resource-based policy", resource],
  ] as const;
  if (decision === "explicitDeny") {
    const [kind] = kinds.find(([, judgement]) => judgement?.decision === "explicitDeny") ?? kinds[0];
    return `with an explicit deny in ${kind.startsWith("i") ? "an" : "a"} ${kind}`;
  }
  // Of trust policies no more is told.
  if (resourceMustAllow && resource?.decision !== "allowed") return "";
  const limiting = kinds.find(
    ([kind, judgement]) =>
      judgement !== undefined &&
      judgement.decision !== "allowed" &&
      (crossAccount || !kind.startsWith("resource")),
  );
  const kind = limiting?.[0] ?? (crossAccount ? "resource-based policy" : "identity-based policy");
  return `because no ${kind} allows the ${action} action`;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
function generalKeys(
  context: Context,
  caller: Caller,
  entity: Entity | undefined,
): Map<string, readonly string[]> {
  const { request, clock, region } = context;
  const session = context.store(iamStore).keys.get(caller.accessKeyId ?? "")?.session;
  const { headers } = request;
  const principalTags = new Map([...(entity?.principal.tags ?? []), ...(session?.tags ?? [])]);
  const keys: Record<string, string | undefined> = {
    "aws:currenttime": clock.date().toISOString(),
    "aws:epochtime": String(Math.floor(clock.now() / 1000)),
    "aws:sourceip": request.clientAddress ?? "127.0.0.1",
    "aws:securetransport": String(request.origin.startsWith("https:")),
    "aws:requestedregion": region,
    "aws:useragent": headers["user-agent"],
    "aws:referer": headers.referer,
    "aws:userid": caller.userId,
    "aws:username": entity?.kind === "user" ? entity.principal.name : undefined,
    "aws:principalarn": principalArn(context),
    "aws:principalaccount": caller.account,
    "aws:principaltype": principalType(caller),
    // Who signs with keys of its own is not asked.
    "aws:multifactorauthpresent": session && String(session.mfa === true),
    ...Object.fromEntries(
      Array.from(principalTags, ([name, value]) => [`aws:principaltag/${name.toLowerCase()}`, value]),
    ),
  };
  return new Map(
    Object.entries(keys).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]] as const])),
  );
}

function principalType({ id }: Caller): string {
  if (id.includes(":assumed-role/")) return "AssumedRole";
  if (id.includes(":federated-user/")) return "FederatedUser";
  return id.endsWith(":root") ? "Account" : "User";
}

function* ownKeys({ keys = {} }: Asked): Iterable<readonly [string, readonly string[]]> {
  for (const [name, value] of Object.entries(keys)) if (value !== undefined) yield [name, [value].flat()];
}

/** That a role is handed to a service, which then acts as it. */
export function passing(roleArn: string): Asked {
  return {
    action: "iam:PassRole",
    resource: roleArn,
    keys: { "iam:passedtoservice": "ec2.amazonaws.com" },
  };
}

/** Keys of the tags that a request brings. */
export function tagKeys(tags: readonly { readonly Key?: string; readonly Value?: string }[]) {
  if (tags.length === 0) return {};
  return {
    "aws:tagkeys": tags.map(({ Key = "" }) => Key),
    ...Object.fromEntries(
      tags.map(({ Key = "", Value = "" }) => [`aws:requesttag/${Key.toLowerCase()}`, Value]),
    ),
  } satisfies Record<string, string | readonly string[]>;
}

/** `User: ... is not authorized to perform: ...` */
export function denialMessage({ asked, caller, because }: Denial, quote = ""): string {
  const on = `on resource: ${quote}${asked.resource}${quote}`;
  return `User: ${caller.id} is not authorized to perform: ${asked.action} ${on} ${because}`.trimEnd();
}
