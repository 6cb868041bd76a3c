/** Networks with their subnetworks, firewall rules and addresses. */
import type { Values } from "../../../protocol/protocol.js";
import { type AnyHandler, type Context, EmulatorError } from "../../service.js";
import { AUTO_RANGES } from "./catalog.js";
import { conflicts, contains, firstAddress, isRange, nextAddress } from "./ranges.js";
import {
  type Collection,
  changed,
  discard,
  findResource,
  handlersOf,
  make,
  placeOf,
  referred,
} from "./resources.js";
import { computeStore, fingerprint, link, pathOf, type Resource, type StoredResource } from "./store.js";

export const NETWORKS: Collection = {
  group: "networks",
  segment: "networks",
  parameter: "network",
  kind: "compute#network",
  scope: "global",
  verbs: ["patch"],
  create(body, { context, path }) {
    return {
      autoCreateSubnetworks: false,
      networkFirewallPolicyEnforcementOrder: "AFTER_CLASSIC_FIREWALL",
      ...body,
      routingConfig: { routingMode: "REGIONAL", ...(body.routingConfig as object | undefined) },
      selfLinkWithId: link(context, path),
    };
  },
  inserted(network, context) {
    if (network.resource.autoCreateSubnetworks !== true) return;
    const { project } = network.place;
    for (const [region, ipCidrRange] of Object.entries(AUTO_RANGES)) {
      const body = { name: network.resource.name as string, network: network.path, ipCidrRange };
      make(context, SUBNETWORKS, { project, region }, body);
    }
  },
  describe(network, context) {
    const subnetworks = subnetworksOf(network, context).map(({ resource }) => resource.selfLink);
    return { ...network.resource, ...(subnetworks.length > 0 && { subnetworks }) };
  },
  /** An automatic network takes its own subnetworks with it. */
  usersOf(network, context) {
    const own = network.resource.autoCreateSubnetworks === true ? [] : subnetworksOf(network, context);
    return [...own, ...guests(network, context, FIREWALLS.group)].map(({ path }) => path);
  },
  deleted(network, context) {
    for (const subnetwork of subnetworksOf(network, context)) discard(context, SUBNETWORKS, subnetwork);
  },
};

export const SUBNETWORKS: Collection = {
  group: "subnetworks",
  segment: "subnetworks",
  parameter: "subnetwork",
  kind: "compute#subnetwork",
  scope: "region",
  verbs: ["aggregatedList", "patch", "policy"],
  create(body, { context, place }) {
    const network = networkOf(context, place.project, body.network);
    const range = String(body.ipCidrRange ?? "");
    checkRange(range);
    for (const { resource } of subnetworksOf(network, context)) {
      if (!conflicts(range, String(resource.ipCidrRange))) continue;
      const region = String(resource.region).split("/").at(-1);
      throw new EmulatorError(
        "invalid",
        `Invalid IPCidrRange: ${range} conflicts with existing subnetwork '${resource.name}' in region '${region}'.`,
        400,
      );
    }
    const made: Resource = {
      privateIpGoogleAccess: false,
      privateIpv6GoogleAccess: "DISABLE_GOOGLE_ACCESS",
      purpose: "PRIVATE",
      stackType: "IPV4_ONLY",
      ...body,
      network: network.resource.selfLink,
      gatewayAddress: firstAddress(range),
    };
    return { ...made, fingerprint: fingerprint(made) };
  },
};

export const FIREWALLS: Collection = {
  group: "firewalls",
  segment: "firewalls",
  parameter: "firewall",
  kind: "compute#firewall",
  scope: "global",
  verbs: ["patch", "update"],
  create(body, { context, place }) {
    const { allowed, denied, direction = "INGRESS", priority = 1000 } = body;
    if ((allowed === undefined) === (denied === undefined)) {
      throw new EmulatorError(
        "invalid",
        "Invalid value for field 'resource': ''. Exactly one of allowed or denied must be specified.",
        400,
      );
    }
    const isNamed = body.sourceRanges ?? body.sourceTags ?? body.sourceServiceAccounts;
    const everybody =
      direction === "EGRESS"
        ? body.destinationRanges === undefined && { destinationRanges: ["0.0.0.0/0"] }
        : isNamed === undefined && { sourceRanges: ["0.0.0.0/0"] };
    return {
      disabled: false,
      logConfig: { enable: false },
      ...body,
      ...everybody,
      direction,
      priority,
      network: networkOf(context, place.project, body.network ?? "global/networks/default").resource.selfLink,
    };
  },
};

