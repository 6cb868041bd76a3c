/** Changes of instances that exist: what they are set to, and their sleep. */
import type { AccessConfig, Compute, NetworkInterface } from "../../../gen/gcp/compute.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { MACHINE_TYPES } from "./catalog.js";
import { accessConfig, attached, detached } from "./instance-devices.js";
import { begin, find } from "./instances.js";
import { OPERATION_MS, repeated } from "./operations.js";
import { checkFingerprint } from "./resources.js";
import { type Draft, fingerprint, lastPart, link, type StoredInstance } from "./store.js";

interface ChangeInput {
  readonly project?: string;
  readonly zone: string;
  readonly instance: string;
  readonly requestId?: string;
}

/** One change, or the operation of the same request before. */
function changed(
  type: string,
  { project = "", zone, instance: name, requestId }: ChangeInput,
  context: Context,
  apply: (instance: StoredInstance) => void,
) {
  const again = repeated(context, requestId);
  if (again) return again;
  const instance = find(context, project, zone, name);
  apply(instance);
  return begin(context, instance, type, requestId, () => undefined);
}

export const changeHandlers: Handlers<Compute> = {
  "instances.setMetadata": ({ body = {}, ...input }, context) =>
    changed("setMetadata", input, context, ({ resource }) => {
      checkFingerprint(body.fingerprint, resource.metadata?.fingerprint, "metadata");
      const metadata = { kind: "compute#metadata", items: body.items ?? [] };
      resource.metadata = { ...metadata, fingerprint: fingerprint(body.items) };
    }),

  "instances.setTags": ({ body = {}, ...input }, context) =>
    changed("setTags", input, context, ({ resource }) => {
      checkFingerprint(body.fingerprint, resource.tags?.fingerprint, "tags");
      resource.tags = { items: body.items ?? [], fingerprint: fingerprint(body.items) };
    }),

  "instances.setMachineType": ({ body = {}, ...input }, context) =>
    changed("setMachineType", input, context, ({ resource, project, zone }) => {
      if (resource.status !== "TERMINATED") throw notInState(resource.name, resource.status, "TERMINATED");
      const machineType = lastPart(body.machineType ?? "");
      if (!Object.hasOwn(MACHINE_TYPES, machineType)) {
        throw new EmulatorError(
          "invalid",
          `Invalid value for field 'resource.machineType': '${body.machineType ?? ""}'. The referenced resource does not exist.`,
          400,
        );
      }
      resource.machineType = link(context, `projects/${project}/zones/${zone}/machineTypes/${machineType}`);
    }),

  "instances.setDeletionProtection": ({ resource: instance, deletionProtection = true, ...input }, context) =>
    changed("setDeletionProtection", { ...input, instance }, context, ({ resource }) => {
      resource.deletionProtection = deletionProtection;
    }),

  "instances.attachDisk": ({ body = {}, forceAttach: _, ...input }, context) =>
    changed("attachDisk", input, context, (instance) => {
      const disks = instance.resource.disks ?? [];
      const index = 1 + Math.max(-1, ...disks.map((disk) => disk.index ?? 0));
      instance.resource.disks = [...disks, attached(context, ownerOf(instance), body, index)];
    }),

  "instances.detachDisk": ({ deviceName, ...input }, context) =>
    changed("detachDisk", input, context, (instance) => {
      const { disks = [] } = instance.resource;
      const disk = disks.find((each) => each.deviceName === deviceName);
      if (disk === undefined) throw noSuchDevice(instance, deviceName);
      detached(context, ownerOf(instance), disk, false);
      instance.resource.disks = disks.filter((each) => each !== disk);
    }),

  "instances.setDiskAutoDelete": ({ deviceName, autoDelete, ...input }, context) =>
    changed("setDiskAutoDelete", input, context, (instance) => {
      const { disks = [] } = instance.resource;
      if (!disks.some((each) => each.deviceName === deviceName)) throw noSuchDevice(instance, deviceName);
      instance.resource.disks = disks.map((each) =>
        each.deviceName === deviceName ? { ...each, autoDelete } : each,
      );
    }),

  "instances.addAccessConfig": ({ body = {}, networkInterface, ...input }, context) =>
    changed("addAccessConfig", input, context, (instance) => {
      setAccess(instance, networkInterface, (configs) => {
        if (configs.length === 0) return [accessConfig(context, body)];
        throw new EmulatorError("invalid", "At most one access config currently supported.", 400);
      });
    }),

  "instances.deleteAccessConfig": ({ accessConfig: name, networkInterface, ...input }, context) =>
    changed("deleteAccessConfig", input, context, (instance) => {
      setAccess(instance, networkInterface, (configs) => configs.filter((each) => each.name !== name));
    }),

  "instances.setServiceAccount": ({ body = {}, ...input }, context) =>
    changed("setServiceAccount", input, context, ({ resource }) => {
      if (resource.status !== "TERMINATED") throw notInState(resource.name, resource.status, "TERMINATED");
      const { email, scopes = [] } = body;
      resource.serviceAccounts = email === undefined ? [] : [{ email, scopes }];
    }),

  "instances.setScheduling": ({ body = {}, ...input }, context) =>
    changed("setScheduling", input, context, ({ resource }) => {
      resource.scheduling = { ...resource.scheduling, ...body };
    }),

  "instances.getSerialPortOutput"({ project = "", zone, instance: name, port = 1 }, context) {
    if (port < 1 || port > 4)
      throw new EmulatorError("invalid", `Invalid value for field 'port': '${port}'.`, 400);
    const { resource } = find(context, project, zone, name);
    return {
      kind: "compute#serialPortOutput",
      contents: "",
      start: "0",
      next: "0",
      selfLink: `${resource.selfLink}/serialPort`,
    };
  },

  "instances.reset": (input, context) =>
    changed("reset", input, context, ({ resource }) => {
      if (resource.status !== "RUNNING") throw notInState(resource.name, resource.status, "RUNNING");
    }),

  "instances.suspend": (input, context) =>
    changed("suspend", input, context, (instance) => {
      const { resource } = instance;
      if (resource.status !== "RUNNING") throw notInState(resource.name, resource.status, "RUNNING");
      resource.status = "SUSPENDING";
      instance.change = { to: "SUSPENDED", atMs: context.clock.now() + OPERATION_MS };
      resource.lastSuspendedTimestamp = context.clock.date().toISOString();
    }),

  "instances.resume": (input, context) =>
    changed("resume", input, context, (instance) => {
      const { resource } = instance;
      if (resource.status !== "SUSPENDED") throw notInState(resource.name, resource.status, "SUSPENDED");
      resource.status = "STAGING";
      instance.change = { to: "RUNNING", atMs: context.clock.now() + OPERATION_MS };
    }),
};

