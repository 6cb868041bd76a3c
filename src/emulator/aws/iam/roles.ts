/** Handlers of roles and instance profiles, and of the account. */
import type { IAM } from "../../../gen/aws/iam.js";
import { EmulatorError, type Handlers } from "../../service.js";
import { checkTrustDocument } from "./documents.js";
import {
  accountOf,
  addTags,
  byName,
  checkFree,
  checkName,
  checkPath,
  findProfile,
  findRole,
  page,
  profileOutput,
  removeTags,
  roleDetail,
  roleOutput,
  tagList,
  tagMap,
} from "./entities.js";
import {
  type Account,
  alreadyExists,
  deleteConflict,
  type InstanceProfile,
  iamStore,
  newId,
  noSuchEntity,
  type Role,
  validationError,
} from "./store.js";
import { boundaryOf } from "./users.js";

export const roleHandlers: Handlers<IAM> = {
  createRole(input, context) {
    const account = accountOf(context);
    checkFree("Role", checkName("roleName", input.RoleName, 64), account.roles.keys());
    const role = newRole(
      context.clock.date(),
      input.RoleName,
      checkPath(input.Path),
      checkTrustDocument(input.AssumeRolePolicyDocument),
    );
    role.description = input.Description;
    role.maxSessionSeconds = checkSessionLimit(input.MaxSessionDuration) ?? role.maxSessionSeconds;
    role.boundary = boundaryOf(input.PermissionsBoundary);
    for (const [key, value] of tagMap(input.Tags)) role.tags.set(key, value);
    account.roles.set(role.name, role);
    // The longest session and the last use are told to those who read the role, not to who makes it.
    const { MaxSessionDuration: _, RoleLastUsed: __, ...created } = roleDetail(account, role);
    return { Role: created };
  },

  createServiceLinkedRole(input, context) {
    const account = accountOf(context);
    const service = input.AWSServiceName.replace(/\.amazonaws\.com$/, "");
    const name = `AWSServiceRoleFor${linkedName(service)}${input.CustomSuffix ? `_${input.CustomSuffix}` : ""}`;
    if (account.roles.has(name)) {
      throw new EmulatorError(
        "InvalidInput",
        `Service role name ${name} has been taken in this account, please try a different suffix.`,
        400,
      );
    }
    const trust = {
      Version: "2012-10-17",
      Statement: [
        { Action: ["sts:AssumeRole"], Principal: { Service: [input.AWSServiceName] }, Effect: "Allow" },
      ],
    };
    const role = newRole(
      context.clock.date(),
      name,
      `/aws-service-role/${input.AWSServiceName}/`,
      JSON.stringify(trust),
    );
    role.description = input.Description;
    account.roles.set(name, role);
    return { Role: roleOutput(account, role) };
  },

  /** Done at once: the task that it names has succeeded. */
  deleteServiceLinkedRole(input, context) {
    const account = accountOf(context);
    const role = findRole(account, input.RoleName);
    if (!role.path.startsWith("/aws-service-role/")) {
      throw validationError(`Role ${role.name} is not a service-linked role.`);
    }
    account.roles.delete(role.name);
    return { DeletionTaskId: `task${role.path}${role.name}/${crypto.randomUUID()}` };
  },

  getServiceLinkedRoleDeletionStatus(input) {
    if (!input.DeletionTaskId.startsWith("task/aws-service-role/")) {
      throw noSuchEntity(`Deletion task ${input.DeletionTaskId} was not found.`);
    }
    return { Status: "SUCCEEDED" };
  },

  getRole(input, context) {
    const account = accountOf(context);
    return { Role: roleDetail(account, findRole(account, input.RoleName)) };
  },

  listRoles(input, context) {
    const account = accountOf(context);
    const { items, rest } = page(byName(account.roles.values(), input.PathPrefix), input);
    return { Roles: items.map((role) => roleOutput(account, role)), ...rest };
  },

  updateRole(input, context) {
    const role = findRole(accountOf(context), input.RoleName);
    role.description = input.Description ?? role.description;
    role.maxSessionSeconds = checkSessionLimit(input.MaxSessionDuration) ?? role.maxSessionSeconds;
    return {};
  },

  updateRoleDescription(input, context) {
    const account = accountOf(context);
    const role = findRole(account, input.RoleName);
    role.description = input.Description;
    return { Role: roleDetail(account, role) };
  },

  updateAssumeRolePolicy(input, context) {
    findRole(accountOf(context), input.RoleName).trust = checkTrustDocument(input.PolicyDocument);
    return {};
  },

  deleteRole(input, context) {
    const account = accountOf(context);
    const role = findRole(account, input.RoleName);
    if ([...account.profiles.values()].some((profile) => profile.role === role.name)) {
      throw deleteConflict("remove roles from instance profile");
    }
    if (role.attached.size > 0) throw deleteConflict("detach all policies");
    if (role.inline.size > 0) throw deleteConflict("delete policies");
    account.roles.delete(role.name);
    return {};
  },

  tagRole: (input, context) => addTags(findRole(accountOf(context), input.RoleName), input.Tags),
  untagRole: (input, context) => removeTags(findRole(accountOf(context), input.RoleName), input.TagKeys),
  listRoleTags(input, context) {
    const { items, rest } = page(tagList(findRole(accountOf(context), input.RoleName).tags), input);
    return { Tags: items, ...rest };
  },

  putRolePermissionsBoundary(input, context) {
    findRole(accountOf(context), input.RoleName).boundary = boundaryOf(input.PermissionsBoundary);
    return {};
  },
  deleteRolePermissionsBoundary(input, context) {
    findRole(accountOf(context), input.RoleName).boundary = undefined;
    return {};
  },
};

