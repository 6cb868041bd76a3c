/** Handlers of users, their keys and passwords, and groups. */
import type { IAM } from "../../../gen/aws/iam.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { userNameOf } from "./caller.js";
import {
  accountOf,
  addTags,
  arnOf,
  byName,
  checkFree,
  checkName,
  checkPath,
  findGroup,
  findUser,
  groupOutput,
  page,
  removeTags,
  tagList,
  tagMap,
  userDetail,
  userOutput,
} from "./entities.js";
import {
  type AccessKey,
  type Account,
  alreadyExists,
  deleteConflict,
  iamStore,
  newId,
  noSuchEntity,
  rootOf,
  type User,
  validationError,
} from "./store.js";

export const userHandlers: Handlers<IAM> = {
  createUser(input, context) {
    const account = accountOf(context);
    checkFree("User", checkName("userName", input.UserName, 64), account.users.keys());
    const user: User = {
      id: newId("AIDA"),
      created: context.clock.date(),
      name: input.UserName,
      path: checkPath(input.Path),
      tags: tagMap(input.Tags),
      inline: new Map(),
      attached: new Set(),
      boundary: boundaryOf(input.PermissionsBoundary),
      groups: new Set(),
      login: undefined,
      sshKeys: new Map(),
      certificates: new Map(),
      serviceCredentials: new Map(),
    };
    account.users.set(user.name, user);
    return { User: userDetail(account, user) };
  },

  getUser(input, context) {
    const account = accountOf(context);
    if (input.UserName !== undefined) return { User: userDetail(account, findUser(account, input.UserName)) };
    const name = userNameOf(context.caller);
    if (name !== undefined) return { User: userDetail(account, findUser(account, name)) };
    const { arn, userId } = rootOf(account.id, account.partition);
    return { User: { Path: "/", UserName: "root", UserId: userId, Arn: arn, CreateDate: new Date(0) } };
  },

  listUsers(input, context) {
    const account = accountOf(context);
    const { items, rest } = page(byName(account.users.values(), input.PathPrefix), input);
    return { Users: items.map((user) => userOutput(account, user)), ...rest };
  },

  updateUser(input, context) {
    const account = accountOf(context);
    const user = findUser(account, input.UserName);
    if (input.NewUserName !== undefined && input.NewUserName !== user.name) {
      checkFree("User", checkName("newUserName", input.NewUserName, 64), account.users.keys());
    }
    account.users.delete(user.name);
    user.name = input.NewUserName ?? user.name;
    user.path = checkPath(input.NewPath ?? user.path);
    account.users.set(user.name, user);
    for (const device of account.mfaDevices.values()) {
      if (device.enabled?.user === input.UserName) device.enabled = { ...device.enabled, user: user.name };
    }
    const { keys } = context.store(iamStore);
    for (const key of context.store(iamStore).keysOf(account, input.UserName)) {
      keys.set(key.id, { ...key, userName: user.name, arn: arnOf(account, "user", user.path, user.name) });
    }
    return {};
  },

  deleteUser(input, context) {
    const account = accountOf(context);
    const user = findUser(account, input.UserName);
    if (user.attached.size > 0) throw deleteConflict("detach all policies");
    if (user.inline.size > 0) throw deleteConflict("delete policies");
    if (context.store(iamStore).keysOf(account, user.name).length > 0)
      throw deleteConflict("delete access keys");
    if (user.groups.size > 0) throw deleteConflict("remove users from group");
    if (user.sshKeys.size > 0) throw deleteConflict("delete SSH public keys");
    if (user.certificates.size > 0) throw deleteConflict("delete signing certificate");
    if (user.serviceCredentials.size > 0) throw deleteConflict("delete service specific credentials");
    if ([...account.mfaDevices.values()].some(({ enabled }) => enabled?.user === user.name)) {
      throw deleteConflict("delete MFA device");
    }
    if (user.login !== undefined) throw deleteConflict("delete login profile");
    account.users.delete(user.name);
    return {};
  },

  tagUser: (input, context) => addTags(findUser(accountOf(context), input.UserName), input.Tags),
  untagUser: (input, context) => removeTags(findUser(accountOf(context), input.UserName), input.TagKeys),
  listUserTags(input, context) {
    const { items, rest } = page(tagList(findUser(accountOf(context), input.UserName).tags), input);
    return { Tags: items, ...rest };
  },

  putUserPermissionsBoundary(input, context) {
    const user = findUser(accountOf(context), input.UserName);
    user.boundary = boundaryOf(input.PermissionsBoundary);
    return {};
  },
  deleteUserPermissionsBoundary(input, context) {
    findUser(accountOf(context), input.UserName).boundary = undefined;
    return {};
  },

  createAccessKey(input, context) {
    const account = accountOf(context);
    const store = context.store(iamStore);
    const name = input.UserName ?? userNameOf(context.caller);
    if (name !== undefined && store.keysOf(account, name).length >= 2) {
      throw new EmulatorError("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", 409);
    }
    const user = name === undefined ? undefined : findUser(account, name);
    const key = store.issueKey(
      user === undefined
        ? rootOf(account.id, account.partition)
        : {
            account: account.id,
            arn: arnOf(account, "user", user.path, user.name),
            userId: user.id,
            userName: user.name,
          },
    );
    return {
      AccessKey: {
        UserName: name ?? "root",
        AccessKeyId: key.id,
        Status: "Active",
        SecretAccessKey: key.secret,
        CreateDate: key.created,
      },
    };
  },

  listAccessKeys(input, context) {
    const account = accountOf(context);
    const name = input.UserName ?? userNameOf(context.caller);
    if (name !== undefined) findUser(account, name);
    const { items, rest } = page(context.store(iamStore).keysOf(account, name), input);
    return {
      AccessKeyMetadata: items.map((key) => ({
        UserName: key.userName ?? "root",
        AccessKeyId: key.id,
        Status: key.active ? "Active" : "Inactive",
        CreateDate: key.created,
      })),
      ...rest,
    };
  },

  updateAccessKey(input, context) {
    findKey(input, context).active = input.Status === "Active";
    return {};
  },

  deleteAccessKey(input, context) {
    context.store(iamStore).keys.delete(findKey(input, context).id);
    return {};
  },

  getAccessKeyLastUsed(input, context) {
    const key = context.store(iamStore).keys.get(input.AccessKeyId);
    if (key === undefined) throw noSuchEntity(`The Access Key with id ${input.AccessKeyId} cannot be found.`);
    return {
      UserName: key.userName ?? "root",
      AccessKeyLastUsed: {
        LastUsedDate: key.lastUsed?.at,
        ServiceName: key.lastUsed?.service ?? "N/A",
        Region: key.lastUsed?.region ?? "N/A",
      },
    };
  },

  createLoginProfile(input, context) {
    const account = accountOf(context);
    const user = findUser(account, input.UserName ?? userNameOf(context.caller) ?? "");
    if (user.login !== undefined) throw alreadyExists(`Login Profile for user ${user.name} already exists.`);
    checkPassword(account, input.Password);
    user.login = {
      created: context.clock.date(),
      password: input.Password,
      resetRequired: input.PasswordResetRequired === true,
    };
    return { LoginProfile: loginOutput(user) };
  },
  getLoginProfile: (input, context) => ({
    LoginProfile: loginOutput(
      findUser(accountOf(context), input.UserName ?? userNameOf(context.caller) ?? ""),
    ),
  }),
  updateLoginProfile(input, context) {
    const user = findUser(accountOf(context), input.UserName);
    loginOutput(user);
    if (input.Password !== undefined) checkPassword(accountOf(context), input.Password);
    if (user.login !== undefined) {
      user.login.password = input.Password ?? user.login.password;
      user.login.resetRequired = input.PasswordResetRequired ?? user.login.resetRequired;
    }
    return {};
  },
  deleteLoginProfile(input, context) {
    const user = findUser(accountOf(context), input.UserName ?? userNameOf(context.caller) ?? "");
    loginOutput(user);
    user.login = undefined;
    return {};
  },
  /** The caller's own. */
  changePassword(input, context) {
    const account = accountOf(context);
    const name = userNameOf(context.caller);
    if (name === undefined)
      throw new EmulatorError("InvalidUserType", "Only IAM Users can change their own password", 400);
    const user = findUser(account, name);
    loginOutput(user);
    if (user.login?.password !== input.OldPassword)
      throw new EmulatorError("AccessDenied", "The old password is not that of the user", 403);
    checkPassword(account, input.NewPassword);
    user.login.password = input.NewPassword;
    user.login.resetRequired = false;
    return {};
  },
};

