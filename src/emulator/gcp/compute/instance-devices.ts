/** What an instance is made with: disks that are made or taken, and interfaces in a network. */
import type { AccessConfig, AttachedDisk, NetworkInterface } from "../../../gen/gcp/compute.js";
import { type Context, EmulatorError } from "../../service.js";
import { regionOf } from "./catalog.js";
import { DISKS } from "./disks.js";
import { networkOf, subnetworksOf, taken } from "./networks.js";
import { nextAddress } from "./ranges.js";
import { discard, make, referred } from "./resources.js";
import { computeStore, type Draft, fingerprint, link, pathOf, type StoredResource } from "./store.js";

/** The instance that the devices are for. */
export interface Owner {
  readonly project: string;
  readonly zone: string;
  readonly name: string;
}

const EXTERNAL = "34.64.0.0/10";

function linkOf(context: Context, { project, zone, name }: Owner): string {
  return link(context, `projects/${project}/zones/${zone}/instances/${name}`);
}

/** One disk as the instance shows it; one that is described is made first. */
export function attached(context: Context, owner: Owner, body: AttachedDisk, index: number): AttachedDisk {
  const { initializeParams, source, ...rest } = body;
  const shown = {
    kind: "compute#attachedDisk",
    type: "PERSISTENT",
    mode: "READ_WRITE",
    interface: "SCSI",
    boot: false,
    autoDelete: false,
    index,
    deviceName: `persistent-disk-${index}`,
    ...rest,
  };
  if (initializeParams === undefined && source === undefined) return shown as AttachedDisk;
  const disk =
    initializeParams === undefined
      ? existing(context, owner, String(source), String(shown.mode))
      : made(context, owner, initializeParams, index);
  disk.resource.users = [...(disk.resource.users ?? []), linkOf(context, owner)];
  return {
    ...shown,
    source: disk.resource.selfLink,
    diskSizeGb: String(disk.resource.sizeGb),
  } as AttachedDisk;
}

function made(
  context: Context,
  { project, zone, name }: Owner,
  params: NonNullable<AttachedDisk["initializeParams"]>,
  index: number,
): StoredResource {
  const { diskName = index === 0 ? name : `${name}-${index}`, diskSizeGb, diskType, ...rest } = params;
  const body = {
    ...rest,
    name: diskName,
    ...(diskSizeGb !== undefined && { sizeGb: diskSizeGb }),
    ...(diskType !== undefined && { type: diskType }),
  };
  return make(context, DISKS, { project, zone }, body);
}

function existing(context: Context, owner: Owner, url: string, mode: string): StoredResource {
  const { project, zone } = owner;
  const disk = referred(context, { field: "source", url, project, what: "disk" });
  const [user] = disk.resource.users ?? [];
  if (user !== undefined && mode !== "READ_ONLY") {
    throw new EmulatorError(
      "resourceInUseByAnotherResource",
      `The disk resource '${disk.path}' is already being used by '${pathOf(user, project)}'`,
      400,
    );
  }
  if (disk.place.zone !== zone) {
    throw new EmulatorError(
      "invalid",
      `Invalid value for field 'resource.disks': '${url}'. The disk must be in zone '${zone}'.`,
      400,
    );
  }
  return disk;
}

/** The disk is free again; with the instance goes one that is deleted with it. */
export function detached(
  context: Context,
  owner: Owner,
  { source, autoDelete }: AttachedDisk,
  isInstanceGone: boolean,
): void {
  const disk = context.store(computeStore).resources.get(pathOf(source ?? "", owner.project));
  if (disk === undefined) return;
  const own = pathOf(linkOf(context, owner), owner.project);
  disk.resource.users = (disk.resource.users ?? []).filter((user) => pathOf(user, owner.project) !== own);
  if (isInstanceGone && autoDelete === true) discard(context, DISKS, disk);
}

/** An interface with an address in its subnetwork. */
export function interfaceOf(
  context: Context,
  { project, zone }: Owner,
  body: Draft<NetworkInterface>,
  index: number,
): Draft<NetworkInterface> {
  const region = regionOf(zone);
  const named =
    body.subnetwork === undefined
      ? undefined
      : referred(context, { field: "networkInterfaces", url: body.subnetwork, project, what: "subnetwork" });
  const network = networkOf(
    context,
    project,
    named?.resource.network ?? body.network ?? "global/networks/default",
  );
  const subnetwork = named ?? subnetworksOf(network, context).find(({ place }) => place.region === region);
  if (subnetwork === undefined) {
    throw new EmulatorError(
      "invalid",
      `Invalid value for field 'resource.networkInterfaces[${index}]': ''. Subnetwork should be specified for custom subnetmode network`,
      400,
    );
  }
  const networkIP = body.networkIP ?? nextAddress(String(subnetwork.resource.ipCidrRange), taken(context));
  const shown = {
    kind: "compute#networkInterface",
    name: `nic${index}`,
    stackType: "IPV4_ONLY",
    ...body,
    network: network.resource.selfLink,
    subnetwork: subnetwork.resource.selfLink,
    networkIP,
    ...(body.accessConfigs && {
      accessConfigs: body.accessConfigs.map((each) => accessConfig(context, each)),
    }),
  };
  return { ...shown, fingerprint: fingerprint(shown) } as Draft<NetworkInterface>;
}

/** The way to an interface from outside. */
export function accessConfig(context: Context, body: Draft<AccessConfig>): Draft<AccessConfig> {
  return {
    kind: "compute#accessConfig",
    type: "ONE_TO_ONE_NAT",
    name: "External NAT",
    networkTier: "PREMIUM",
    ...body,
    natIP: body.natIP ?? nextAddress(EXTERNAL, taken(context)),
  } as Draft<AccessConfig>;
}
