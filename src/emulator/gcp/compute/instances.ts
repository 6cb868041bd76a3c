/** Instances: their life from PROVISIONING to gone. */
import type { Compute, Instance } from "../../../gen/gcp/compute.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { page } from "../storage/listing.js";
import { MACHINE_TYPES, ZONES } from "./catalog.js";
import { beginOperation, OPERATION_MS, repeated } from "./operations.js";
import {
  computeStore,
  type Draft,
  instanceKey,
  link,
  matches,
  notFound,
  type StoredInstance,
} from "./store.js";

const NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** After the operation the machine boots for so long. */
const STAGING_MS = 500;

export const instanceHandlers: Handlers<Compute> = {
  "instances.insert"({ project = "", zone, body = {}, requestId }, context) {
    const again = repeated(context, requestId);
    if (again) return again;
    const store = context.store(computeStore);
    store.settle();
    const name = body.name ?? "";
    checkZone(project, zone);
    if (!NAME.test(name)) {
      throw new EmulatorError(
        "invalid",
        `Invalid value for field 'resource.name': '${name}'. Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'`,
        400,
      );
    }
    const key = instanceKey(project, zone, name);
    const path = `projects/${project}/zones/${zone}/instances/${name}`;
    if (store.instances.has(key))
      throw new EmulatorError("alreadyExists", `The resource '${path}' already exists`, 409);
    const machineType = lastPart(body.machineType ?? "");
    if (!Object.hasOwn(MACHINE_TYPES, machineType)) {
      throw new EmulatorError(
        "invalid",
        `Invalid value for field 'resource.machineType': '${body.machineType ?? ""}'. The referenced resource does not exist.`,
        400,
      );
    }
    const now = context.clock.now();
    const instance: StoredInstance = {
      project,
      zone,
      resource: newInstance(context, project, zone, { ...body, machineType, name } as Draft<Instance>),
      change: { to: "RUNNING", atMs: now + OPERATION_MS - STAGING_MS },
    };
    store.instances.set(key, instance);
    return begin(context, instance, "insert", requestId, () => undefined);
  },

  "instances.get"({ project = "", zone, instance }, context) {
    return find(context, project, zone, instance).resource;
  },

  "instances.list"({ project = "", zone, ...input }, context) {
    checkZone(project, zone);
    const all = instancesOf(context, project).filter((each) => each.zone === zone);
    const found = pageOf(all, input);
    return {
      kind: "compute#instanceList",
      id: `projects/${project}/zones/${zone}/instances`,
      selfLink: link(context, `projects/${project}/zones/${zone}/instances`),
      ...found,
    };
  },

  "instances.aggregatedList"({ project = "", ...input }, context) {
    const { items, nextPageToken } = pageOf(instancesOf(context, project), input, true);
    const scopes: Record<string, { instances?: Draft<Instance>[]; warning?: object }> = {};
    for (const zone of ZONES) {
      const instances = items.filter((each) => lastPart(each.zone ?? "") === zone);
      scopes[`zones/${zone}`] = instances.length > 0 ? { instances } : { warning: noResults(zone) };
    }
    return {
      kind: "compute#instanceAggregatedList",
      id: `projects/${project}/aggregated/instances`,
      items: scopes,
      nextPageToken,
      selfLink: link(context, `projects/${project}/aggregated/instances`),
    };
  },

  "instances.start"({ project = "", zone, instance: name, requestId }, context) {
    const again = repeated(context, requestId);
    if (again) return again;
    const instance = find(context, project, zone, name);
    if (instance.resource.status === "TERMINATED") {
      instance.resource.status = "STAGING";
      instance.change = { to: "RUNNING", atMs: context.clock.now() + OPERATION_MS };
      instance.resource.lastStartTimestamp = context.clock.date().toISOString();
    }
    return begin(context, instance, "start", requestId, () => undefined);
  },

  "instances.stop"({ project = "", zone, instance: name, requestId }, context) {
    const again = repeated(context, requestId);
    if (again) return again;
    const instance = find(context, project, zone, name);
    if (instance.resource.status !== "TERMINATED") {
      instance.resource.status = "STOPPING";
      instance.change = { to: "TERMINATED", atMs: context.clock.now() + OPERATION_MS };
      instance.resource.lastStopTimestamp = context.clock.date().toISOString();
    }
    return begin(context, instance, "stop", requestId, () => undefined);
  },

  "instances.delete"({ project = "", zone, instance: name, requestId }, context) {
    const again = repeated(context, requestId);
    if (again) return again;
    const instance = find(context, project, zone, name);
    if (instance.resource.deletionProtection === true) {
      throw new EmulatorError(
        "badRequest",
        `Invalid resource usage: 'Resource cannot be deleted if it's protected against deletion.'.`,
        400,
      );
    }
    instance.resource.status = "STOPPING";
    instance.change = undefined;
    const { instances } = context.store(computeStore);
    return begin(context, instance, "delete", requestId, () =>
      instances.delete(instanceKey(project, zone, name)),
    );
  },

  "instances.setLabels"({ project = "", zone, instance: name, body = {}, requestId }, context) {
    const again = repeated(context, requestId);
    if (again) return again;
    const instance = find(context, project, zone, name);
    if (body.labelFingerprint !== instance.resource.labelFingerprint) {
      throw new EmulatorError(
        "conditionNotMet",
        "Supplied fingerprint does not match current labels fingerprint.",
        412,
      );
    }
    instance.resource.labels = body.labels;
    instance.resource.labelFingerprint = fingerprint(body.labels);
    return begin(context, instance, "setLabels", requestId, () => undefined);
  },
};

