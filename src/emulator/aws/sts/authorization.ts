/** What calling STS needs: for sessions of roles, that the role's trust policy and the caller's own let it. */
import { type Context, EmulatorError } from "../../service.js";
import { type Asked, denialMessage, findDenial, tagKeys } from "../authorization.js";
import { iamStore } from "../iam/store.js";
import { partitionOfArn, partitionOfRegion } from "../partition.js";

/** Open to whoever has keys, or to whoever has none. */
const FREE: ReadonlySet<string> = new Set([
  "GetCallerIdentity",
  "GetSessionToken",
  "GetAccessKeyInfo",
  "AssumeRoleWithWebIdentity",
  "AssumeRoleWithSAML",
]);

interface StsInput {
  readonly RoleArn?: string;
  readonly RoleSessionName?: string;
  readonly ExternalId?: string;
  readonly SourceIdentity?: string;
  readonly TransitiveTagKeys?: readonly string[];
  readonly Name?: string;
  readonly TargetPrincipal?: string;
  readonly Audience?: readonly string[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

export function authorizeSts(input: StsInput, context: Context): void {
  const operation = context.operation?.name ?? "";
  if (FREE.has(operation)) return;
  const action = `sts:${operation}`;
  const keys = {
    "sts:externalid": input.ExternalId,
    "sts:rolesessionname": input.RoleSessionName,
    "sts:sourceidentity": input.SourceIdentity,
    "sts:transitivetagkeys": input.TransitiveTagKeys,
    "sts:identitytokenaudience": input.Audience,
    ...tagKeys(input.Tags ?? []),
  };
  const asked: Asked =
    operation === "AssumeRole"
      ? { action, keys, ...roleAsked(input.RoleArn ?? "", context) }
      : { action, keys, resource: resourceOf(input, context) };
  const tagging: Asked[] =
    operation === "AssumeRole" && input.Tags?.length ? [{ ...asked, action: "sts:TagSession" }] : [];
  const denial = findDenial([asked, ...tagging], context);
  if (denial !== undefined) throw new EmulatorError("AccessDenied", denialMessage(denial), 403);
}

function resourceOf({ Name, TargetPrincipal }: StsInput, context: Context): string {
  const arn = `arn:${partitionOfRegion(context.region)}`;
  if (TargetPrincipal !== undefined) {
    return TargetPrincipal.startsWith("arn:") ? TargetPrincipal : `${arn}:iam::${TargetPrincipal}:root`;
  }
  return Name === undefined ? "*" : `${arn}:sts::${context.account}:federated-user/${Name}`;
}

/** Nobody trusts for a role that nobody made. */
const NOBODY = '{"Version":"2012-10-17","Statement":[]}';

/** A trust policy has no resource: it is the role's. */
function roleAsked(arn: string, context: Context): Omit<Asked, "action" | "keys"> {
  const [, owner = "", name = ""] = /:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const role = context.store(iamStore).account(owner, partitionOfArn(arn)).roles.get(name);
  return { resource: arn, owner, resourcePolicy: role?.trust ?? NOBODY, resourceMustAllow: true };
}
