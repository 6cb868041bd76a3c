/** Records of transit gateways, of what is attached to them, and of VPN connections. */
import type {
  TransitGatewayOptions,
  TransitGatewayVpcAttachmentOptions,
  VpnConnectionOptionsSpecification,
} from "../../../gen/aws/ec2.js";
import type { Received } from "../../service.js";
import type { Tagged } from "./tagged.js";

export interface TransitGateway extends Tagged {
  description: string | undefined;
  readonly created: Date;
  deleted: Date | undefined;
  /** Its default tables are among them. */
  options: Received<TransitGatewayOptions>;
}

export interface TransitRouteTable extends Tagged {
  readonly gatewayId: string;
  readonly created: Date;
  deleted: Date | undefined;
  /** Attachment by destination; undefined is a blackhole. */
  readonly routes: Map<string, string | undefined>;
  /** Attachment by prefix list; undefined is a blackhole. */
  readonly prefixLists: Map<string, string | undefined>;
  /** Attachments whose routes it takes over. */
  readonly propagations: Set<string>;
}

export interface TransitAttachment extends Tagged {
  readonly gatewayId: string;
  readonly type: "vpc" | "vpn" | "peering";
  /** VPC, VPN connection or the other gateway. */
  readonly resourceId: string;
  readonly resourceOwner: string;
  readonly created: Date;
  deleted: Date | undefined;
  /** The table that it is associated with. */
  routeTableId: string | undefined;
  /** Of a VPC: interface by subnet. */
  readonly subnets: Map<string, string>;
  options: Received<TransitGatewayVpcAttachmentOptions>;
  readonly peering: TransitPeering | undefined;
}

/** Both sides hold the same one. */
export interface TransitPeering {
  readonly requester: TransitSide;
  readonly accepter: TransitSide;
  readonly created: Date;
  state: "failed" | "pendingAcceptance" | "available" | "rejected" | "deleted";
}

export interface TransitSide {
  readonly attachmentId: string;
  readonly gatewayId: string;
  readonly owner: string;
  readonly region: string;
}

export interface VpnConnection extends Tagged {
  readonly created: Date;
  deleted: Date | undefined;
  customerGatewayId: string;
  vpnGatewayId: string | undefined;
  /** Of the transit gateway that it ends at. */
  attachmentId: string | undefined;
  readonly options: Received<VpnConnectionOptionsSpecification>;
  readonly tunnels: readonly VpnTunnel[];
  /** Static ones, by their destinations. */
  readonly routes: Set<string>;
}

export interface VpnTunnel {
  /** Amazon's end, in the internet. */
  readonly outsideAddress: string;
  /** A /30 of 169.254.0.0/16: Amazon's end is the first address, the customer's the second. */
  readonly insideCidr: string;
  readonly preSharedKey: string;
}
