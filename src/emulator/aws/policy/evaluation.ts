/**
 * Whether policies let somebody do something.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { holds } from "./conditions.js";
import { type ContextKeys, expand, matches, matchesArn } from "./pattern.js";
import type { Principals, Statement, Texts } from "./statement.js";

/** A policy, and whose statements it brings: `source` is handed back with those that decide. */
export interface Policy<S = unknown> {
  readonly source: S;
  readonly statements: readonly Statement[];
}

export interface PolicyRequest {
  /** `s3:GetObject` */
  readonly action: string;
  /** An ARN, or `*` for what is of no one resource. */
  readonly resource: string;
  readonly context: ContextKeys;
  /** Undefined: nobody in particular. */
  readonly caller: PolicyCaller | undefined;
}

export interface PolicyCaller {
  readonly account: string;
  /** Of the user, the root user or the session. */
  readonly arn: string;
  /** Of the role whose session it is. */
  readonly roleArn?: string | undefined;
}

export type Decision = "allowed" | "explicitDeny" | "implicitDeny";

export interface Judgement<S> {
  readonly decision: Decision;
  /** The statements that decide: those that deny, else those that allow. */
  readonly matched: readonly { readonly source: S; readonly statement: Statement }[];
}

/** What policies of one kind say together: one that denies outweighs all that allow. */
export function judge<S>(policies: readonly Policy<S>[], request: PolicyRequest): Judgement<S> {
  const applying = policies.flatMap(({ source, statements }) =>
    statements.filter((statement) => applies(statement, request)).map((statement) => ({ source, statement })),
  );
  const denying = applying.filter(({ statement }) => statement.effect === "Deny");
  if (denying.length > 0) return { decision: "explicitDeny", matched: denying };
  return { decision: applying.length > 0 ? "allowed" : "implicitDeny", matched: applying };
}

/** All the policies that one request is held against. */
export interface PolicySet<S = unknown> {
  readonly identity: readonly Policy<S>[];
  /** Undefined: no boundary. */
  readonly boundary?: readonly Policy<S>[] | undefined;
  /** What narrows a session; undefined: nothing does. */
  readonly session?: readonly Policy<S>[] | undefined;
  readonly resource?: readonly Policy<S>[] | undefined;
  /** Service control policies, level by level from the root of the organization: each level must allow. */
  readonly organization?: readonly (readonly Policy<S>[])[] | undefined;
  /** Whether the resource is another account's: both sides must allow then. */
  readonly crossAccount: boolean;
  /** Whether identities' own policies are not enough: a role's trust policy has to allow too. */
  readonly resourceMustAllow?: boolean;
}

export interface Evaluation<S> extends Judgement<S> {
  readonly byKind: {
    readonly identity: Judgement<S>;
    readonly boundary: Judgement<S> | undefined;
    readonly session: Judgement<S> | undefined;
    readonly resource: Judgement<S> | undefined;
    readonly organization: Judgement<S> | undefined;
  };
}

export function evaluate<S>(set: PolicySet<S>, request: PolicyRequest): Evaluation<S> {
  const byKind = {
    identity: judge(set.identity, request),
    boundary: set.boundary && judge(set.boundary, request),
    session: set.session && judge(set.session, request),
    resource: set.resource && judge(set.resource, request),
    organization: set.organization && judgeLevels(set.organization, request),
  };
  const { identity, boundary, session, resource, organization } = byKind;
  const denying = Object.values(byKind).filter((each) => each?.decision === "explicitDeny");
  if (denying.length > 0) {
    return { decision: "explicitDeny", matched: denying.flatMap((each) => each?.matched ?? []), byKind };
  }
  const allows = (judgement: Judgement<S> | undefined) => judgement?.decision === "allowed";
  const limited = [boundary, session].some((each) => each !== undefined && !allows(each));
  const granted = resource?.matched.map(({ statement }) => grantOf(statement, request.caller)) ?? [];
  const allowed =
    (organization === undefined || allows(organization)) &&
    (set.resourceMustAllow !== true || allows(resource)) &&
    (set.crossAccount
      ? allows(identity) && allows(resource) && !limited
      : granted.includes("caller") || ((allows(identity) || granted.includes("entity")) && !limited));
  const matched = allowed ? [...identity.matched, ...(resource?.matched ?? [])] : [];
  return { decision: allowed ? "allowed" : "implicitDeny", matched, byKind };
}

function judgeLevels<S>(levels: readonly (readonly Policy<S>[])[], request: PolicyRequest): Judgement<S> {
  const judgements = levels.map((policies) => judge(policies, request));
  const worst = (decision: Decision) => judgements.find((each) => each.decision === decision);
  return (
    worst("explicitDeny") ??
    worst("implicitDeny") ?? { decision: "allowed", matched: judgements.flatMap(({ matched }) => matched) }
  );
}

function applies(statement: Statement, request: PolicyRequest): boolean {
  return (
    concerns(statement, request) &&
    statement.conditions.every((condition) => holds(condition, request.context))
  );
}

/** Whether a statement is about what is asked for, whatever its conditions say. */
export function concerns(statement: Statement, request: PolicyRequest): boolean {
  const { action, resource, context, caller } = request;
  const { actions, resources, principals } = statement;
  return (
    includes(actions, context, (pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    (resources === undefined || includes(resources, context, (pattern) => matchesArn(pattern, resource))) &&
    (principals === undefined || includesCaller(principals, caller))
  );
}

function includes({ not, values }: Texts, context: ContextKeys, test: (pattern: string) => boolean): boolean {
  const found = values.some((text) => {
    const pattern = expand(text, context, true);
    return pattern !== undefined && test(pattern);
  });
  return found !== not;
}

function includesCaller({ not, byKind }: Principals, caller: PolicyCaller | undefined): boolean {
  const values = byKind.get("AWS") ?? [];
  const names: readonly string[] = caller === undefined ? [] : namesOf(caller);
  return values.some((value) => value === "*" || names.includes(value)) !== not;
}

function namesOf({ account, arn, roleArn }: PolicyCaller): string[] {
  const root = `${arn.split(":", 2).join(":")}:iam::${account}:root`;
  return [arn, account, root, ...(roleArn === undefined ? [] : [roleArn])];
}

/**
 * What a statement of a resource's policy gives within the account: to the caller by name, whatever limits it; to the role
 * behind a session or to everybody, within the limits; to the account only what its identities' own policies allow.
 */
function grantOf({ principals }: Statement, caller: PolicyCaller | undefined) {
  if (caller === undefined || principals === undefined) return undefined;
  const values = principals.byKind.get("AWS") ?? [];
  if (principals.not) return "entity";
  if (values.includes(caller.arn)) return "caller";
  if (values.includes("*") || values.some((value) => value === caller.roleArn)) return "entity";
  return undefined;
}
