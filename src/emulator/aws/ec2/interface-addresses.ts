/** Handlers that give a network interface further addresses, and take them back. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { clientError, invalidParameter } from "./errors.js";
import { freshIpv6Addresses, normalIpv6 } from "./ipv6-ranges.js";
import { findInterface } from "./network-interfaces.js";
import type { NetworkInterface, Subnet } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";
import { SubnetAddresses } from "./subnet-addresses.js";

export const interfaceAddressHandlers: Handlers<EC2> = {
  assignPrivateIpAddresses(input, context) {
    const region = regionOf(context);
    const each = findInterface(region, input.NetworkInterfaceId);
    const given = input.PrivateIpAddresses ?? [];
    const count = input.SecondaryPrivateIpAddressCount ?? 0;
    if (given.length === 0 && count === 0) {
      throw clientError(
        "MissingParameter",
        "The request must contain either privateIpAddresses or secondaryPrivateIpAddressCount",
      );
    }
    if (given.includes(each.privateIp)) throw invalidParameter("The primary address is assigned already.");
    const fresh = given.filter((ip) => !each.secondaryIps.includes(ip));
    if (input.AllowReassignment) takeFromOthers(region, each, fresh);
    const addresses = new SubnetAddresses(region, region.subnets.get(each.subnetId) as Subnet);
    const added = [
      ...fresh.map((ip) => addresses.claim(ip)),
      ...Array.from({ length: count }, () => addresses.next()),
    ];
    each.secondaryIps.push(...added);
    return {
      NetworkInterfaceId: each.id,
      AssignedPrivateIpAddresses: [...new Set([...given, ...added])].map((PrivateIpAddress) => ({
        PrivateIpAddress,
      })),
    };
  },

  unassignPrivateIpAddresses(input, context) {
    const each = findInterface(regionOf(context), input.NetworkInterfaceId);
    const gone = input.PrivateIpAddresses ?? [];
    if (!gone.every((ip) => each.secondaryIps.includes(ip))) {
      throw invalidParameter("Some of the specified addresses are not assigned to the interface");
    }
    keepOnly(each.secondaryIps, (ip) => !gone.includes(ip));
    return {};
  },

  assignIpv6Addresses(input, context) {
    const region = regionOf(context);
    const each = findInterface(region, input.NetworkInterfaceId);
    const added = [
      ...(input.Ipv6Addresses ?? []).map(normalIpv6),
      ...freshIpv6Addresses(region, each.subnetId, input.Ipv6AddressCount ?? 0),
    ].filter((ip) => !each.ipv6Addresses.includes(ip));
    each.ipv6Addresses.push(...added);
    return { NetworkInterfaceId: each.id, AssignedIpv6Addresses: added };
  },

  unassignIpv6Addresses(input, context) {
    const each = findInterface(regionOf(context), input.NetworkInterfaceId);
    const gone = (input.Ipv6Addresses ?? []).map(normalIpv6);
    if (!gone.every((ip) => each.ipv6Addresses.includes(ip))) {
      throw invalidParameter("Some of the specified addresses are not assigned to the interface");
    }
    keepOnly(each.ipv6Addresses, (ip) => !gone.includes(ip));
    return { NetworkInterfaceId: each.id, UnassignedIpv6Addresses: gone };
  },
};

function keepOnly(list: string[], wanted: (item: string) => boolean): void {
  list.splice(0, list.length, ...list.filter(wanted));
}

/** Secondary addresses may move between the interfaces of a subnet. */
function takeFromOthers(region: Ec2Region, own: NetworkInterface, ips: readonly string[]): void {
  for (const { id, subnetId, secondaryIps } of region.networkInterfaces.values()) {
    if (id !== own.id && subnetId === own.subnetId) keepOnly(secondaryIps, (ip) => !ips.includes(ip));
  }
}
