/** Where the emulator and moto differ in EC2's further networks and fleets, and why. */
import type { Known } from "./differential-compare.js";

const OPERATIONS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Operations.html";

export const TRANSIT_KNOWN: readonly Known[] = [
  {
    why: "the answer to a change tells that it has begun, not that it is done",
    link: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGateway.html",
    at: [
      "ec2_transit_gateways/create_transit_gateway* output.*.State",
      "ec2_transit_gateways/modify_transit_gateway* output.*.State",
      "ec2_transit_gateways/delete_transit_gateway* output.*.State",
      "ec2_transit_peerings/*_transit_gateway_peering_attachment#* output.*.State",
      "ec2_carriers_and_mirrors/create_carrier_gateway#2 output.CarrierGateway.State",
      "ec2_carriers_and_mirrors/delete_carrier_gateway#1 output.CarrierGateway.State",
    ],
  },
  {
    why: "a gateway tells whether groups may refer to each other through it",
    link: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayOptions.html",
    at: ["ec2_transit_gateways/* output.*.Options.SecurityGroupReferencingSupport"],
  },
  {
    why: "a gateway without ranges of its own has no list of them",
    link: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayOptions.html",
    at: ["ec2_transit_gateways/* output.*.Options.TransitGatewayCidrBlocks"],
  },
  {
    why: "a route tells the attachment that it leads to",
    link: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayRoute.html",
    at: ["ec2_transit_gateways/*_transit_gateway_route#1 output.Route.TransitGatewayAttachments"],
  },
  {
    why: "a VPC's range is propagated, and the filter compares the attachment's resource, which moto does not",
    link: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SearchTransitGatewayRoutes.html",
    at: ["ec2_transit_gateways/route#4[1][*]"],
  },
  {
    why: "both sides are told the accepter's attachment; a status only says why a peering failed",
    link: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayPeeringAttachment.html",
    at: [
      "ec2_transit_peerings/* output.*.AccepterTransitGatewayAttachmentId",
      "ec2_transit_peerings/* output.*.Status",
    ],
  },
  {
    why: "the sentence is AWS's; moto words it in its own way",
    link: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
    at: ["ec2_carriers_and_mirrors/create_carrier_gateway#1 error.Message"],
  },
  {
    why: "ids of traffic mirrors begin with tmt and tmf",
    link: "https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-getting-started.html",
    at: ["ec2_carriers_and_mirrors/* output.*TrafficMirror*Id"],
  },
  {
    why: "members of the operation that moto leaves out",
    link: OPERATIONS,
    at: [
      "ec2_carriers_and_mirrors/describe_traffic_mirror_filters#1 output.TrafficMirrorFilters[0].*",
      "ec2_transit_gateways/describe_transit_gateway_attachments#1 output.TransitGatewayAttachments[0].Tags",
      "ec2_hosts/describe_hosts#1 output.Hosts[0].*",
      "ec2_hosts/modify_hosts#1 output.Unsuccessful",
      "ec2_vpn_connections/shown#1[2]",
    ],
  },
  {
    why: "instances that an instant fleet launched alike are told together",
    link: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFleetInstance.html",
    at: ["ec2_fleets/instant#1"],
  },
  {
    why: "a request that is cancelled without its instances goes on running",
    link: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CancelSpotFleetRequestsSuccessItem.html",
    at: ["ec2_fleets/cancelled#1[0]"],
  },
];