export const profileHandlers: Handlers<IAM> = {
  createInstanceProfile(input, context) {
    const account = accountOf(context);
    const name = checkName("instanceProfileName", input.InstanceProfileName, 128);
    if (account.profiles.has(name)) throw alreadyExists(`Instance Profile ${name} already exists.`);
    const profile: InstanceProfile = {
      id: newId("AIPA"),
      name,
      path: checkPath(input.Path),
      created: context.clock.date(),
      role: undefined,
      tags: tagMap(input.Tags),
    };
    account.profiles.set(name, profile);
    return { InstanceProfile: profileOutput(account, profile) };
  },

  getInstanceProfile(input, context) {
    const account = accountOf(context);
    return { InstanceProfile: profileOutput(account, findProfile(account, input.InstanceProfileName)) };
  },

  listInstanceProfiles(input, context) {
    const account = accountOf(context);
    const { items, rest } = page(byName(account.profiles.values(), input.PathPrefix), input);
    return { InstanceProfiles: items.map((profile) => profileOutput(account, profile)), ...rest };
  },

  listInstanceProfilesForRole(input, context) {
    const account = accountOf(context);
    const role = findRole(account, input.RoleName);
    const all = byName(account.profiles.values()).filter((profile) => profile.role === role.name);
    const { items, rest } = page(all, input);
    return { InstanceProfiles: items.map((profile) => profileOutput(account, profile)), ...rest };
  },

  addRoleToInstanceProfile(input, context) {
    const account = accountOf(context);
    const profile = findProfile(account, input.InstanceProfileName);
    const role = findRole(account, input.RoleName);
    if (profile.role !== undefined) {
      throw new EmulatorError(
        "LimitExceeded",
        "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
        409,
      );
    }
    profile.role = role.name;
    return {};
  },

  removeRoleFromInstanceProfile(input, context) {
    const account = accountOf(context);
    const profile = findProfile(account, input.InstanceProfileName);
    const role = findRole(account, input.RoleName);
    if (profile.role !== role.name) {
      throw noSuchEntity(`Cannot find Role ${role.name} for InstanceProfile ${profile.name}`);
    }
    profile.role = undefined;
    return {};
  },

  deleteInstanceProfile(input, context) {
    const account = accountOf(context);
    const profile = findProfile(account, input.InstanceProfileName);
    if (profile.role !== undefined) throw deleteConflict("remove roles from instance profile");
    account.profiles.delete(profile.name);
    return {};
  },

  tagInstanceProfile: (input, context) =>
    addTags(findProfile(accountOf(context), input.InstanceProfileName), input.Tags),
  untagInstanceProfile: (input, context) =>
    removeTags(findProfile(accountOf(context), input.InstanceProfileName), input.TagKeys),
  listInstanceProfileTags(input, context) {
    const { items, rest } = page(
      tagList(findProfile(accountOf(context), input.InstanceProfileName).tags),
      input,
    );
    return { Tags: items, ...rest };
  },
};

