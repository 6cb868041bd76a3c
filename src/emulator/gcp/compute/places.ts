/** Zones, regions, machine types and the project itself. */
import type { Compute } from "../../../gen/gcp/compute.js";
import type { Context, Handlers } from "../../service.js";
import { DISK_TYPES, MACHINE_TYPES, REGIONS, regionOf, ZONES } from "./catalog.js";
import { aggregated, type ListInput, pageOf } from "./listing.js";
import { link, notFound } from "./store.js";

export const placeHandlers: Handlers<Compute> = {
  "zones.list": ({ project = "", ...input }, context) =>
    list(
      "compute#zoneList",
      ZONES.map((name) => zone(context, project, name)),
      input,
    ),
  "zones.get"({ project = "", zone: name }, context) {
    if (!ZONES.includes(name)) throw notFound(`projects/${project}/zones/${name}`);
    return zone(context, project, name);
  },
  "regions.list": ({ project = "", ...input }, context) =>
    list(
      "compute#regionList",
      Object.keys(REGIONS).map((name) => region(context, project, name)),
      input,
    ),
  "regions.get"({ project = "", region: name }, context) {
    if (!(name in REGIONS)) throw notFound(`projects/${project}/regions/${name}`);
    return region(context, project, name);
  },
  "machineTypes.list": ({ project = "", zone: name, ...input }, context) =>
    list(
      "compute#machineTypeList",
      Object.keys(MACHINE_TYPES).map((type) => machineType(context, project, name, type)),
      input,
    ),
  "machineTypes.get"({ project = "", zone: name, machineType: type }, context) {
    if (!(type in MACHINE_TYPES)) throw notFound(`projects/${project}/zones/${name}/machineTypes/${type}`);
    return machineType(context, project, name, type);
  },
  "machineTypes.aggregatedList": ({ project = "", ...input }, context) => ({
    kind: "compute#machineTypeAggregatedList",
    id: `projects/${project}/aggregated/machineTypes`,
    ...aggregated(
      "machineTypes",
      "zone",
      ZONES.flatMap((name) =>
        Object.keys(MACHINE_TYPES).map((type) => machineType(context, project, name, type)),
      ),
      input,
    ),
  }),
  "diskTypes.list": ({ project = "", zone: name, ...input }, context) =>
    list(
      "compute#diskTypeList",
      Object.keys(DISK_TYPES).map((type) => diskType(context, project, name, type)),
      input,
    ),
  "diskTypes.get"({ project = "", zone: name, diskType: type }, context) {
    if (!Object.hasOwn(DISK_TYPES, type))
      throw notFound(`projects/${project}/zones/${name}/diskTypes/${type}`);
    return diskType(context, project, name, type);
  },
  "projects.get": ({ project = "" }, context) => ({
    kind: "compute#project",
    id: "123456789012",
    name: project,
    selfLink: link(context, `projects/${project}`),
    creationTimestamp: CREATED,
    defaultServiceAccount: `123456789012-compute@developer.gserviceaccount.com`,
  }),
};

const CREATED = "1969-12-31T16:00:00.000-08:00";

function list<T extends { readonly name: string }>(kind: string, all: readonly T[], input: ListInput) {
  return { kind, ...pageOf(all, input) };
}

function zone(context: Context, project: string, name: string) {
  return {
    kind: "compute#zone",
    id: idOf(name),
    creationTimestamp: CREATED,
    name,
    description: name,
    status: "UP" as const,
    region: link(context, `projects/${project}/regions/${regionOf(name)}`),
    selfLink: link(context, `projects/${project}/zones/${name}`),
    supportsPzs: false,
  };
}

function region(context: Context, project: string, name: string) {
  return {
    kind: "compute#region",
    id: idOf(name),
    creationTimestamp: CREATED,
    name,
    description: name,
    status: "UP" as const,
    zones: (REGIONS[name] ?? []).map((letter) =>
      link(context, `projects/${project}/zones/${name}-${letter}`),
    ),
    selfLink: link(context, `projects/${project}/regions/${name}`),
  };
}

function machineType(context: Context, project: string, zoneName: string, name: string) {
  const [guestCpus, memoryMb] = MACHINE_TYPES[name] as readonly [number, number];
  return {
    kind: "compute#machineType",
    id: idOf(name),
    creationTimestamp: CREATED,
    name,
    description: `${guestCpus} vCPU, ${memoryMb / 1024} GB RAM`,
    guestCpus,
    memoryMb,
    zone: zoneName,
    isSharedCpu: name.startsWith("e2-m") || name === "e2-small",
    maximumPersistentDisks: 128,
    maximumPersistentDisksSizeGb: "263168",
    selfLink: link(context, `projects/${project}/zones/${zoneName}/machineTypes/${name}`),
  };
}

function diskType(context: Context, project: string, zoneName: string, name: string) {
  return {
    kind: "compute#diskType",
    id: idOf(name),
    creationTimestamp: CREATED,
    name,
    description: name,
    validDiskSize: "10GB-65536GB",
    defaultDiskSizeGb: String(DISK_TYPES[name]),
    zone: link(context, `projects/${project}/zones/${zoneName}`),
    selfLink: link(context, `projects/${project}/zones/${zoneName}/diskTypes/${name}`),
  };
}

/** A number that stays the same from run to run. */
function idOf(name: string): string {
  let id = 1000;
  for (const char of name) id = (id * 31 + char.charCodeAt(0)) % 1_000_000;
  return String(id);
}