export const groupHandlers: Handlers<IAM> = {
  createGroup(input, context) {
    const account = accountOf(context);
    checkFree("Group", checkName("groupName", input.GroupName, 128), account.groups.keys());
    const group = {
      id: newId("AGPA"),
      created: context.clock.date(),
      name: input.GroupName,
      path: checkPath(input.Path),
      tags: new Map(),
      inline: new Map(),
      attached: new Set<string>(),
      boundary: undefined,
    };
    account.groups.set(group.name, group);
    return { Group: groupOutput(account, group) };
  },

  getGroup(input, context) {
    const account = accountOf(context);
    const group = findGroup(account, input.GroupName);
    const members = byName(account.users.values()).filter((user) => user.groups.has(group.name));
    const { items, rest } = page(members, input);
    return {
      Group: groupOutput(account, group),
      Users: items.map((user) => userOutput(account, user)),
      ...rest,
    };
  },

  listGroups(input, context) {
    const account = accountOf(context);
    const { items, rest } = page(byName(account.groups.values(), input.PathPrefix), input);
    return { Groups: items.map((group) => groupOutput(account, group)), ...rest };
  },

  updateGroup(input, context) {
    const account = accountOf(context);
    const group = findGroup(account, input.GroupName);
    const name = input.NewGroupName ?? group.name;
    if (name !== group.name) checkFree("Group", checkName("newGroupName", name, 128), account.groups.keys());
    for (const user of account.users.values()) if (user.groups.delete(group.name)) user.groups.add(name);
    account.groups.delete(group.name);
    group.name = name;
    group.path = checkPath(input.NewPath ?? group.path);
    account.groups.set(name, group);
    return {};
  },

  deleteGroup(input, context) {
    const account = accountOf(context);
    const group = findGroup(account, input.GroupName);
    if ([...account.users.values()].some((user) => user.groups.has(group.name)))
      throw deleteConflict("remove users from group");
    if (group.attached.size > 0) throw deleteConflict("detach all policies");
    if (group.inline.size > 0) throw deleteConflict("delete policies");
    account.groups.delete(group.name);
    return {};
  },

  addUserToGroup(input, context) {
    const account = accountOf(context);
    const group = findGroup(account, input.GroupName);
    findUser(account, input.UserName).groups.add(group.name);
    return {};
  },

  removeUserFromGroup(input, context) {
    const account = accountOf(context);
    const group = findGroup(account, input.GroupName);
    findUser(account, input.UserName).groups.delete(group.name);
    return {};
  },

  listGroupsForUser(input, context) {
    const account = accountOf(context);
    const { groups } = findUser(account, input.UserName);
    const { items, rest } = page(
      byName(account.groups.values()).filter(({ name }) => groups.has(name)),
      input,
    );
    return { Groups: items.map((group) => groupOutput(account, group)), ...rest };
  },
};

