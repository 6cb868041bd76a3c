/** Instances: their life from PROVISIONING to gone. */
import type { Compute, Instance } from "../../../gen/gcp/compute.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { MACHINE_TYPES, ZONES } from "./catalog.js";
import { attached, detached, interfaceOf, type Owner } from "./instance-devices.js";
import { aggregated, pageOf } from "./listing.js";
import { beginOperation, OPERATION_MS, repeated } from "./operations.js";
import { alreadyExists, checkName } from "./resources.js";
import {
  computeStore,
  type Draft,
  fingerprint,
  instanceKey,
  lastPart,
  link,
  notFound,
  type StoredInstance,
} from "./store.js";
import { fromTemplate } from "./templates.js";

/** After the operation the machine boots for so long. */
const STAGING_MS = 500;

export const instanceHandlers: Handlers<Compute> = {
  "instances.insert"({ project = "", zone, body: stated = {}, requestId, sourceInstanceTemplate }, context) {
    const again = repeated(context, requestId);
    if (again) return again;
    const store = context.store(computeStore);
    store.settle();
    checkZone(project, zone);
    const { name = "" } = stated;
    checkName(name);
    const key = instanceKey(project, zone, name);
    const path = `projects/${project}/zones/${zone}/instances/${name}`;
    if (store.instances.has(key)) throw alreadyExists(path);
    const body = fromTemplate(context, project, sourceInstanceTemplate, stated as Draft<Instance>);
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
    const found = pageOf(
      all.map(({ resource }) => resource),
      input,
    );
    return {
      kind: "compute#instanceList",
      id: `projects/${project}/zones/${zone}/instances`,
      selfLink: link(context, `projects/${project}/zones/${zone}/instances`),
      ...found,
    };
  },

  "instances.aggregatedList"({ project = "", ...input }, context) {
    const all = instancesOf(context, project).map(({ resource }) => resource);
    return {
      kind: "compute#instanceAggregatedList",
      id: `projects/${project}/aggregated/instances`,
      ...aggregated("instances", "zone", all, input),
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
    return begin(context, instance, "delete", requestId, () => {
      const owner = { project, zone, name: instance.resource.name ?? "" };
      for (const disk of instance.resource.disks ?? []) detached(context, owner, disk, true);
      instances.delete(instanceKey(project, zone, owner.name));
    });
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

function newInstance(
  context: Context,
  project: string,
  zone: string,
  body: Draft<Instance>,
): Draft<Instance> {
  const store = context.store(computeStore);
  const owner: Owner = { project, zone, name: body.name ?? "" };
  const { metadata, tags, scheduling } = body;
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
    metadata: { kind: "compute#metadata", ...metadata, fingerprint: fingerprint(metadata?.items) },
    tags: { ...tags, fingerprint: fingerprint(tags?.items) },
    scheduling: {
      automaticRestart: true,
      onHostMaintenance: "MIGRATE",
      preemptible: false,
      provisioningModel: "STANDARD",
      ...scheduling,
    },
    networkInterfaces: (body.networkInterfaces ?? [{}]).map((each, index) =>
      interfaceOf(context, owner, each, index),
    ),
    disks: (body.disks ?? []).map((each, index) => attached(context, owner, each, index)),
  } as Draft<Instance>;
}

function checkZone(project: string, zone: string): void {
  if (!ZONES.includes(zone)) throw notFound(`projects/${project}/zones/${zone}`);
}
