/** Handlers of managed policies, their versions and attachments, and of inline policies. */
import type { IAM } from "../../../gen/aws/iam.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { checkDocument, checkManagedDocument } from "./documents.js";
import {
  accountOf,
  addTags,
  arnOf,
  awsPoliciesOf,
  byName,
  checkName,
  checkPath,
  encodeDocument,
  findGroup,
  findOwnPolicy,
  findPolicy,
  findRole,
  findUser,
  isAwsPolicy,
  type PageInput,
  page,
  policyDetail,
  policyOutput,
  principalsOf,
  removeTags,
  tagList,
  tagMap,
} from "./entities.js";
import {
  alreadyExists,
  type ManagedPolicy,
  newId,
  noSuchEntity,
  type PolicyVersion,
  type Principal,
  validationError,
} from "./store.js";

const VERSIONS_MAX = 5;

export const policyHandlers: Handlers<IAM> = {
  createPolicy(input, context) {
    const account = accountOf(context);
    const path = checkPath(input.Path);
    const arn = arnOf(account, "policy", path, checkName("policyName", input.PolicyName, 128));
    if ([...account.policies.values()].some(({ name }) => name === input.PolicyName)) {
      throw alreadyExists(
        `A policy called ${input.PolicyName} already exists. Duplicate names are not allowed.`,
      );
    }
    const created = context.clock.date();
    const policy: ManagedPolicy = {
      id: newId("ANPA"),
      arn,
      name: input.PolicyName,
      path,
      description: input.Description,
      created,
      updated: created,
      defaultVersion: "v1",
      versions: [{ id: "v1", document: checkManagedDocument(input.PolicyDocument), created }],
      versionsMade: 1,
      tags: tagMap(input.Tags),
    };
    account.policies.set(arn, policy);
    return {
      Policy: {
        ...policyOutput(account, policy),
        Tags: policy.tags.size > 0 ? tagList(policy.tags) : undefined,
      },
    };
  },

  getPolicy(input, context) {
    const account = accountOf(context);
    return { Policy: policyDetail(account, findPolicy(account, input.PolicyArn)) };
  },

  listPolicies(input, context) {
    const account = accountOf(context);
    const own = input.Scope === "AWS" ? [] : account.policies.values();
    const managed = input.Scope === "Local" ? [] : awsPoliciesOf(account).values();
    const outputs = byName([...own, ...managed], input.PathPrefix)
      .map((policy) => policyOutput(account, policy))
      .filter(({ AttachmentCount }) => !input.OnlyAttached || AttachmentCount > 0);
    const { items, rest } = page(outputs, input);
    return { Policies: items, ...rest };
  },

  deletePolicy(input, context) {
    const account = accountOf(context);
    const policy = findOwnPolicy(account, input.PolicyArn);
    if (principalsOf(account).some(({ attached }) => attached.has(policy.arn))) {
      throw new EmulatorError("DeleteConflict", "Cannot delete a policy attached to entities.", 409);
    }
    if (policy.versions.length > 1) {
      throw new EmulatorError(
        "DeleteConflict",
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        409,
      );
    }
    account.policies.delete(policy.arn);
    return {};
  },

  createPolicyVersion(input, context) {
    const policy = findOwnPolicy(accountOf(context), input.PolicyArn);
    const document = checkManagedDocument(input.PolicyDocument);
    if (policy.versions.length >= VERSIONS_MAX) {
      throw new EmulatorError(
        "LimitExceeded",
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
        409,
      );
    }
    policy.versionsMade += 1;
    const version = {
      id: `v${policy.versionsMade}`,
      document,
      created: context.clock.date(),
    };
    policy.versions.push(version);
    policy.updated = version.created;
    if (input.SetAsDefault) policy.defaultVersion = version.id;
    return {
      PolicyVersion: {
        VersionId: version.id,
        IsDefaultVersion: input.SetAsDefault === true,
        CreateDate: version.created,
      },
    };
  },

  getPolicyVersion(input, context) {
    const policy = findPolicy(accountOf(context), input.PolicyArn);
    const version = findVersion(policy, input.VersionId);
    if (version.document === "") {
      throw new EmulatorError(
        "NotImplemented",
        `The emulator does not hold the document of ${policy.arn}`,
        501,
      );
    }
    return {
      PolicyVersion: { Document: encodeDocument(version.document), ...versionOutput(policy, version) },
    };
  },

  listPolicyVersions(input, context) {
    const policy = findPolicy(accountOf(context), input.PolicyArn);
    const { items, rest } = page([...policy.versions].reverse(), input);
    return { Versions: items.map((version) => versionOutput(policy, version)), ...rest };
  },

  setDefaultPolicyVersion(input, context) {
    const policy = findOwnPolicy(accountOf(context), input.PolicyArn);
    policy.defaultVersion = findVersion(policy, input.VersionId).id;
    return {};
  },

  deletePolicyVersion(input, context) {
    const policy = findOwnPolicy(accountOf(context), input.PolicyArn);
    const version = findVersion(policy, input.VersionId);
    if (version.id === policy.defaultVersion) {
      throw new EmulatorError("DeleteConflict", "Cannot delete the default version of a policy.", 409);
    }
    policy.versions = policy.versions.filter((each) => each !== version);
    return {};
  },

  tagPolicy: (input, context) => addTags(findOwnPolicy(accountOf(context), input.PolicyArn), input.Tags),
  untagPolicy: (input, context) =>
    removeTags(findOwnPolicy(accountOf(context), input.PolicyArn), input.TagKeys),
  listPolicyTags(input, context) {
    const { items, rest } = page(tagList(findPolicy(accountOf(context), input.PolicyArn).tags), input);
    return { Tags: items, ...rest };
  },

  attachUserPolicy: (input, context) => attach(userOf(input, context), input.PolicyArn, context),
  detachUserPolicy: (input, context) => detach(userOf(input, context), input.PolicyArn),
  listAttachedUserPolicies: (input, context) => listAttached(userOf(input, context), input),
  attachRolePolicy: (input, context) => attach(roleOf(input, context), input.PolicyArn, context),
  detachRolePolicy: (input, context) => detach(roleOf(input, context), input.PolicyArn),
  listAttachedRolePolicies: (input, context) => listAttached(roleOf(input, context), input),
  attachGroupPolicy: (input, context) => attach(groupOf(input, context), input.PolicyArn, context),
  detachGroupPolicy: (input, context) => detach(groupOf(input, context), input.PolicyArn),
  listAttachedGroupPolicies: (input, context) => listAttached(groupOf(input, context), input),

  listEntitiesForPolicy(input, context) {
    const account = accountOf(context);
    findPolicy(account, input.PolicyArn);
    const having = <T extends Principal>(all: Iterable<T>, kind: string) =>
      input.EntityFilter === undefined || input.EntityFilter === kind
        ? byName(all, input.PathPrefix).filter(({ attached }) => attached.has(input.PolicyArn))
        : [];
    return {
      PolicyUsers: having(account.users.values(), "User").map(({ name, id }) => ({
        UserName: name,
        UserId: id,
      })),
      PolicyRoles: having(account.roles.values(), "Role").map(({ name, id }) => ({
        RoleName: name,
        RoleId: id,
      })),
      PolicyGroups: having(account.groups.values(), "Group").map(({ name, id }) => ({
        GroupName: name,
        GroupId: id,
      })),
      IsTruncated: false,
    };
  },
};