export const ADDRESSES: Collection = {
  group: "addresses",
  segment: "addresses",
  parameter: "address",
  kind: "compute#address",
  scope: "region",
  verbs: ["aggregatedList", "setLabels"],
  create: reserved,
  describe(address, context) {
    const users = usersOf(address, context);
    return users.length === 0 ? address.resource : { ...address.resource, status: "IN_USE", users };
  },
  usersOf: (address, context) => usersOf(address, context).map((url) => pathOf(url, address.place.project)),
};

export const GLOBAL_ADDRESSES: Collection = {
  ...ADDRESSES,
  group: "globalAddresses",
  scope: "global",
  verbs: ["setLabels"],
};

/** An address that nothing uses yet: the one that is asked for, or the next. */
function reserved(body: Resource, { context, place }: Parameters<Collection["create"]>[1]): Resource {
  const isInternal = body.addressType === "INTERNAL";
  const subnetwork =
    isInternal && typeof body.subnetwork === "string"
      ? referred(context, {
          field: "subnetwork",
          url: body.subnetwork,
          project: place.project,
          what: "subnetwork",
        })
      : undefined;
  const range = String(subnetwork?.resource.ipCidrRange ?? (isInternal ? "10.128.0.0/20" : "34.64.0.0/10"));
  const address = (body.address as string | undefined) ?? nextAddress(range, taken(context));
  if (subnetwork !== undefined && !contains(range, address)) {
    throw new EmulatorError(
      "invalid",
      `Invalid value for field 'resource.address': '${address}'. Address is not in the range of the subnetwork.`,
      400,
    );
  }
  return {
    addressType: "EXTERNAL",
    ...(!isInternal && { networkTier: "PREMIUM" }),
    ...(isInternal && { purpose: "GCE_ENDPOINT" }),
    ...body,
    ...(subnetwork && { subnetwork: subnetwork.resource.selfLink }),
    ...(place.region === undefined && { ipVersion: body.ipVersion ?? "IPV4" }),
    address,
    status: "RESERVED",
  };
}

/** Links to the instances that have the address. */
function usersOf({ resource: { address }, place }: StoredResource, context: Context): string[] {
  return [...context.store(computeStore).instances.values()]
    .filter(({ project }) => project === place.project)
    .filter(({ resource }) =>
      resource.networkInterfaces?.some(
        ({ networkIP, accessConfigs }) =>
          networkIP === address || accessConfigs?.some(({ natIP }) => natIP === address),
      ),
    )
    .map(({ resource }) => resource.selfLink ?? "");
}

/** All addresses that somebody has. */
export function taken(context: Context): ReadonlySet<string> {
  const { resources, instances } = context.store(computeStore);
  const ofInterfaces = [...instances.values()].flatMap(({ resource }) =>
    (resource.networkInterfaces ?? []).flatMap(({ networkIP, accessConfigs = [] }) => [
      networkIP,
      ...accessConfigs.map(({ natIP }) => natIP),
    ]),
  );
  const reservedOnes = [...resources.values()].map(({ resource }) => resource.address);
  return new Set([...ofInterfaces, ...reservedOnes].map(String));
}

