/** What EC2 holds in one account and region, its default network made with it. */
import type { RequestLaunchTemplateData, RequestSpotInstancesRequest } from "../../../gen/aws/ec2.js";
import type { Clock } from "../../clock.js";
import type { Context, Received, StoreKey } from "../../service.js";
import { newId } from "./filters.js";
import { type Image, publicImages } from "./images.js";
import { zonesOf } from "./regions.js";

export interface Tagged {
  readonly id: string;
  readonly tags: Map<string, string>;
}

export interface Vpc extends Tagged {
  /** The first range. */
  readonly cidr: string;
  /** All ranges by their associations. */
  readonly ranges: Map<string, string>;
  /** IPv6 ranges by their associations. */
  readonly ipv6Ranges: Map<string, string>;
  dhcpOptionsId: string;
  readonly isDefault: boolean;
  tenancy: string;
  dnsSupport: boolean;
  dnsHostnames: boolean;
  usageMetrics: boolean;
}

export interface DhcpOptions extends Tagged {
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export interface EgressGateway extends Tagged {
  readonly vpcId: string;
}

export interface VpcEndpoint extends Tagged {
  readonly vpcId: string;
  readonly service: string;
  readonly type: string;
  readonly created: Date;
  policy: string;
  privateDns: boolean;
  readonly routeTableIds: Set<string>;
  readonly subnetIds: Set<string>;
  readonly groupIds: Set<string>;
}

export interface Peering extends Tagged {
  readonly requester: PeeringSide;
  readonly accepter: PeeringSide;
  readonly expires: Date;
  state: "pending-acceptance" | "active" | "rejected" | "deleted";
}

interface PeeringSide {
  readonly vpcId: string;
  readonly cidr: string | undefined;
  readonly owner: string;
  readonly region: string;
}

export interface Subnet extends Tagged {
  readonly vpcId: string;
  readonly cidr: string;
  readonly zone: string;
  readonly zoneId: string;
  readonly defaultForZone: boolean;
  /** IPv6 ranges by their associations. */
  readonly ipv6Ranges: Map<string, string>;
  ipv6OnCreation: boolean;
  readonly reservations: SubnetReservation[];
  mapPublicIp: boolean;
  /** How instances are called that start in it. */
  readonly namesOnLaunch: {
    HostnameType: "ip-name";
    EnableResourceNameDnsARecord: boolean;
    EnableResourceNameDnsAAAARecord: boolean;
  };
  /** Addresses given out so far. */
  addressesUsed: number;
}

export interface SubnetReservation extends Tagged {
  readonly cidr: string;
  readonly type: string;
  readonly description: string | undefined;
}

export interface Rule extends Tagged {
  readonly egress: boolean;
  readonly protocol: string;
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
  /** One of these is the other side. */
  readonly cidrIpv4?: string | undefined;
  readonly cidrIpv6?: string | undefined;
  readonly groupId?: string | undefined;
  readonly prefixListId?: string | undefined;
  description: string | undefined;
}

export interface SecurityGroup extends Tagged {
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  rules: Rule[];
}

export interface KeyPair extends Tagged {
  readonly name: string;
  readonly fingerprint: string;
  readonly type: "rsa" | "ed25519";
  readonly publicKey: string;
  readonly created: Date;
}

export interface Volume extends Tagged {
  sizeGib: number;
  type: string;
  iops: number | undefined;
  throughput: number | undefined;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string | undefined;
  readonly multiAttach?: boolean;
  readonly snapshotId: string;
  readonly zone: string;
  readonly created: Date;
  attachment: VolumeAttachment | undefined;
  /** The last one. */
  modification?: VolumeModification;
}

export interface VolumeModification {
  readonly at: Date;
  readonly from: Pick<Volume, "sizeGib" | "type" | "iops" | "throughput">;
  readonly to: Pick<Volume, "sizeGib" | "type" | "iops" | "throughput">;
}

export interface Snapshot extends Tagged {
  readonly volumeId: string;
  readonly sizeGib: number;
  readonly encrypted: boolean;
  readonly description: string;
  readonly started: Date;
  /** Who may make volumes of it: accounts, and the group `all`. */
  readonly sharedWith: Set<string>;
}

export interface PrefixList extends Tagged {
  name: string;
  readonly family: string;
  maxEntries: number;
  /** What each version holds: description by range. The last is the present one. */
  readonly versions: ReadonlyMap<string, string | undefined>[];
  state: "create-complete" | "modify-complete" | "delete-complete";
  deleted: Date | undefined;
}

export interface FlowLog extends Tagged {
  readonly resourceId: string;
  readonly traffic: string | undefined;
  readonly destinationType: string;
  readonly destination: string | undefined;
  readonly logGroup: string | undefined;
  readonly roleArn: string | undefined;
  readonly format: string;
  readonly intervalSeconds: number;
  readonly created: Date;
}

export interface SpotRequest extends Tagged {
  readonly input: Received<RequestSpotInstancesRequest>;
  readonly instanceId: string;
  readonly zone: string;
  readonly created: Date;
  cancelled: boolean;
}

export interface VpnGateway extends Tagged {
  readonly zone: string | undefined;
  readonly amazonAsn: number;
  vpcId: string | undefined;
  deleted: Date | undefined;
}

export interface CustomerGateway extends Tagged {
  readonly bgpAsn: string;
  readonly address: string | undefined;
  readonly certificateArn: string | undefined;
  readonly deviceName: string | undefined;
  deleted: Date | undefined;
}

export interface TemplateVersion {
  readonly number: number;
  readonly description: string | undefined;
  readonly created: Date;
  /** As it was given. */
  readonly data: Received<RequestLaunchTemplateData>;
}

export interface LaunchTemplate extends Tagged {
  readonly name: string;
  readonly created: Date;
  readonly createdBy: string;
  defaultVersion: number;
  readonly versions: TemplateVersion[];
  versionsMade: number;
}

export interface VolumeAttachment {
  readonly instanceId: string;
  readonly device: string;
  readonly at: Date;
  readonly deleteOnTermination: boolean;
}

export interface Instance extends Tagged {
  readonly reservationId: string;
  readonly owner: string;
  readonly launchIndex: number;
  readonly image: Image;
  readonly keyName: string | undefined;
  readonly zone: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly privateIp: string;
  readonly networkInterfaceId: string;
  readonly attachmentId: string;
  readonly macAddress: string;
  readonly clientToken: string | undefined;
  readonly spot: boolean;
  tokensRequired: boolean;
  /** Members of `MetadataOptions` that were changed. */
  metadataOptions?: Readonly<Record<string, unknown>>;
  profile: InstanceProfileAssociation | undefined;
  /** `standard` or `unlimited`, once it was said. */
  credits?: string | undefined;
  launched: Date;
  type: string;
  publicIp: string | undefined;
  groupIds: readonly string[];
  monitoring: boolean;
  ebsOptimized: boolean;
  sourceDestCheck: boolean;
  terminationProtected: boolean;
  stopProtected: boolean;
  shutdownBehavior: string;
  userData: string | undefined;
  /** The state that it goes to, and when it began to; what it is now follows from the clock. */
  goal: "running" | "stopped" | "terminated";
  changedAt: number;
  reason: string;
}

export interface InstanceProfileAssociation {
  readonly associationId: string;
  readonly arn: string;
  readonly id: string;
  readonly at: Date;
}

export interface PlacementGroup extends Tagged {
  readonly name: string;
  readonly strategy: string;
  readonly partitions: number | undefined;
  readonly spread: string | undefined;
}

export interface InternetGateway extends Tagged {
  vpcId: string | undefined;
}

export interface RouteTable extends Tagged {
  readonly vpcId: string;
  main: boolean;
  mainAssociationId: string;
  /** Subnet by association. */
  readonly subnets: Map<string, string>;
  /** Target by destination: `igw-...`, `nat-...`, `eni-...`, `i-...`. */
  readonly routes: Map<string, string>;
}

export interface Address extends Tagged {
  readonly publicIp: string;
  association: AddressAssociation | undefined;
}

/** To an instance, or to an interface that is not an instance's own. */
export interface AddressAssociation {
  readonly id: string;
  readonly instanceId?: string;
  readonly networkInterfaceId?: string;
}

export interface AclEntry {
  readonly number: number;
  readonly egress: boolean;
  readonly protocol: string;
  readonly action: "allow" | "deny";
  readonly cidr?: string | undefined;
  readonly ipv6Cidr?: string | undefined;
  readonly ports?: { readonly From?: number; readonly To?: number } | undefined;
  readonly icmp?: { readonly Code?: number; readonly Type?: number } | undefined;
}

export interface NetworkAcl extends Tagged {
  readonly vpcId: string;
  readonly isDefault: boolean;
  readonly entries: AclEntry[];
  /** Subnet by association. */
  readonly subnets: Map<string, string>;
}

/** One that is not an instance's first, which its instance knows. */
export interface NetworkInterface extends Tagged {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly privateIp: string;
  readonly secondaryIps: string[];
  readonly ipv6Addresses: string[];
  readonly macAddress: string;
  /** What holds it, where it is not its user's. */
  readonly requester: "nat" | undefined;
  description: string;
  groupIds: readonly string[];
  sourceDestCheck: boolean;
  attachment:
    | {
        readonly id: string;
        readonly instanceId: string;
        readonly deviceIndex: number;
        readonly at: Date;
        deleteOnTermination: boolean;
      }
    | undefined;
}

export interface NatGateway extends Tagged {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly connectivity: "public" | "private";
  readonly created: Date;
  readonly interfaceId: string;
  readonly privateIp: string;
  readonly allocation:
    | { readonly id: string; readonly publicIp: string; readonly associationId: string | undefined }
    | undefined;
  deleted: Date | undefined;
}

export const AWS_EBS_KEY = "alias/aws/ebs";

export class Ec2Region {
  readonly account: string;
  readonly name: string;
  readonly clock: Clock;
  readonly vpcs = new Map<string, Vpc>();
  readonly subnets = new Map<string, Subnet>();
  readonly groups = new Map<string, SecurityGroup>();
  readonly keyPairs = new Map<string, KeyPair>();
  readonly volumes = new Map<string, Volume>();
  readonly snapshots = new Map<string, Snapshot>();
  readonly launchTemplates = new Map<string, LaunchTemplate>();
  readonly instances = new Map<string, Instance>();
  readonly internetGateways = new Map<string, InternetGateway>();
  readonly routeTables = new Map<string, RouteTable>();
  readonly addresses = new Map<string, Address>();
  readonly networkAcls = new Map<string, NetworkAcl>();
  readonly networkInterfaces = new Map<string, NetworkInterface>();
  readonly natGateways = new Map<string, NatGateway>();
  readonly dhcpOptions = new Map<string, DhcpOptions>();
  readonly egressGateways = new Map<string, EgressGateway>();
  readonly vpcEndpoints = new Map<string, VpcEndpoint>();
  readonly peerings = new Map<string, Peering>();
  readonly placementGroups = new Map<string, PlacementGroup>();
  readonly prefixLists = new Map<string, PrefixList>();
  readonly flowLogs = new Map<string, FlowLog>();
  readonly spotRequests = new Map<string, SpotRequest>();
  readonly vpnGateways = new Map<string, VpnGateway>();
  readonly customerGateways = new Map<string, CustomerGateway>();
  readonly images: Map<string, Image>;
  /** Images that were there. */
  readonly deregistered = new Set<string>();
  /** How new volumes are encrypted. */
  readonly ebsEncryption = { byDefault: false, kmsKeyId: AWS_EBS_KEY };
  readonly #defaultDhcpOptions: string;

