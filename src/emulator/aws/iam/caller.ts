/** Which user or role has signed a request. */
import type { Caller, Context } from "../../service.js";
import { partitionOfArn } from "../partition.js";
import { accountOf } from "./entities.js";
import { type Entity, entityArn } from "./principal-policies.js";
import { iamStore } from "./store.js";

/** Undefined for the root user and for sessions of roles that nobody made. */
export function callerEntity(context: Context): Entity | undefined {
  const { caller } = context;
  if (caller === undefined) return undefined;
  const store = context.store(iamStore);
  const account = store.account(caller.account, partitionOfArn(caller.id));
  const of = store.keys.get(caller.accessKeyId ?? "")?.session?.of;
  if (of?.kind === "role") {
    const role = account.roles.get(of.name);
    return role && { kind: "role", principal: role };
  }
  const user = account.users.get(of?.name ?? userNameOf(caller) ?? "");
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