export const accountHandlers: Handlers<IAM> = {
  createAccountAlias(input, context) {
    const account = accountOf(context);
    if (account.alias !== undefined && account.alias !== input.AccountAlias) {
      throw alreadyExists(`The account alias ${input.AccountAlias} already exists.`);
    }
    account.alias = input.AccountAlias;
    return {};
  },
  listAccountAliases(_input, context) {
    const { alias } = accountOf(context);
    return { AccountAliases: alias === undefined ? [] : [alias], IsTruncated: false };
  },
  deleteAccountAlias(input, context) {
    const account = accountOf(context);
    if (account.alias !== input.AccountAlias) {
      throw noSuchEntity(`The account alias ${input.AccountAlias} cannot be found.`);
    }
    account.alias = undefined;
    return {};
  },

  updateAccountPasswordPolicy(input, context) {
    checkPasswordPolicy(input);
    accountOf(context).passwordPolicy = {
      MinimumPasswordLength: 6,
      RequireSymbols: false,
      RequireNumbers: false,
      RequireUppercaseCharacters: false,
      RequireLowercaseCharacters: false,
      AllowUsersToChangePassword: false,
      ExpirePasswords: input.MaxPasswordAge !== undefined && input.MaxPasswordAge > 0,
      ...input,
    };
    return {};
  },
  getAccountPasswordPolicy: (_input, context) => ({ PasswordPolicy: passwordPolicy(accountOf(context)) }),
  deleteAccountPasswordPolicy(_input, context) {
    const account = accountOf(context);
    if (account.passwordPolicy === undefined) {
      throw noSuchEntity("The account policy with name PasswordPolicy cannot be found.");
    }
    account.passwordPolicy = undefined;
    return {};
  },

  getAccountSummary(_input, context) {
    const account = accountOf(context);
    const keys = [...context.store(iamStore).keys.values()];
    return {
      SummaryMap: {
        Users: account.users.size,
        UsersQuota: 5000,
        Groups: account.groups.size,
        GroupsQuota: 300,
        Roles: account.roles.size,
        RolesQuota: 1000,
        Policies: account.policies.size,
        PoliciesQuota: 1500,
        InstanceProfiles: account.profiles.size,
        InstanceProfilesQuota: 1000,
        AccessKeysPerUserQuota: 2,
        GroupsPerUserQuota: 10,
        VersionsPerPolicyQuota: 5,
        AttachedPoliciesPerUserQuota: 10,
        AttachedPoliciesPerRoleQuota: 10,
        AttachedPoliciesPerGroupQuota: 10,
        AccountAccessKeysPresent: keys.some((key) => key.account === account.id && key.userId === account.id)
          ? 1
          : 0,
        AccountMFAEnabled: 0,
        MFADevices: account.mfaDevices.size,
        MFADevicesInUse: [...account.mfaDevices.values()].filter(({ enabled }) => enabled).length,
        Providers: account.oidcProviders.size + account.samlProviders.size,
        ServerCertificates: account.serverCertificates.size,
        ServerCertificatesQuota: 20,
        SigningCertificatesPerUserQuota: 2,
        AccountSigningCertificatesPresent: 0,
        AccountPasswordPresent: 1,
        AssumeRolePolicySizeQuota: 2048,
        GroupPolicySizeQuota: 5120,
        RolePolicySizeQuota: 10_240,
        UserPolicySizeQuota: 2048,
        PolicySizeQuota: 6144,
        PolicyVersionsInUse: [...account.policies.values()].reduce(
          (sum, each) => sum + each.versions.length,
          0,
        ),
        PolicyVersionsInUseQuota: 10_000,
        GlobalEndpointTokenVersion: account.globalTokenVersion,
      },
    };
  },
};