  constructor(account: string, name: string, clock: Clock) {
    this.account = account;
    this.name = name;
    this.clock = clock;
    this.images = new Map(publicImages().map((image) => [image.id, image]));
    this.#defaultDhcpOptions = this.#addDhcpOptions();
    this.#addDefaultNetwork();
  }

  addVpc(cidr: string, isDefault: boolean, tenancy = "default"): Vpc {
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

  addRouteTable(vpc: Vpc, main: boolean): RouteTable {
    const table = {
      id: newId("rtb"),
      tags: new Map(),
      vpcId: vpc.id,
      main,
      mainAssociationId: newId("rtbassoc"),
      subnets: new Map(),
      routes: new Map(),
    };
    this.routeTables.set(table.id, table);
    return table;
  }

  /** A VPC's default one lets all through. */
  addNetworkAcl(vpcId: string, isDefault: boolean): NetworkAcl {
    const all = { number: 100, protocol: "-1", action: "allow", cidr: "0.0.0.0/0" } as const;
    const entries: AclEntry[] = isDefault ? [true, false].map((egress) => ({ ...all, egress })) : [];
    const acl = { id: newId("acl"), tags: new Map(), vpcId, isDefault, entries, subnets: new Map() };
    this.networkAcls.set(acl.id, acl);
    return acl;
  }

  addInternetGateway(vpcId: string | undefined): InternetGateway {
    const gateway = { id: newId("igw"), tags: new Map(), vpcId };
    this.internetGateways.set(gateway.id, gateway);
    return gateway;
  }

  addSubnet(
    vpcId: string,
    cidr: string,
    zone: { readonly name: string; readonly id: string },
    isDefault: boolean,
  ): Subnet {
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
      reservations: [],
      mapPublicIp: isDefault,
      namesOnLaunch: {
        HostnameType: "ip-name" as const,
        EnableResourceNameDnsARecord: false,
        EnableResourceNameDnsAAAARecord: false,
      },
      addressesUsed: 0,
    };
    this.subnets.set(subnet.id, subnet);
    const acls = [...this.networkAcls.values()];
    acls.find((acl) => acl.isDefault && acl.vpcId === vpcId)?.subnets.set(newId("aclassoc"), subnet.id);
    return subnet;
  }

