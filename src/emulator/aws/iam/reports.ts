/** Handlers that tell of a whole account: its authorization details, and its credential report. */
import type { IAM } from "../../../gen/aws/iam.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import {
  accountOf,
  awsPoliciesOf,
  byName,
  encodeDocument,
  groupOutput,
  page,
  policyOutput,
  principalsOf,
  profileOutput,
  roleLastUsed,
  roleOutput,
  tagList,
  userOutput,
} from "./entities.js";
import {
  type AccessKey,
  type Account,
  iamStore,
  type ManagedPolicy,
  type Principal,
  rootOf,
  type User,
} from "./store.js";

export const reportHandlers: Handlers<IAM> = {
  getAccountAuthorizationDetails(input, context) {
    const account = accountOf(context);
    const wanted = new Set<string>(input.Filter ?? []);
    const asked = (kind: string) => wanted.size === 0 || wanted.has(kind);
    // One list in pages, of which each kind then takes its own.
    const all = [
      ...(asked("User") ? byName(account.users.values()).map((user) => ({ user })) : []),
      ...(asked("Group") ? byName(account.groups.values()).map((group) => ({ group })) : []),
      ...(asked("Role") ? byName(account.roles.values()).map((role) => ({ role })) : []),
      ...policiesOf(account, asked("LocalManagedPolicy"), asked("AWSManagedPolicy")).map((policy) => ({
        policy,
      })),
    ];
    const { items, rest } = page<Partial<Item>>(all, input);
    const of = <K extends keyof Item>(kind: K) =>
      items.map((item) => item[kind]).filter((each): each is Item[K] => each !== undefined);
    return {
      UserDetailList: of("user").map((user) => userDetail(account, user)),
      GroupDetailList: of("group").map((group) => ({
        ...groupOutput(account, group),
        GroupPolicyList: inlineOf(group),
        AttachedManagedPolicies: attachedTo(account, group),
      })),
      RoleDetailList: of("role").map((role) => {
        const { Description: _, MaxSessionDuration: __, ...own } = roleOutput(account, role);
        return {
          ...own,
          InstanceProfileList: [...account.profiles.values()]
            .filter((profile) => profile.role === role.name)
            .map((profile) => profileOutput(account, profile)),
          RolePolicyList: inlineOf(role),
          AttachedManagedPolicies: attachedTo(account, role),
          PermissionsBoundary: role.boundary,
          Tags: tagList(role.tags),
          RoleLastUsed: roleLastUsed(account, role),
        };
      }),
      Policies: of("policy").map((policy) => ({
        ...policyOutput(account, policy),
        Description: policy.description,
        PolicyVersionList: policy.versions.map(({ id, document, created }) => ({
          Document: encodeDocument(document),
          VersionId: id,
          IsDefaultVersion: id === policy.defaultVersion,
          CreateDate: created,
        })),
      })),
      ...rest,
    };
  },

  generateCredentialReport(_input, context) {
    const account = accountOf(context);
    const first = account.credentialReport === undefined;
    account.credentialReport = { content: credentialReport(account, context), at: context.clock.date() };
    return first
      ? { State: "STARTED" as const, Description: "No report exists. Starting a new report generation task" }
      : { State: "COMPLETE" as const };
  },

  getCredentialReport(_input, context) {
    const report = accountOf(context).credentialReport;
    if (report === undefined) {
      throw new EmulatorError(
        "ReportNotPresent",
        "Credential report is not present, please call GenerateCredentialReport and try again.",
        410,
      );
    }
    return { Content: Buffer.from(report.content), ReportFormat: "text/csv", GeneratedTime: report.at };
  },
};

interface Item {
  readonly user: User;
  readonly group: Principal;
  readonly role: Account["roles"] extends Map<string, infer R> ? R : never;
  readonly policy: ManagedPolicy;
}

/** Of AWS's own policies those that somebody has. */
function policiesOf(account: Account, local: boolean, aws: boolean): ManagedPolicy[] {
  const attached = new Set(principalsOf(account).flatMap((each) => [...each.attached]));
  return [
    ...(local ? byName(account.policies.values()) : []),
    ...(aws ? byName(awsPoliciesOf(account).values()).filter(({ arn }) => attached.has(arn)) : []),
  ];
}

function userDetail(account: Account, user: User) {
  return {
    ...userOutput(account, user),
    UserPolicyList: user.inline.size > 0 ? inlineOf(user) : undefined,
    GroupList: [...user.groups],
    AttachedManagedPolicies: attachedTo(account, user),
    PermissionsBoundary: user.boundary,
    Tags: tagList(user.tags),
  };
}

function inlineOf({ inline }: Principal) {
  return Array.from(inline, ([PolicyName, document]) => ({
    PolicyName,
    PolicyDocument: encodeDocument(document),
  }));
}

function attachedTo(account: Account, { attached }: Principal) {
  return Array.from(attached, (arn) => ({
    PolicyName: (account.policies.get(arn) ?? awsPoliciesOf(account).get(arn))?.name,
    PolicyArn: arn,
  }));
}

const KEY_COLUMNS = ["active", "last_rotated", "last_used_date", "last_used_region", "last_used_service"];
const COLUMNS = [
  "user",
  "arn",
  "user_creation_time",
  "password_enabled",
  "password_last_used",
  "password_last_changed",
  "password_next_rotation",
  "mfa_active",
  ...[1, 2].flatMap((n) => KEY_COLUMNS.map((column) => `access_key_${n}_${column}`)),
  ...[1, 2].flatMap((n) => [`cert_${n}_active`, `cert_${n}_last_rotated`]),
];

/** See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html */
function credentialReport(account: Account, context: Context): string {
  const keysOf = (name: string | undefined) => context.store(iamStore).keysOf(account, name);
  const { arn } = rootOf(account.id, account.partition);
  const root = ["<root_account>", arn, time(context.clock.date()), "not_supported", "no_information"];
  const rows = [
    [
      ...root,
      "not_supported",
      "not_supported",
      "false",
      ...keyCells(keysOf(undefined)),
      ...certificateCells([]),
    ],
    ...byName(account.users.values()).map((user) => [
      user.name,
      userOutput(account, user).Arn,
      time(user.created),
      String(user.login !== undefined),
      user.login ? "no_information" : "N/A",
      user.login ? time(user.login.created) : "N/A",
      "N/A",
      String([...account.mfaDevices.values()].some(({ enabled }) => enabled?.user === user.name)),
      ...keyCells(keysOf(user.name)),
      ...certificateCells([...user.certificates.values()]),
    ]),
  ];
  return [COLUMNS, ...rows].map((row) => row.join(",")).join("\n");
}

function keyCells(keys: readonly AccessKey[]): string[] {
  return [keys[0], keys[1]].flatMap((key) => {
    if (key === undefined) return ["false", "N/A", "N/A", "N/A", "N/A"];
    const { lastUsed } = key;
    const used = lastUsed ? [time(lastUsed.at), lastUsed.region, lastUsed.service] : ["N/A", "N/A", "N/A"];
    return [String(key.active), time(key.created), ...used];
  });
}

function certificateCells(
  certificates: readonly { readonly status: string; readonly uploaded: Date }[],
): string[] {
  return [certificates[0], certificates[1]].flatMap((each) =>
    each === undefined ? ["false", "N/A"] : [String(each.status === "Active"), time(each.uploaded)],
  );
}

function time(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "+00:00");
}
