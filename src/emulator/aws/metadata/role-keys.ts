/** Keys of the role that the emulated instance or container has: the same ones until they grow old. */
import type { Context, StoreKey } from "../../service.js";
import { iamStore, newId, type TemporaryKey } from "../iam/store.js";
import { ROOT_ACCOUNT } from "../identity.js";

const DURATION_SECONDS = 6 * 3600;
/** New ones are there before clients ask for them: an hour before the old ones expire. */
const RENEWED_BEFORE_MS = 3_600_000;

class RoleKeys {
  readonly #ids = new Map<string, string>();
  readonly #keys = new Map<string, TemporaryKey>();

  keysFor(role: string, session: string, context: Context): TemporaryKey {
    const known = this.#keys.get(role);
    if (known !== undefined && known.expiration.getTime() - context.clock.now() > RENEWED_BEFORE_MS)
      return known;
    const store = context.store(iamStore);
    let id = store.account(ROOT_ACCOUNT).roles.get(role)?.id ?? this.#ids.get(role);
    if (id === undefined) {
      id = newId("AROA");
      this.#ids.set(role, id);
    }
    const owner = {
      account: ROOT_ACCOUNT,
      arn: `arn:aws:sts::${ROOT_ACCOUNT}:assumed-role/${role}/${session}`,
      userId: `${id}:${session}`,
      session: { of: { kind: "role" as const, name: role } },
    };
    const key = store.issueSession(owner, DURATION_SECONDS);
    this.#keys.set(role, key);
    return key;
  }
}

const roleKeys: StoreKey<RoleKeys> = { name: "aws.role-keys", create: () => new RoleKeys() };

export function keysFor(role: string, session: string, context: Context): TemporaryKey {
  return context.store(roleKeys).keysFor(role, session, context);
}

/** `2026-01-01T00:00:00Z` */
export function isoSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
