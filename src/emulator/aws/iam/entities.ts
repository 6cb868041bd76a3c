/** How IAM's things look in outputs, and how they are found, tagged and paged. */
import { type Context, EmulatorError } from "../../service.js";
import { partitionOfRegion } from "../partition.js";
import { awsPolicies } from "./aws-policies.js";
import {
  type Account,
  type Activity,
  alreadyExists,
  type Boundary,
  type Group,
  type InstanceProfile,
  iamStore,
  type ManagedPolicy,
  noSuchEntity,
  type Principal,
  type Role,
  type Tag,
  type User,
  validationError,
} from "./store.js";

export function accountOf(context: Context): Account {
  return context.store(iamStore).account(context.account, partitionOfRegion(context.region));
}

export function arnOf(account: Account, kind: string, path: string, name: string): string {
  return `arn:${account.partition}:iam::${account.id}:${kind}${path}${name}`;
}

/** `arn:aws:iam::aws:policy/ReadOnlyAccess`: AWS's own, known by name alone. */
export function isAwsPolicy(arn: string): boolean {
  return /^arn:[\w-]+:iam::aws:policy\//.test(arn);
}

export function findUser(account: Account, name: string): User {
  const user = account.users.get(name);
  if (user === undefined) throw noSuchEntity(`The user with name ${name} cannot be found.`);
  return user;
}