export const networkHandlers: Readonly<Record<string, AnyHandler>> = {
  ...handlersOf(NETWORKS),
  ...handlersOf(SUBNETWORKS),
  ...handlersOf(FIREWALLS),
  ...handlersOf(ADDRESSES),
  ...handlersOf(GLOBAL_ADDRESSES),

  "networks.switchToCustomMode": (input, context) =>
    changed(
      context,
      "switchToCustomMode",
      input,
      () => findResource(context, NETWORKS, placeOf(NETWORKS, input), String(input.network)),
      ({ resource }) => {
        resource.autoCreateSubnetworks = false;
      },
    ),

  "subnetworks.setPrivateIpGoogleAccess": (input, context) =>
    changed(
      context,
      "setPrivateIpGoogleAccess",
      input,
      () => subnetworkAt(input, context),
      ({ resource }) => {
        resource.privateIpGoogleAccess =
          (input.body as { readonly privateIpGoogleAccess?: boolean } | undefined)?.privateIpGoogleAccess ===
          true;
      },
    ),

  "subnetworks.expandIpCidrRange": (input, context) =>
    changed(
      context,
      "expandIpCidrRange",
      input,
      () => subnetworkAt(input, context),
      ({ resource }) => {
        const { ipCidrRange = "" } = (input.body ?? {}) as { readonly ipCidrRange?: string };
        checkRange(ipCidrRange);
        if (
          !contains(ipCidrRange, firstAddress(String(resource.ipCidrRange))) ||
          !isWider(ipCidrRange, resource)
        ) {
          throw new EmulatorError(
            "invalid",
            `Invalid value for field 'ipCidrRange': '${ipCidrRange}'. The new range must contain '${resource.ipCidrRange}'.`,
            400,
          );
        }
        resource.ipCidrRange = ipCidrRange;
      },
    ),
};

function isWider(range: string, { ipCidrRange }: Resource): boolean {
  const bits = (each: unknown) => Number(String(each).split("/")[1]);
  return bits(range) < bits(ipCidrRange);
}

function subnetworkAt(input: Values, context: Context): StoredResource {
  return findResource(context, SUBNETWORKS, placeOf(SUBNETWORKS, input), String(input.subnetwork));
}

function checkRange(range: string): void {
  if (isRange(range)) return;
  throw new EmulatorError(
    "invalid",
    `Invalid value for field 'resource.ipCidrRange': '${range}'. Must be a CIDR address range that is contained in the RFC1918 private address blocks: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]`,
    400,
  );
}

export function networkOf(context: Context, project: string, network: unknown): StoredResource {
  const url = typeof network === "string" ? network : "";
  return referred(context, { field: "network", url, project, what: "network" });
}

export function subnetworksOf(network: StoredResource, context: Context): StoredResource[] {
  return guests(network, context, SUBNETWORKS.group);
}

/** What names the network as its own. */
function guests({ path, place }: StoredResource, context: Context, group: string): StoredResource[] {
  return [...context.store(computeStore).resources.values()].filter(
    ({ collection, resource }) =>
      collection === group && pathOf(String(resource.network), place.project) === path,
  );
}

const RULES: readonly Resource[] = [
  {
    name: "default-allow-icmp",
    allowed: [{ IPProtocol: "icmp" }],
    priority: 65534,
    description: "Allow ICMP from anywhere",
  },
  {
    name: "default-allow-internal",
    allowed: [
      { IPProtocol: "tcp", ports: ["0-65535"] },
      { IPProtocol: "udp", ports: ["0-65535"] },
      { IPProtocol: "icmp" },
    ],
    sourceRanges: ["10.128.0.0/9"],
    priority: 65534,
    description: "Allow internal traffic on the default network",
  },
  {
    name: "default-allow-rdp",
    allowed: [{ IPProtocol: "tcp", ports: ["3389"] }],
    priority: 65534,
    description: "Allow RDP from anywhere",
  },
  {
    name: "default-allow-ssh",
    allowed: [{ IPProtocol: "tcp", ports: ["22"] }],
    priority: 65534,
    description: "Allow SSH from anywhere",
  },
];

/** What a new project has: https://cloud.google.com/vpc/docs/vpc#default-network */
export function seedNetwork(context: Context, project: string): void {
  const { projects } = context.store(computeStore);
  if (projects.has(project)) return;
  projects.add(project);
  const body = {
    name: "default",
    description: "Default network for the project",
    autoCreateSubnetworks: true,
  };
  make(context, NETWORKS, { project }, body);
  for (const rule of RULES) make(context, FIREWALLS, { project }, { ...rule });
}