export const inlineHandlers: Handlers<IAM> = {
  putUserPolicy: (input, context) => putInline(userOf(input, context), input),
  getUserPolicy: (input, context) => ({
    UserName: input.UserName,
    ...getInline("user", userOf(input, context), input),
  }),
  deleteUserPolicy: (input, context) => deleteInline("user", userOf(input, context), input),
  listUserPolicies: (input, context) => listInline(userOf(input, context), input),

  putRolePolicy: (input, context) => putInline(roleOf(input, context), input),
  getRolePolicy: (input, context) => ({
    RoleName: input.RoleName,
    ...getInline("role", roleOf(input, context), input),
  }),
  deleteRolePolicy: (input, context) => deleteInline("role", roleOf(input, context), input),
  listRolePolicies: (input, context) => listInline(roleOf(input, context), input),

  putGroupPolicy: (input, context) => putInline(groupOf(input, context), input),
  getGroupPolicy: (input, context) => ({
    GroupName: input.GroupName,
    ...getInline("group", groupOf(input, context), input),
  }),
  deleteGroupPolicy: (input, context) => deleteInline("group", groupOf(input, context), input),
  listGroupPolicies: (input, context) => listInline(groupOf(input, context), input),
};

const userOf = ({ UserName }: { UserName: string }, context: Context) =>
  findUser(accountOf(context), UserName);