export function boundaryOf(arn: string | undefined) {
  if (arn === undefined) return undefined;
  if (!/^arn:aws[\w-]*:iam::(\d{12}|aws):policy\//.test(arn))
    throw validationError(`ARN ${arn} is not valid.`);
  return { PermissionsBoundaryType: "PermissionsBoundaryPolicy" as const, PermissionsBoundaryArn: arn };
}

/** What each member of a password policy asks for, and how IAM says that it is missing. */
const PASSWORD_RULES: Readonly<Record<string, readonly [pattern: RegExp, what: string]>> = {
  RequireUppercaseCharacters: [/[A-Z]/, "uppercase letter"],
  RequireLowercaseCharacters: [/[a-z]/, "lowercase letter"],
  RequireNumbers: [/[0-9]/, "number"],
  RequireSymbols: [/[!@#$%^&*()_+\-=[\]{}|']/, "symbol"],
};

/** By the account's own policy; without one every password does. */
function checkPassword({ passwordPolicy }: Account, password: string | undefined): void {
  if (passwordPolicy === undefined || password === undefined) return;
  const length = Number(passwordPolicy.MinimumPasswordLength);
  if (password.length < length) throw weakPassword(`Password should have a minimum length of ${length}`);
  for (const [member, [pattern, what]] of Object.entries(PASSWORD_RULES)) {
    if (passwordPolicy[member] === true && !pattern.test(password)) {
      throw weakPassword(`Password should have at least one ${what}`);
    }
  }
}

function weakPassword(message: string): EmulatorError {
  return new EmulatorError("PasswordPolicyViolation", message, 400);
}

function findKey(
  input: { readonly AccessKeyId: string; readonly UserName?: string },
  context: Context,
): AccessKey {
  const account = accountOf(context);
  const name = input.UserName ?? userNameOf(context.caller);
  if (name !== undefined) findUser(account, name);
  const key = context.store(iamStore).keys.get(input.AccessKeyId);
  if (key === undefined || key.account !== account.id || key.userName !== name) {
    throw noSuchEntity(`The Access Key with id ${input.AccessKeyId} cannot be found.`);
  }
  return key;
}

function loginOutput({ name, login }: User) {
  if (login === undefined) throw noSuchEntity(`Login Profile for User ${name} cannot be found.`);
  return { UserName: name, CreateDate: login.created, PasswordResetRequired: login.resetRequired };
}
