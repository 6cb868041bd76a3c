/** Operations: begun by a change, done after some of the emulated time. */
import type { Compute, Operation } from "../../../gen/gcp/compute.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { type ListInput, pageOf } from "./listing.js";
import { computeStore, type Draft, link, notFound, type Place, type StoredOperation } from "./store.js";

/** How long an operation takes. */
export const OPERATION_MS = 2_000;
/** From PENDING to RUNNING. */
const PENDING_MS = 500;
/** `wait` looks so often whether a driven clock has gone on, and answers after so long at most. */
const WAIT_STEP_MS = 20;
const WAIT_MAX_MS = 30_000;

export interface NewOperation {
  readonly place: Place;
  readonly type: string;
  readonly targetLink: string;
  readonly targetId: string;
  readonly requestId?: string | undefined;
  readonly effect: () => void;
}

export function beginOperation(
  context: Context,
  { place, type, targetLink, targetId, requestId, effect }: NewOperation,
) {
  const store = context.store(computeStore);
  const now = context.clock.now();
  const name = `operation-${now}-${globalThis.crypto.randomUUID().slice(0, 18)}`;
  const resource: Draft<Operation> = {
    kind: "compute#operation",
    id: store.nextId(),
    name,
    operationType: type,
    targetLink,
    targetId,
    user: context.caller?.id ?? "",
    insertTime: new Date(now).toISOString(),
    startTime: new Date(now + PENDING_MS).toISOString(),
    selfLink: link(context, `${pathOf(place)}/operations/${name}`),
    ...(place.zone !== undefined && { zone: link(context, `projects/${place.project}/zones/${place.zone}`) }),
    ...(place.region !== undefined && {
      region: link(context, `projects/${place.project}/regions/${place.region}`),
    }),
  };
  const operation: StoredOperation = { place, resource, startMs: now, endMs: now + OPERATION_MS, effect };
  store.operations.set(`${pathOf(place)}/${name}`, operation);
  if (requestId !== undefined) store.requests.set(requestId, `${pathOf(place)}/${name}`);
  return describe(operation, now);
}

/** The operation that a request with this id began before. */
export function repeated(context: Context, requestId: string | undefined): Draft<Operation> | undefined {
  const store = context.store(computeStore);
  const known =
    requestId === undefined ? undefined : store.operations.get(store.requests.get(requestId) ?? "");
  return known && describe(known, context.clock.now());
}

function describe({ resource, startMs, endMs }: StoredOperation, now: number): Draft<Operation> {
  const status = now >= endMs ? "DONE" : now >= startMs + PENDING_MS ? "RUNNING" : "PENDING";
  return {
    ...resource,
    status,
    progress: status === "DONE" ? 100 : 0,
    ...(status === "DONE" && { endTime: new Date(endMs).toISOString() }),
  };
}

function pathOf({ project, zone, region }: Place): string {
  if (zone !== undefined) return `projects/${project}/zones/${zone}`;
  return region === undefined ? `projects/${project}/global` : `projects/${project}/regions/${region}`;
}

function find(context: Context, place: Place, name: string): StoredOperation {
  const store = context.store(computeStore);
  store.settle();
  const operation =
    store.operations.get(`${pathOf(place)}/${name}`) ??
    [...store.operations.values()].find(({ resource }) => resource.id === name);
  if (operation === undefined) throw notFound(`${pathOf(place)}/operations/${name}`);
  return operation;
}

function get(context: Context, place: Place, name: string) {
  return describe(find(context, place, name), context.clock.now());
}

/** Answers when the operation is done, or as it stands after a while. */
async function wait(context: Context, place: Place, name: string) {
  const operation = find(context, place, name);
  const until = Date.now() + WAIT_MAX_MS;
  while (context.clock.now() < operation.endMs && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
  }
  return get(context, place, name);
}

function list(context: Context, place: Place, input: ListInput) {
  const store = context.store(computeStore);
  store.settle();
  const now = context.clock.now();
  const path = pathOf(place);
  const all = [...store.operations.values()]
    .filter((each) => pathOf(each.place) === path)
    .map((each) => describe(each, now));
  return { kind: "compute#operationList", id: `${path}/operations`, ...pageOf(all, input) };
}

function remove(context: Context, place: Place, name: string) {
  const operation = find(context, place, name);
  if (operation.effect !== undefined)
    throw new EmulatorError("resourceNotReady", "The operation is not done.", 400);
  context.store(computeStore).operations.delete(`${pathOf(place)}/${name}`);
  return {};
}

export const operationHandlers: Handlers<Compute> = {
  "zoneOperations.get": ({ project = "", zone, operation }, context) =>
    get(context, { project, zone }, operation),
  "zoneOperations.wait": ({ project = "", zone, operation }, context) =>
    wait(context, { project, zone }, operation),
  "zoneOperations.list": ({ project = "", zone, ...input }, context) =>
    list(context, { project, zone }, input),
  "zoneOperations.delete": ({ project = "", zone, operation }, context) =>
    remove(context, { project, zone }, operation),
  "regionOperations.get": ({ project = "", region, operation }, context) =>
    get(context, { project, region }, operation),
  "regionOperations.wait": ({ project = "", region, operation }, context) =>
    wait(context, { project, region }, operation),
  "regionOperations.list": ({ project = "", region, ...input }, context) =>
    list(context, { project, region }, input),
  "globalOperations.get": ({ project = "", operation }, context) => get(context, { project }, operation),
  "globalOperations.wait": ({ project = "", operation }, context) => wait(context, { project }, operation),
  "globalOperations.list": ({ project = "", ...input }, context) => list(context, { project }, input),
};
