/** Changes of instances that exist: what they are set to, and their sleep. */
import type { Compute } from "../../../gen/gcp/compute.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { MACHINE_TYPES } from "./catalog.js";
import { begin, find, fingerprint, lastPart } from "./instances.js";
import { OPERATION_MS, repeated } from "./operations.js";
import { link, type StoredInstance } from "./store.js";

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
      resource.metadata = { ...metadata, fingerprint: fingerprint(metadata) };
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

/** A caller that read before another wrote would undo what it did not see. */
function checkFingerprint(given: string | undefined, actual: string | undefined, what: string): void {
  if (given === actual || (given === undefined && actual === undefined)) return;
  if (given === undefined || actual !== undefined) {
    throw new EmulatorError(
      "conditionNotMet",
      `Supplied fingerprint does not match current ${what} fingerprint.`,
      412,
    );
  }
}

function notInState(name: string | undefined, actual: string | undefined, wanted: string): EmulatorError {
  return new EmulatorError(
    "resourceNotReady",
    `The resource '${name}' is in state ${actual}: it must be ${wanted}.`,
    400,
  );
}