/** How services call themselves in their roles' names, where that is not their endpoint's name with capitals. */
const LINKED_NAMES: Readonly<Record<string, string>> = {
  autoscaling: "AutoScaling",
  "custom-resource.application-autoscaling": "ApplicationAutoScaling_CustomResource",
  elasticloadbalancing: "ElasticLoadBalancing",
  ecs: "ECS",
  eks: "AmazonEKS",
  rds: "RDS",
  elasticache: "ElastiCache",
  elasticbeanstalk: "ElasticBeanstalk",
  es: "AmazonElasticsearchService",
  opensearchservice: "AmazonOpenSearchService",
  lex: "LexBots",
  spot: "EC2Spot",
  spotfleet: "EC2SpotFleet",
  organizations: "Organizations",
  support: "Support",
  trustedadvisor: "TrustedAdvisor",
  guardduty: "AmazonGuardDuty",
};

function linkedName(service: string): string {
  const words = service.split(/[.-]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return LINKED_NAMES[service] ?? words.join("");
}

function checkSessionLimit(seconds: number | undefined): number | undefined {
  if (seconds === undefined || (seconds >= 3600 && seconds <= 43_200)) return seconds;
  const bound = seconds < 3600 ? "greater than or equal to 3600" : "less than or equal to 43200";
  throw validationError(
    `1 validation error detected: Value '${seconds}' at 'maxSessionDuration' failed to satisfy constraint: Member must have value ${bound}`,
  );
}

function newRole(created: Date, name: string, path: string, trust: string): Role {
  return {
    id: newId("AROA"),
    created,
    name,
    path,
    trust,
    tags: new Map(),
    inline: new Map(),
    attached: new Set(),
    boundary: undefined,
    description: undefined,
    maxSessionSeconds: 3600,
  };
}

function passwordPolicy(account: Account) {
  if (account.passwordPolicy === undefined) {
    throw noSuchEntity(`The Password Policy with domain name ${account.id} cannot be found.`);
  }
  return account.passwordPolicy as { ExpirePasswords: boolean };
}

/** The range of each number of a password policy. */
const PASSWORD_RANGES = {
  MinimumPasswordLength: [6, 128],
  PasswordReusePrevention: [1, 24],
  MaxPasswordAge: [1, 1095],
} as const;

function checkPasswordPolicy(input: { readonly [K in keyof typeof PASSWORD_RANGES]?: number }): void {
  const errors: string[] = [];
  for (const [name, [least, most]] of Object.entries(PASSWORD_RANGES)) {
    const value = input[name as keyof typeof PASSWORD_RANGES];
    if (value === undefined || (value >= least && value <= most)) continue;
    const bound = value > most ? `less than or equal to ${most}` : `greater than or equal to ${least}`;
    const member = name.charAt(0).toLowerCase() + name.slice(1);
    errors.push(
      `Value "${value}" at "${member}" failed to satisfy constraint: Member must have value ${bound}`,
    );
  }
  if (errors.length === 0) return;
  const count = `${errors.length} validation error${errors.length > 1 ? "s" : ""} detected`;
  throw validationError(`${count}: ${errors.join("; ")}`);
}
