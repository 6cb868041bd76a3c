/** Which user or role has signed a request. */
import type { Caller, Context } from "../../service.js";
import { partitionOfArn } from "../partition.js";
import { accountOf } from "./entities.js";
import { type Entity, entityArn } from "./principal-policies.js";
import { iamStore } from "./store.js";

/** Undefined for the root user, for sessions of roles that nobody made, and for federated users. */
export function callerEntity(context: Context): Entity | undefined {
  const { caller } = context;
  if (caller === undefined) return undefined;
  const store = context.store(iamStore);
  const account = store.account(caller.account, partitionOfArn(caller.id));
  const roleName = store.keys.get(caller.accessKeyId ?? "")?.roleName;
  const role = roleName === undefined ? undefined : account.roles.get(roleName);
  if (role !== undefined) return { kind: "role", principal: role };
  const user = account.users.get(userNameOf(caller) ?? "");
  return user && { kind: "user", principal: user };
}

/** Undefined for the root user and for roles. */
export function userNameOf(caller: Caller | undefined): string | undefined {
  return /:user\/(?:.*\/)?([^/]+)$/.exec(caller?.id ?? "")?.[1];
}

/** ARN of the user or of the role behind a session; whoever else signed goes by its own. */
export function principalArn(context: Context): string {
  const entity = callerEntity(context);
  if (entity === undefined) return context.caller?.id ?? "";
  return entityArn(accountOf(context), entity);
}