export function begin(
  context: Context,
  instance: StoredInstance,
  type: string,
  requestId: string | undefined,
  effect: () => void,
) {
  const { project, zone, resource } = instance;
  const { selfLink: targetLink = "", id: targetId = "" } = resource;
  return beginOperation(context, { place: { project, zone }, type, targetLink, targetId, requestId, effect });
}

export function find(context: Context, project: string, zone: string, name: string): StoredInstance {
  const store = context.store(computeStore);
  store.settle();
  checkZone(project, zone);
  const instance =
    store.instances.get(instanceKey(project, zone, name)) ??
    [...store.instances.values()].find(({ resource }) => resource.id === name);
  if (instance === undefined) throw notFound(`projects/${project}/zones/${zone}/instances/${name}`);
  return instance;
}

function instancesOf(context: Context, project: string): StoredInstance[] {
  const store = context.store(computeStore);
  store.settle();
  return [...store.instances.values()].filter((each) => each.project === project);
}

interface ListInput {
  readonly filter?: string | undefined;
  readonly pageToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

function pageOf(
  all: readonly StoredInstance[],
  { filter, pageToken, maxResults = 500 }: ListInput,
  byZone = false,
) {
  const keyOf = (each: Draft<Instance>) => (byZone ? `${each.zone}/${each.name}` : String(each.name));
  const found = all
    .map(({ resource }) => resource)
    .filter((each) => matches(each, filter))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return page(found, keyOf, pageToken, maxResults);
}

function newInstance(
  context: Context,
  project: string,
  zone: string,
  body: Draft<Instance>,
): Draft<Instance> {
  const store = context.store(computeStore);
  const number = store.instances.size + 2;
  return {
    ...body,
    kind: "compute#instance",
    id: store.nextId(),
    creationTimestamp: context.clock.date().toISOString(),
    status: "PROVISIONING",
    zone: link(context, `projects/${project}/zones/${zone}`),
    machineType: link(context, `projects/${project}/zones/${zone}/machineTypes/${body.machineType}`),
    selfLink: link(context, `projects/${project}/zones/${zone}/instances/${body.name}`),
    cpuPlatform: "Intel Broadwell",
    labelFingerprint: fingerprint(body.labels),
    fingerprint: fingerprint(body),
    startRestricted: false,
    deletionProtection: body.deletionProtection ?? false,
    networkInterfaces: (body.networkInterfaces ?? [{}]).map((each, index) => ({
      kind: "compute#networkInterface",
      name: `nic${index}`,
      network: link(context, `projects/${project}/global/networks/default`),
      networkIP: `10.128.${number >> 8}.${number & 255}`,
      ...each,
    })),
    disks: (body.disks ?? []).map((each, index) => ({
      kind: "compute#attachedDisk",
      type: "PERSISTENT",
      mode: "READ_WRITE",
      index,
      deviceName: `persistent-disk-${index}`,
      ...each,
    })),
  } as Draft<Instance>;
}

/** Opaque; changes with the content. */
export function fingerprint(content: unknown): string {
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256")
    .update(JSON.stringify(content ?? null))
    .digest()
    .subarray(0, 8)
    .toString("base64");
}

function noResults(zone: string) {
  return {
    code: "NO_RESULTS_ON_PAGE",
    message: `There are no results for scope 'zones/${zone}' on this page.`,
    data: [{ key: "scope", value: `zones/${zone}` }],
  };
}

function checkZone(project: string, zone: string): void {
  if (!ZONES.includes(zone)) throw notFound(`projects/${project}/zones/${zone}`);
}

export function lastPart(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}