function ownerOf({ project, zone, resource }: StoredInstance) {
  return { project, zone, name: resource.name ?? "" };
}

type AccessConfigs = NonNullable<NetworkInterface["accessConfigs"]>;

function setAccess(
  { resource }: StoredInstance,
  name: string,
  apply: (configs: AccessConfigs) => readonly Draft<AccessConfig>[],
): void {
  const { networkInterfaces = [] } = resource;
  if (!networkInterfaces.some((each) => each.name === name)) {
    throw new EmulatorError(
      "invalid",
      `Invalid value for field 'networkInterface': '${name}'. The instance has no such interface.`,
      400,
    );
  }
  resource.networkInterfaces = networkInterfaces.map((each) =>
    each.name === name ? { ...each, accessConfigs: apply(each.accessConfigs ?? []) as AccessConfigs } : each,
  );
}

function noSuchDevice({ resource }: StoredInstance, deviceName: string): EmulatorError {
  return new EmulatorError(
    "invalid",
    `Invalid value for field 'deviceName': '${deviceName}'. No attached disk found with device name '${deviceName}' on instance '${resource.name}'.`,
    400,
  );
}

function notInState(name: string | undefined, actual: string | undefined, wanted: string): EmulatorError {
  return new EmulatorError(
    "resourceNotReady",
    `The resource '${name}' is in state ${actual}: it must be ${wanted}.`,
    400,
  );
}
