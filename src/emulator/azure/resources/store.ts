/** State of Resource Manager: subscriptions with their resource groups, tags, and operations that take time. */
import type { IncomingRequest, StoreKey } from "../../service.js";
import { SUBSCRIPTION_ID } from "../identity.js";
import type { ResourceId } from "./resource-id.js";
import type { Plan, PlannedResource } from "./template.js";

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

/** What a resource says of itself. */
export interface ResourceBody {
  readonly location?: string | undefined;
  readonly tags?: Record<string, string> | undefined;
  readonly properties?: Record<string, unknown> | undefined;
  readonly kind?: string | undefined;
  readonly managedBy?: string | undefined;
  readonly sku?: object | undefined;
  readonly identity?: object | undefined;
  readonly plan?: object | undefined;
}

export interface Resource {
  readonly at: ResourceId;
  body: ResourceBody;
  readonly createdOn: Date;
  readonly changedOn: Date;
}

/** One resource of a deployment that was put, or refused. */
export interface DeploymentStep {
  readonly resource: PlannedResource;
  readonly statusCode: string;
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

export interface Deployment {
  readonly id: string;
  readonly name: string;
  readonly location: string | undefined;
  readonly tags: Record<string, string> | undefined;
  readonly correlationId: string;
  readonly mode: string;
  readonly template: Record<string, unknown>;
  plan: Plan;
  state: "Running" | "Succeeded" | "Failed" | "Canceled";
  error:
    | {
        readonly code: string;
        readonly message: string;
        readonly details: { code: string; message: string }[];
      }
    | undefined;
  changedOn: Date;
  readonly done: DeploymentStep[];
}

export interface ManagerStore {
  readonly subscriptions: Map<string, Subscription>;
  readonly operations: Map<string, RunningOperation>;
  /** Tags of any scope, by lower-case scope. */
  readonly scopeTags: Map<string, Record<string, string>>;
  /** By lower-case id. */
  readonly resources: Map<string, Resource>;
  /** By lower-case id. */
  readonly deployments: Map<string, Deployment>;
}

export const managerStore: StoreKey<ManagerStore> = {
  name: "azure resource manager",
  create: () => {
    const store: ManagerStore = {
      subscriptions: new Map(),
      operations: new Map(),
      scopeTags: new Map(),
      resources: new Map(),
      deployments: new Map(),
    };
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