const roleOf = ({ RoleName }: { RoleName: string }, context: Context) =>
  findRole(accountOf(context), RoleName);
const groupOf = ({ GroupName }: { GroupName: string }, context: Context) =>
  findGroup(accountOf(context), GroupName);

function findVersion(policy: ManagedPolicy, id: string): PolicyVersion {
  const version = policy.versions.find((each) => each.id === id);
  if (version === undefined) {
    throw noSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
  }
  return version;
}

function versionOutput(policy: ManagedPolicy, { id, created }: PolicyVersion) {
  return { VersionId: id, IsDefaultVersion: policy.defaultVersion === id, CreateDate: created };
}

function attach(principal: Principal, arn: string, context: Context): Record<never, never> {
  if (!/^arn:[\w-]+:iam::(\d{12}|aws):policy\//.test(arn))
    throw validationError("Invalid ARN:  Could not be parsed!");
  if (!isAwsPolicy(arn) && !accountOf(context).policies.has(arn)) {
    throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  }
  principal.attached.add(arn);
  return {};
}

function detach(principal: Principal, arn: string): Record<never, never> {
  if (!principal.attached.delete(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
  return {};
}

function listAttached({ attached }: Principal, input: PageInput & { readonly PathPrefix?: string }) {
  const { PathPrefix = "/" } = input;
  const all = [...attached].filter((arn) => arn.slice(arn.indexOf(":policy") + 7).startsWith(PathPrefix));
  const { items, rest } = page(all, input);
  return {
    AttachedPolicies: items.map((arn) => ({
      PolicyName: arn.slice(arn.lastIndexOf("/") + 1),
      PolicyArn: arn,
    })),
    ...rest,
  };
}

interface InlineInput {
  readonly PolicyName: string;
}

function putInline(
  { inline }: Principal,
  input: InlineInput & { readonly PolicyDocument: string },
): Record<never, never> {
  inline.set(checkName("policyName", input.PolicyName, 128), checkDocument(input.PolicyDocument));
  return {};
}

function getInline(kind: string, { inline }: Principal, { PolicyName }: InlineInput) {
  const document = inline.get(PolicyName);
  if (document === undefined) throw noInline(kind, PolicyName);
  return { PolicyName, PolicyDocument: encodeDocument(document) };
}

function deleteInline(
  kind: string,
  { inline }: Principal,
  { PolicyName }: InlineInput,
): Record<never, never> {
  if (!inline.delete(PolicyName)) throw noInline(kind, PolicyName);
  return {};
}

function noInline(kind: string, name: string): EmulatorError {
  return noSuchEntity(`The ${kind} policy with name ${name} cannot be found.`);
}

function listInline({ inline }: Principal, input: PageInput) {
  const { items, rest } = page([...inline.keys()].sort(), input);
  return { PolicyNames: items, ...rest };
}
