/** EC2 in the emulator: instances that change state with time, and the network that they need. */
import { EC2 } from "../../../gen/aws/ec2.js";
import { awsEc2Server } from "../../../protocol/aws-query.js";
import { type EmulatedService, eraseHandlers } from "../../service.js";
import { withRequired } from "../required.js";
import { verifyEc2 } from "../verify.js";
import { addressHandlers } from "./addresses.js";
import { authorizeEc2 } from "./authorization.js";
import { carrierGatewayHandlers } from "./carrier-gateways.js";
import { endpointConnectionHandlers } from "./endpoint-connections.js";
import { endpointServiceHandlers } from "./endpoint-services.js";
import { clientError } from "./errors.js";
import { fleetHandlers } from "./fleets.js";
import { flowLogHandlers } from "./flow-logs.js";
import { hostHandlers } from "./hosts.js";
import { imageAttributeHandlers } from "./image-attributes.js";
import { imageHandlers } from "./image-handlers.js";
import {
  instanceOptionHandlers,
  placementGroupHandlers,
  profileAssociationHandlers,
} from "./instance-options.js";
import { instanceTemplateDataHandlers } from "./instance-template-data.js";
import { typeHandlers } from "./instance-types.js";
import { instanceHandlers } from "./instances.js";
import { interfaceAddressHandlers } from "./interface-addresses.js";
import { internetGatewayHandlers } from "./internet-gateways.js";
import { templateHandlers } from "./launch-templates.js";
import { managedPrefixListHandlers } from "./managed-prefix-lists.js";
import { natGatewayHandlers } from "./nat-gateways.js";
import { networkHandlers } from "./network.js";
import { networkAclHandlers } from "./network-acls.js";
import { networkInterfaceHandlers } from "./network-interfaces.js";
import { placeHandlers } from "./places.js";
import { prefixListHandlers } from "./prefix-lists.js";
import { routeHandlers } from "./route-tables.js";
import { ruleChangeHandlers } from "./rule-changes.js";
import { runHandlers } from "./run.js";
import { securityGroupHandlers } from "./security-groups.js";
import { snapshotHandlers } from "./snapshots.js";
import { spotFleetHandlers } from "./spot-fleets.js";
import { spotRequestHandlers } from "./spot-requests.js";
import { subnetReservationHandlers } from "./subnet-reservations.js";
import { withCheckedTags } from "./tag-specifications.js";
import { keyPairHandlers, tagHandlers, volumeHandlers } from "./tags.js";
import { trafficMirrorFilterHandlers } from "./traffic-mirror-filters.js";
import { trafficMirrorHandlers } from "./traffic-mirrors.js";
import { transitAttachmentHandlers } from "./transit-attachments.js";
import { transitGatewayHandlers } from "./transit-gateways.js";
import { transitPeeringHandlers } from "./transit-peerings.js";
import { transitPrefixListHandlers } from "./transit-prefix-lists.js";
import { transitRouteTableHandlers } from "./transit-route-tables.js";
import { transitRouteHandlers } from "./transit-routes.js";
import { volumeChangeHandlers } from "./volume-changes.js";
import { volumeEncryptionHandlers } from "./volume-encryption.js";
import { endpointHandlers } from "./vpc-endpoints.js";
import { dhcpHandlers, egressGatewayHandlers, subnetRangeHandlers, vpcRangeHandlers } from "./vpc-options.js";
import { peeringHandlers } from "./vpc-peerings.js";
import { vpnConnectionHandlers } from "./vpn-connections.js";
import { customerGatewayHandlers, routePropagationHandlers, vpnGatewayHandlers } from "./vpn-gateways.js";

export const ec2Service: EmulatedService = {
  cloud: "aws",
  id: "ec2",
  model: EC2.serviceModel,
  protocol: withRequired(awsEc2Server, (path) => {
    if (path === "InstanceIds") return clientError("InvalidParameterCombination", "No instances specified");
    const name = path === "Resources" ? "resourceIdSet" : path.slice(path.lastIndexOf(".") + 1);
    return clientError("MissingParameter", `The request must contain the parameter ${name}`);
  }),
  handlers: withCheckedTags(
    eraseHandlers<EC2>(
      instanceHandlers,
      runHandlers,
      typeHandlers,
      placeHandlers,
      tagHandlers,
      keyPairHandlers,
      volumeHandlers,
      networkHandlers,
      securityGroupHandlers,
      ruleChangeHandlers,
      volumeChangeHandlers,
      internetGatewayHandlers,
      routeHandlers,
      addressHandlers,
      networkAclHandlers,
      networkInterfaceHandlers,
      natGatewayHandlers,
      dhcpHandlers,
      vpcRangeHandlers,
      egressGatewayHandlers,
      endpointHandlers,
      endpointServiceHandlers,
      endpointConnectionHandlers,
      peeringHandlers,
      prefixListHandlers,
      instanceOptionHandlers,
      profileAssociationHandlers,
      placementGroupHandlers,
      snapshotHandlers,
      templateHandlers,
      subnetReservationHandlers,
      spotRequestHandlers,
      fleetHandlers,
      hostHandlers,
      spotFleetHandlers,
      imageHandlers,
      imageAttributeHandlers,
      flowLogHandlers,
      interfaceAddressHandlers,
      subnetRangeHandlers,
      managedPrefixListHandlers,
      volumeEncryptionHandlers,
      vpnGatewayHandlers,
      customerGatewayHandlers,
      routePropagationHandlers,
      vpnConnectionHandlers,
      transitGatewayHandlers,
      transitAttachmentHandlers,
      transitPeeringHandlers,
      transitRouteTableHandlers,
      transitRouteHandlers,
      transitPrefixListHandlers,
      instanceTemplateDataHandlers,
      carrierGatewayHandlers,
      trafficMirrorFilterHandlers,
      trafficMirrorHandlers,
    ),
  ),
  verify: verifyEc2,
  authorize: authorizeEc2,
  malformed: { code: "InvalidParameterValue", status: 400 },
  throttling: { code: "RequestLimitExceeded", message: "Request limit exceeded.", status: 503 },
};
