/** What calling IAM needs, by what each operation is called on. */
import { type Context, EmulatorError } from "../../service.js";
import { type Asked, denialMessage, findDenial, passing, tagKeys } from "../authorization.js";
import { userNameOf } from "./caller.js";
import { accountOf, arnOf } from "./entities.js";
import type { Account } from "./store.js";

/** Input of any operation of IAM, as far as it names what it is called on. */
interface IamInput {
  readonly Path?: string;
  readonly InstanceProfileName?: string;
  readonly GroupName?: string;
  readonly UserName?: string;
  readonly RoleName?: string;
  readonly PolicyArn?: string;
  readonly PolicyName?: string;
  readonly ServerCertificateName?: string;
  readonly OpenIDConnectProviderArn?: string;
  readonly SAMLProviderArn?: string;
  readonly SerialNumber?: string;
  readonly PermissionsBoundary?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

export function authorizeIam(input: IamInput, context: Context): void {
  const operation = context.operation?.name ?? "";
  const asked: Asked = {
    action: `iam:${operation}`,
    resource: resourceOf(operation, input, context),
    keys: {
      "iam:policyarn": input.PolicyArn,
      "iam:permissionsboundary": input.PermissionsBoundary,
      ...tagKeys(input.Tags ?? []),
    },
  };
  const passed = operation === "AddRoleToInstanceProfile" ? [passing(roleArn(input, context))] : [];
  const denial = findDenial([asked, ...passed], context);
  if (denial !== undefined) throw new EmulatorError("AccessDenied", denialMessage(denial), 403);
}

function roleArn({ RoleName = "" }: IamInput, context: Context): string {
  const account = accountOf(context);
  return arnOf(account, "role", account.roles.get(RoleName)?.path ?? "/", RoleName);
}

/** What lists are of. */
const LISTS: Readonly<Record<string, string>> = {
  ListUsers: "user",
  ListGroups: "group",
  ListRoles: "role",
  ListInstanceProfiles: "instance-profile",
  ListServerCertificates: "server-certificate",
};

function resourceOf(operation: string, input: IamInput, context: Context): string {
  const account = accountOf(context);
  const listed = LISTS[operation];
  if (listed !== undefined) return arnOf(account, listed, "/", "");
  return (
    named(account, input) ??
    input.PolicyArn ??
    input.OpenIDConnectProviderArn ??
    input.SAMLProviderArn ??
    input.SerialNumber ??
    (input.PolicyName === undefined
      ? ownArn(context)
      : arnOf(account, "policy", input.Path ?? "/", input.PolicyName)) ??
    "*"
  );
}

/** Of several names the first is what is changed: a user is added to a group, a role to a profile. */
function named(account: Account, input: IamInput): string | undefined {
  const candidates = [
    ["instance-profile", input.InstanceProfileName, account.profiles],
    ["group", input.GroupName, account.groups],
    ["user", input.UserName, account.users],
    ["role", input.RoleName, account.roles],
    ["server-certificate", input.ServerCertificateName, account.serverCertificates],
  ] as const;
  for (const [kind, name, existing] of candidates) {
    if (name !== undefined) return arnOf(account, kind, existing.get(name)?.path ?? input.Path ?? "/", name);
  }
  return undefined;
}

/** Operations that may name a user are on the caller where they do not. */
function ownArn(context: Context): string | undefined {
  const name = userNameOf(context.caller);
  if (name === undefined || context.operation?.input?.member("UserName") === undefined) return undefined;
  return context.caller?.id;
}
