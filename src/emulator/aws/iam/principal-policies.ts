/** The policies that a user, a group or a role has: its own, those attached to it, and a user's groups'. */
import { EmulatorError } from "../../service.js";
import type { Policy } from "../policy/evaluation.js";
import { readStatements } from "../policy/statement.js";
import { arnOf, awsPoliciesOf, findPolicy, isAwsPolicy } from "./entities.js";
import { type Account, noSuchEntity, type Principal, type User, validationError } from "./store.js";

export type PrincipalKind = "user" | "group" | "role";

/** A user, a group or a role, told apart. */
export interface Entity {
  readonly kind: PrincipalKind;
  readonly principal: Principal;
}

/** One policy that somebody has. */
export interface PolicySource {
  readonly name: string;
  readonly document: string;
  /** Of a managed policy. */
  readonly arn: string | undefined;
  /** Who has it: the entity itself, or a group that a user is in. */
  readonly holder: Entity;
}

export function findEntity(account: Account, arn: string): Entity {
  const match = /^arn:[\w-]+:iam::\d{12}:(user|group|role)\/(?:.*\/)?([\w+=,.@-]+)$/.exec(arn);
  if (match === null) throw validationError(`Invalid Entity Arn: ${arn}`);
  const kind = match[1] as PrincipalKind;
  const principal = { user: account.users, group: account.groups, role: account.roles }[kind].get(
    match[2] as string,
  );
  if (principal === undefined || entityArn(account, { kind, principal }) !== arn) {
    throw noSuchEntity(`The ${kind} with name ${match[2]} cannot be found.`);
  }
  return { kind, principal };
}

export function entityArn(account: Account, { kind, principal }: Entity): string {
  return arnOf(account, kind, principal.path, principal.name);
}

export function policiesOf(account: Account, entity: Entity): PolicySource[] {
  const { principal } = entity;
  const groups = entity.kind === "user" ? groupsOf(account, principal as User) : [];
  return [
    ...Array.from(principal.inline, ([name, document]) => ({
      name,
      document,
      arn: undefined,
      holder: entity,
    })),
    ...Array.from(principal.attached, (arn) => ({ ...managedPolicy(account, arn), holder: entity })),
    ...groups.flatMap((group) => policiesOf(account, { kind: "group", principal: group })),
  ];
}

export function groupsOf(account: Account, { groups }: User): Principal[] {
  return [...groups].map((name) => account.groups.get(name)).filter((group) => group !== undefined);
}

/** The policy that bounds what a user or a role may do; undefined: nothing does. */
export function boundaryPolicy(account: Account, entity: Entity): PolicySource | undefined {
  const arn = entity.principal.boundary?.PermissionsBoundaryArn;
  return arn === undefined ? undefined : { ...managedPolicy(account, arn), holder: entity };
}

/** In its default version. Of AWS's own many documents are not held. */
export function managedPolicy(account: Account, arn: string): Omit<PolicySource, "holder"> {
  const policy = isAwsPolicy(arn) ? awsPoliciesOf(account).get(arn) : findPolicy(account, arn);
  const document = policy?.versions.find(({ id }) => id === policy.defaultVersion)?.document ?? "";
  if (policy === undefined || document === "") {
    throw new EmulatorError("NotImplemented", `The emulator does not hold the document of ${arn}`, 501);
  }
  return { name: policy.name, document, arn };
}

export function readPolicy<S extends { readonly document: string }>(source: S): Policy<S> {
  return { source, statements: readStatements(source.document) };
}