export function findRole(account: Account, name: string): Role {
  const role = account.roles.get(name);
  if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

export function findGroup(account: Account, name: string): Group {
  const group = account.groups.get(name);
  if (group === undefined) throw noSuchEntity(`The group with name ${name} cannot be found.`);
  return group;
}

export function findPolicy(account: Account, arn: string): ManagedPolicy {
  const policy = isAwsPolicy(arn) ? awsPoliciesOf(account).get(arn) : account.policies.get(arn);
  if (policy === undefined) throw noSuchEntity(`Policy ${arn} was not found.`);
  return policy;
}

export function awsPoliciesOf(account: Account): Map<string, ManagedPolicy> {
  account.awsPolicies ??= awsPolicies(account.partition);
  return account.awsPolicies;
}

/** A policy that its account may change: AWS's own it may not. */
export function findOwnPolicy(account: Account, arn: string): ManagedPolicy {
  if (isAwsPolicy(arn)) throw new EmulatorError("AccessDenied", `Policy ${arn} is managed by AWS`, 403);
  return findPolicy(account, arn);
}

export function findProfile(account: Account, name: string): InstanceProfile {
  const profile = account.profiles.get(name);
  if (profile === undefined) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return profile;
}

/** Names differ in more than case. */
export function checkFree(kind: string, name: string, existing: Iterable<string>): void {
  const lower = name.toLowerCase();
  for (const each of existing) {
    if (each.toLowerCase() === lower) throw alreadyExists(`${kind} with name ${name} already exists.`);
  }
}

export function checkName(member: string, name: string, max: number): string {
  if (name.length > max) {
    throw validationError(
      `1 validation error detected: Value '${name}' at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${max}`,
    );
  }
  if (!/^[\w+=,.@-]+$/.test(name)) {
    throw validationError(
      `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
    );
  }
  return name;
}

const PATH_LENGTH_MAX = 512;

export function checkPath(path = "/"): string {
  if (path.length > PATH_LENGTH_MAX)
    throw constraint(
      `'${path}' `,
      "path",
      `Member must have length less than or equal to ${PATH_LENGTH_MAX}`,
    );
  if (/^\/([\x21-\x7e]+\/)?$/.test(path)) return path;
  throw validationError(
    "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
  );
}

const TAGS_MAX = 50;
const TAG_PATTERN = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]";

export function tagMap(tags: readonly Tag[] = []): Map<string, string> {
  checkTags(tags);
  return new Map(tags.map(({ Key, Value }) => [Key, Value]));
}

/** Tags of one request. Their keys differ in more than case. */
function checkTags(tags: readonly Tag[]): void {
  if (tags.length > TAGS_MAX)
    throw constraint("", "tags", `Member must have length less than or equal to ${TAGS_MAX}.`);
  tags.forEach(({ Key, Value }, index) => {
    checkText(Key, `tags.${index + 1}.member.key`, 128, "+");
    checkText(Value, `tags.${index + 1}.member.value`, 256, "*");
  });
  if (new Set(tags.map(({ Key }) => Key.toLowerCase())).size !== tags.length) {
    throw new EmulatorError(
      "InvalidInput",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
      400,
    );
  }
}

function checkText(text: string, at: string, lengthMax: number, count: "+" | "*"): void {
  if (text.length > lengthMax)
    throw constraint(`'${text}' `, at, `Member must have length less than or equal to ${lengthMax}.`);
  if (!new RegExp(`^${TAG_PATTERN}${count}$`, "u").test(text)) {
    const what = `Member must satisfy regular expression pattern: ${TAG_PATTERN}${count}`;
    throw constraint(`'${text}' `, at, what);
  }
}

function constraint(value: string, at: string, what: string): EmulatorError {
  return validationError(
    `1 validation error detected: Value ${value}at '${at}' failed to satisfy constraint: ${what}`,
  );
}

export function tagList(tags: ReadonlyMap<string, string>): Tag[] {
  return Array.from(tags, ([Key, Value]) => ({ Key, Value }));
}

export function addTags(
  tagged: { readonly tags: Map<string, string> },
  tags: readonly Tag[],
): Record<never, never> {
  checkTags(tags);
  const after = new Set([...tagged.tags.keys(), ...tags.map(({ Key }) => Key)]);
  if (after.size > TAGS_MAX) {
    throw new EmulatorError("LimitExceeded", "The number of tags has reached the maximum limit.", 409);
  }
  for (const { Key, Value } of tags) tagged.tags.set(Key, Value);
  return {};
}

export function removeTags(
  tagged: { readonly tags: Map<string, string> },
  keys: readonly string[],
): Record<never, never> {
  if (keys.length > TAGS_MAX)
    throw constraint("", "tagKeys", `Member must have length less than or equal to ${TAGS_MAX}.`);
  keys.forEach((key, index) => {
    checkText(key, `tagKeys.${index + 1}.member`, 128, "+");
  });
  for (const key of keys) tagged.tags.delete(key);
  return {};
}

/** IAM answers tags only where it is asked for one thing, never in lists. */
function described<T extends object>(
  output: T,
  tags: ReadonlyMap<string, string>,
  boundary: Boundary | undefined,
) {
  return { ...output, Tags: tags.size > 0 ? tagList(tags) : undefined, PermissionsBoundary: boundary };
}

export function userOutput(account: Account, { name, path, id, created }: User) {
  return {
    Path: path,
    UserName: name,
    UserId: id,
    Arn: arnOf(account, "user", path, name),
    CreateDate: created,
  };
}

export function userDetail(account: Account, user: User) {
  return described(userOutput(account, user), user.tags, user.boundary);
}

export function roleOutput(account: Account, role: Role) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: arnOf(account, "role", role.path, role.name),
    CreateDate: role.created,
    AssumeRolePolicyDocument: encodeDocument(role.trust),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

export function roleDetail(account: Account, role: Role) {
  return {
    ...described(roleOutput(account, role), role.tags, role.boundary),
    RoleLastUsed: roleLastUsed(account, role),
  };
}

export function roleLastUsed({ activity }: Account, { id }: Role) {
  const uses = [...(activity.get(id)?.values() ?? [])];
  const last = uses.reduce<Activity | undefined>(
    (a, b) => (a !== undefined && a.at > b.at ? a : b),
    undefined,
  );
  return last === undefined ? {} : { LastUsedDate: last.at, Region: last.region };
}

export function groupOutput(account: Account, { name, path, id, created }: Group) {
  return {
    Path: path,
    GroupName: name,
    GroupId: id,
    Arn: arnOf(account, "group", path, name),
    CreateDate: created,
  };
}

export function policyOutput(account: Account, policy: ManagedPolicy) {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: principalsOf(account).filter(({ attached }) => attached.has(policy.arn)).length,
    PermissionsBoundaryUsageCount: principalsOf(account).filter(
      ({ boundary }) => boundary?.PermissionsBoundaryArn === policy.arn,
    ).length,
    IsAttachable: true,
    CreateDate: policy.created,
    UpdateDate: policy.updated,
  };
}

export function policyDetail(account: Account, policy: ManagedPolicy) {
  return { ...policyOutput(account, policy), Description: policy.description, Tags: tagList(policy.tags) };
}

export function profileOutput(account: Account, profile: InstanceProfile) {
  const role = profile.role === undefined ? undefined : account.roles.get(profile.role);
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: arnOf(account, "instance-profile", profile.path, profile.name),
    CreateDate: profile.created,
    Roles: role === undefined ? [] : [roleOutput(account, role)],
    Tags: tagList(profile.tags),
  };
}

export function principalsOf(account: Account): Principal[] {
  return [...account.users.values(), ...account.roles.values(), ...account.groups.values()];
}

/** Documents come back percent-encoded: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export interface PageInput {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

/** Pages of IAM: 100 unless asked otherwise, a marker where more follow. */
export function page<T>(all: readonly T[], { Marker, MaxItems = 100 }: PageInput) {
  if (MaxItems < 1 || MaxItems > 1000) {
    const bound = MaxItems < 1 ? "greater than or equal to 1" : "less than or equal to 1000";
    throw validationError(
      `1 validation error detected: Value '${MaxItems}' at 'maxItems' failed to satisfy constraint: Member must have value ${bound}`,
    );
  }
  const start = Marker === undefined ? 0 : Number(Buffer.from(Marker, "base64").toString());
  if (!Number.isInteger(start) || start < 0) throw validationError("Invalid Marker.");
  const end = start + MaxItems;
  const more = end < all.length;
  return {
    items: all.slice(start, end),
    rest: { IsTruncated: more, Marker: more ? Buffer.from(String(end)).toString("base64") : undefined },
  };
}

export function byName<T extends { readonly name: string }>(items: Iterable<T>, prefix = "/"): T[] {
  if (!prefix.startsWith("/")) {
    throw validationError(
      "The specified value for pathPrefix is invalid. It must begin with / and contain only alphanumeric characters and/or / characters.",
    );
  }
  return [...items]
    .filter((item) => ((item as { path?: string }).path ?? "/").startsWith(prefix))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
