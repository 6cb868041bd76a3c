/** What EC2 holds in one account and region, its default network made with it. */
import type { Clock } from "../../clock.js";
import type { Context, StoreKey } from "../../service.js";
import type * as compute from "./compute-resources.js";
import { newId } from "./filters.js";
import { type Image, publicImages } from "./images.js";
import type * as mirror from "./mirror-resources.js";
import type * as network from "./network-resources.js";
import { zonesOf } from "./regions.js";
import type * as security from "./security-resources.js";
import type { Tagged } from "./tagged.js";
import type * as transit from "./transit-resources.js";

export const AWS_EBS_KEY = "alias/aws/ebs";

export class Ec2Region {
  readonly account: string;
  readonly name: string;
  readonly clock: Clock;
  readonly #kinds: ReadonlyMap<string, Tagged>[] = [];
  readonly vpcs = this.#kind<network.Vpc>();
  readonly subnets = this.#kind<network.Subnet>();
  readonly groups = this.#kind<security.SecurityGroup>();
  readonly keyPairs = this.#kind<compute.KeyPair>();
  readonly volumes = this.#kind<compute.Volume>();
  readonly snapshots = this.#kind<compute.Snapshot>();
  readonly launchTemplates = this.#kind<compute.LaunchTemplate>();
  readonly instances = this.#kind<compute.Instance>();
  readonly internetGateways = this.#kind<network.InternetGateway>();
  readonly routeTables = this.#kind<network.RouteTable>();
  readonly addresses = this.#kind<network.Address>();
  readonly networkAcls = this.#kind<network.NetworkAcl>();
  readonly networkInterfaces = this.#kind<network.NetworkInterface>();
  readonly natGateways = this.#kind<network.NatGateway>();
  readonly dhcpOptions = this.#kind<network.DhcpOptions>();
  readonly egressGateways = this.#kind<network.EgressGateway>();
  readonly vpcEndpoints = this.#kind<network.VpcEndpoint>();
  readonly peerings = this.#kind<network.Peering>();
  readonly placementGroups = this.#kind<compute.PlacementGroup>();
  readonly prefixLists = this.#kind<security.PrefixList>();
  readonly flowLogs = this.#kind<network.FlowLog>();
  readonly spotRequests = this.#kind<compute.SpotRequest>();
  readonly vpnGateways = this.#kind<network.VpnGateway>();
  readonly customerGateways = this.#kind<network.CustomerGateway>();
  readonly transitGateways = this.#kind<transit.TransitGateway>();
  readonly transitTables = this.#kind<transit.TransitRouteTable>();
  readonly transitAttachments = this.#kind<transit.TransitAttachment>();
  readonly vpnConnections = this.#kind<transit.VpnConnection>();
  readonly carrierGateways = this.#kind<network.CarrierGateway>();
  readonly mirrorFilters = this.#kind<mirror.MirrorFilter>();
  readonly mirrorRules = this.#kind<mirror.MirrorRule>();
  readonly mirrorTargets = this.#kind<mirror.MirrorTarget>();
  readonly mirrorSessions = this.#kind<mirror.MirrorSession>();
  readonly fleets = this.#kind<compute.Fleet>();
  readonly spotFleets = this.#kind<compute.SpotFleet>();
  readonly hosts = this.#kind<compute.Host>();
  readonly endpointServices = this.#kind<network.EndpointService>();
  readonly images = this.#kind<Image>();
  /** Images that were there. */
  readonly deregistered = new Set<string>();
  /** How new volumes are encrypted. */
  readonly ebsEncryption = { byDefault: false, kmsKeyId: AWS_EBS_KEY };
  readonly #defaultDhcpOptions: string;

  constructor(account: string, name: string, clock: Clock) {
    this.account = account;
    this.name = name;
    this.clock = clock;
    for (const image of publicImages()) this.images.set(image.id, image);
    this.#defaultDhcpOptions = this.#addDhcpOptions();
    this.#addDefaultNetwork();
  }

  addVpc(cidr: string, isDefault: boolean, tenancy = "default"): network.Vpc {
    const vpc = {
      id: newId("vpc"),
      tags: new Map(),
      cidr,
      ranges: new Map([[newId("vpc-cidr-assoc"), cidr]]),
      ipv6Ranges: new Map(),
      dhcpOptionsId: this.#defaultDhcpOptions,
      isDefault,
      tenancy,
      dnsSupport: true,
      dnsHostnames: isDefault,
      usageMetrics: false,
    };
    this.vpcs.set(vpc.id, vpc);
    this.addGroup(vpc.id, "default", "default VPC security group");
    this.addNetworkAcl(vpc.id, true);
    const main = this.addRouteTable(vpc, true);
    if (isDefault) main.routes.set("0.0.0.0/0", this.addInternetGateway(vpc.id).id);
    return vpc;
  }

  addRouteTable(vpc: network.Vpc, main: boolean): network.RouteTable {
    const table = {
      id: newId("rtb"),
      tags: new Map(),
      vpcId: vpc.id,
      main,
      mainAssociationId: newId("rtbassoc"),
      associations: new Map<string, string>(),
      routes: new Map(),
      propagating: new Set<string>(),
    };
    this.routeTables.set(table.id, table);
    return table;
  }

