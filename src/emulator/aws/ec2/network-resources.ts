/** Records of networks: VPCs, their parts, and what joins them. */
import type { CreateVpcEndpointServiceConfigurationRequest } from "../../../gen/aws/ec2.js";
import type { Received } from "../../service.js";
import type { Tagged } from "./tagged.js";

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
  /** Interface by subnet. */
  readonly interfaces: Map<string, string>;
  readonly groupIds: Set<string>;
  state: "pendingAcceptance" | "available" | "rejected";
}

/** A service that an account offers behind load balancers of its own. */
export interface EndpointService extends Tagged {
  readonly name: string;
  given: Omit<
    Received<CreateVpcEndpointServiceConfigurationRequest>,
    "DryRun" | "ClientToken" | "TagSpecifications"
  >;
  /** Id of the permission by principal. */
  readonly principals: Map<string, string>;
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
  /** Whether names of hosts that have only IPv4 resolve to IPv6. */
  dns64: boolean;
  readonly reservations: SubnetReservation[];
  mapPublicIp: boolean;
  /** How instances are called that start in it. */
  readonly namesOnLaunch: {
    HostnameType: "ip-name";
    EnableResourceNameDnsARecord: boolean;
    EnableResourceNameDnsAAAARecord: boolean;
  };
}

export interface SubnetReservation extends Tagged {
  readonly cidr: string;
  readonly type: string;
  readonly description: string | undefined;
}

export interface InternetGateway extends Tagged {
  vpcId: string | undefined;
}

export interface RouteTable extends Tagged {
  readonly vpcId: string;
  main: boolean;
  mainAssociationId: string;
  /** Subnet or gateway by association. */
  readonly associations: Map<string, string>;
  /** Target by destination: `igw-...`, `nat-...`, `eni-...`, `i-...`. */
  readonly routes: Map<string, string>;
  /** VPN gateways whose routes it takes over. */
  readonly propagating: Set<string>;
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
  readonly requester: "nat" | "transit" | "endpoint" | undefined;
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

export interface VpnGateway extends Tagged {
  readonly zone: string | undefined;
  readonly amazonAsn: number;
  vpcId: string | undefined;
  detachedFrom: string | undefined;
  deleted: Date | undefined;
}

export interface CustomerGateway extends Tagged {
  readonly bgpAsn: string;
  readonly address: string | undefined;
  readonly certificateArn: string | undefined;
  readonly deviceName: string | undefined;
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

export interface CarrierGateway extends Tagged {
  readonly vpcId: string;
}