  /** A group lets everything out; the default one lets its own members in. */
  addGroup(vpcId: string, name: string, description: string): SecurityGroup {
    const id = newId("sg");
    const rules: Rule[] = [this.allOut("0.0.0.0/0")];
    if ((this.vpcs.get(vpcId)?.ipv6Ranges.size ?? 0) > 0) rules.push(this.allOut("::/0"));
    if (name === "default") rules.push({ ...anything(), egress: false, groupId: id });
    const group = { id, tags: new Map(), name, description, vpcId, rules };
    this.groups.set(id, group);
    return group;
  }

  /** A rule that lets everything out to a range. */
  allOut(cidr: "0.0.0.0/0" | "::/0"): Rule {
    const side = cidr === "::/0" ? { cidrIpv6: cidr } : { cidrIpv4: cidr };
    return { ...anything(), egress: true, ...side };
  }

  get defaultVpc(): Vpc | undefined {
    return [...this.vpcs.values()].find(({ isDefault }) => isDefault);
  }

  /** Anything that can have tags. */
  tagged(id: string): Tagged | undefined {
    return this.allTagged().find((each) => each.id === id);
  }

  allTagged(): Tagged[] {
    const kinds: readonly ReadonlyMap<string, Tagged>[] = [
      this.instances,
      this.vpcs,
      this.subnets,
      this.groups,
      this.volumes,
      this.snapshots,
      this.launchTemplates,
      this.keyPairs,
      this.internetGateways,
      this.routeTables,
      this.addresses,
      this.networkAcls,
      this.networkInterfaces,
      this.natGateways,
      this.dhcpOptions,
      this.egressGateways,
      this.vpcEndpoints,
      this.peerings,
      this.placementGroups,
      this.prefixLists,
      this.flowLogs,
      this.spotRequests,
      this.vpnGateways,
      this.customerGateways,
      this.images,
    ];
    const rules = [...this.groups.values()].flatMap((group) => group.rules);
    const reservations = [...this.subnets.values()].flatMap((subnet) => subnet.reservations);
    return [...kinds.flatMap((kind) => [...kind.values()]), ...rules, ...reservations];
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
}

const ec2Store: StoreKey<Ec2Store> = { name: "aws.ec2", create: ({ clock }) => new Ec2Store(clock) };

export function regionOf(context: Context): Ec2Region {
  return context.store(ec2Store).region(context.account, context.region);
}

/** Of the same account. */
export function otherRegion(context: Context, name: string): Ec2Region {
  return context.store(ec2Store).region(context.account, name);
}