  /** A VPC's default one lets all through. */
  addNetworkAcl(vpcId: string, isDefault: boolean): network.NetworkAcl {
    const all = { number: 100, protocol: "-1", action: "allow", cidr: "0.0.0.0/0" } as const;
    const entries: network.AclEntry[] = isDefault ? [true, false].map((egress) => ({ ...all, egress })) : [];
    const acl = { id: newId("acl"), tags: new Map(), vpcId, isDefault, entries, subnets: new Map() };
    this.networkAcls.set(acl.id, acl);
    return acl;
  }

  addInternetGateway(vpcId: string | undefined): network.InternetGateway {
    const gateway = { id: newId("igw"), tags: new Map(), vpcId };
    this.internetGateways.set(gateway.id, gateway);
    return gateway;
  }

  addSubnet(
    vpcId: string,
    cidr: string,
    zone: { readonly name: string; readonly id: string },
    isDefault: boolean,
  ): network.Subnet {
    const subnet = {
      id: newId("subnet"),
      tags: new Map(),
      vpcId,
      cidr,
      zone: zone.name,
      zoneId: zone.id,
      defaultForZone: isDefault,
      ipv6Ranges: new Map(),
      ipv6OnCreation: false,
      dns64: false,
      reservations: [],
      mapPublicIp: isDefault,
      namesOnLaunch: {
        HostnameType: "ip-name" as const,
        EnableResourceNameDnsARecord: false,
        EnableResourceNameDnsAAAARecord: false,
      },
    };
    this.subnets.set(subnet.id, subnet);
    const acls = [...this.networkAcls.values()];
    acls.find((acl) => acl.isDefault && acl.vpcId === vpcId)?.subnets.set(newId("aclassoc"), subnet.id);
    return subnet;
  }

  /** A group lets everything out; the default one lets its own members in. */
  addGroup(vpcId: string, name: string, description: string): security.SecurityGroup {
    const id = newId("sg");
    const rules: security.Rule[] = [this.allOut("0.0.0.0/0")];
    if ((this.vpcs.get(vpcId)?.ipv6Ranges.size ?? 0) > 0) rules.push(this.allOut("::/0"));
    if (name === "default") rules.push({ ...anything(), egress: false, groupId: id });
    const group = { id, tags: new Map(), name, description, vpcId, rules };
    this.groups.set(id, group);
    return group;
  }

  /** A rule that lets everything out to a range. */
  allOut(cidr: "0.0.0.0/0" | "::/0"): security.Rule {
    const side = cidr === "::/0" ? { cidrIpv6: cidr } : { cidrIpv4: cidr };
    return { ...anything(), egress: true, ...side };
  }

  get defaultVpc(): network.Vpc | undefined {
    return [...this.vpcs.values()].find(({ isDefault }) => isDefault);
  }

  /** Anything that can have tags. */
  tagged(id: string): Tagged | undefined {
    return this.allTagged().find((each) => each.id === id);
  }

  allTagged(): Tagged[] {
    const rules = [...this.groups.values()].flatMap((group) => group.rules);
    const reservations = [...this.subnets.values()].flatMap((subnet) => subnet.reservations);
    return [...this.#kinds.flatMap((kind) => [...kind.values()]), ...rules, ...reservations];
  }

  /** Resources of one kind by their ids, to be found by their tags. */
  #kind<T extends Tagged>(): Map<string, T> {
    const kind = new Map<string, T>();
    this.#kinds.push(kind);
    return kind;
  }

  /** Those that every VPC begins with. */
  #addDhcpOptions(): string {
    const domain = this.name === "us-east-1" ? "ec2.internal" : `${this.name}.compute.internal`;
    const values = new Map([
      ["domain-name", [domain]],
      ["domain-name-servers", ["AmazonProvidedDNS"]],
    ]);
    const options = { id: newId("dopt"), tags: new Map<string, string>(), values };
    this.dhcpOptions.set(options.id, options);
    return options.id;
  }

  #addDefaultNetwork(): void {
    const vpc = this.addVpc("172.31.0.0/16", true);
    zonesOf(this.name).forEach((zone, index) => {
      this.addSubnet(vpc.id, `172.31.${index * 16}.0/20`, zone, true);
    });
  }
}

function anything() {
  const all = { protocol: "-1", fromPort: undefined, toPort: undefined, description: undefined };
  return { ...all, id: newId("sgr"), tags: new Map<string, string>() };
}

export class Ec2Store {
  readonly #regions = new Map<string, Ec2Region>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  region(account: string, name: string): Ec2Region {
    const key = `${account}/${name}`;
    let region = this.#regions.get(key);
    if (region === undefined) {
      region = new Ec2Region(account, name, this.#clock);
      this.#regions.set(key, region);
    }
    return region;
  }

  named(name: string): Ec2Region[] {
    return [...this.#regions.values()].filter((region) => region.name === name);
  }
}

/** A region as each account that used it has it. */
export function regionOfAll(context: Context): Ec2Region[] {
  return context.store(ec2Store).named(context.region);
}

const ec2Store: StoreKey<Ec2Store> = { name: "aws.ec2", create: ({ clock }) => new Ec2Store(clock) };

export function regionOf(context: Context): Ec2Region {
  return context.store(ec2Store).region(context.account, context.region);
}

/** Of the same account, unless another is named. */
export function otherRegion(context: Context, name: string, account = context.account): Ec2Region {
  return context.store(ec2Store).region(account, name);
}
