/** State of Resource Manager: subscriptions with their resource groups, tags, and operations that take time. */
import type { IncomingRequest, StoreKey } from "../../service.js";
import { SUBSCRIPTION_ID } from "../identity.js";

export interface ResourceGroup {
  readonly name: string;
  location: string;
  managedBy: string | undefined;
  tags: Record<string, string> | undefined;
  provisioningState: "Succeeded" | "Deleting";
}

export interface Subscription {
  readonly id: string;
  /** By lower-case name. */
  readonly groups: Map<string, ResourceGroup>;
  /** Tags that were given names and values of their own. */
  readonly tagNames: Map<string, Set<string>>;
}

/** Something that ends at a time. */
export interface RunningOperation {
  readonly id: string;
  readonly endsAt: number;
  finish(): void;
  finished: boolean;
}

export interface ManagerStore {
  readonly subscriptions: Map<string, Subscription>;
  readonly operations: Map<string, RunningOperation>;
  /** Tags of any scope, by lower-case scope. */
  readonly scopeTags: Map<string, Record<string, string>>;
}

export const managerStore: StoreKey<ManagerStore> = {
  name: "azure resource manager",
  create: () => {
    const store: ManagerStore = { subscriptions: new Map(), operations: new Map(), scopeTags: new Map() };
    subscriptionOf(store, SUBSCRIPTION_ID);
    return store;
  },
};

/** Any subscription that is named exists: tests bring ids of their own. */
export function subscriptionOf(store: ManagerStore, id: string): Subscription {
  const key = id.toLowerCase();
  let subscription = store.subscriptions.get(key);
  if (subscription === undefined) {
    subscription = { id, groups: new Map(), tagNames: new Map() };
    store.subscriptions.set(key, subscription);
  }
  return subscription;
}

/** Lets what is due happen. */
export function settle(store: ManagerStore, now: number): void {
  for (const operation of store.operations.values()) {
    if (!operation.finished && operation.endsAt <= now) {
      operation.finished = true;
      operation.finish();
    }
  }
}

/** Base of links in answers. The manager's own names stand for https, whatever carried the request here. */
export function originOf({ host, origin }: IncomingRequest): string {
  return host.startsWith("management.") ? `https://${host}` : origin;
}
