/** Handlers of elastic addresses. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { clientError, dryRun } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { chosen } from "./network.js";
import type { Address, AddressAssociation } from "./network-resources.js";
import { publicAddress } from "./run.js";
import { type Ec2Region, regionOf } from "./store.js";

export const addressHandlers: Handlers<EC2> = {
  allocateAddress(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const address: Address = {
      id: newId("eipalloc"),
      tags: requestedTags(input.TagSpecifications, "elastic-ip"),
      publicIp: publicAddress(),
      association: undefined,
    };
    region.addresses.set(address.id, address);
    return {
      AllocationId: address.id,
      PublicIp: address.publicIp,
      Domain: "vpc",
      PublicIpv4Pool: "amazon",
      NetworkBorderGroup: region.name,
    };
  },

  describeAddresses(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const all = [...region.addresses.values()];
    const ids = input.AllocationIds ?? [];
    const missing = ids.find((id) => !region.addresses.has(id));
    if (missing !== undefined) throw noAddress(missing);
    const ips = input.PublicIps ?? [];
    const unknown = ips.find((ip) => !all.some(({ publicIp }) => publicIp === ip));
    if (unknown !== undefined)
      throw clientError("InvalidAddress.NotFound", `Address '${unknown}' not found.`);
    const named = all.filter(
      ({ id, publicIp }) =>
        (ids.length === 0 || ids.includes(id)) && (ips.length === 0 || ips.includes(publicIp)),
    );
    const fields: FilterFields<Address> = {
      "allocation-id": ({ id }) => id,
      "public-ip": ({ publicIp }) => publicIp,
      "instance-id": ({ association }) => association?.instanceId,
      "association-id": ({ association }) => association?.id,
      domain: () => "vpc",
      "network-interface-id": ({ association }) =>
        association?.networkInterfaceId ??
        region.instances.get(association?.instanceId ?? "")?.networkInterfaceId,
      "network-interface-owner-id": ({ association }) => association && region.account,
      "private-ip-address": ({ association }) =>
        region.instances.get(association?.instanceId ?? "")?.privateIp ??
        region.networkInterfaces.get(association?.networkInterfaceId ?? "")?.privateIp,
    };
    return {
      Addresses: applyFilters(named, input.Filters, fields, ({ tags }) => tags).map(
        ({ id, publicIp, association, tags }) => {
          const instance = region.instances.get(association?.instanceId ?? "");
          const own = region.networkInterfaces.get(association?.networkInterfaceId ?? "");
          return {
            AllocationId: id,
            PublicIp: publicIp,
            Domain: "vpc" as const,
            PublicIpv4Pool: "amazon",
            NetworkBorderGroup: region.name,
            AssociationId: association?.id,
            InstanceId: instance?.id,
            NetworkInterfaceId: instance?.networkInterfaceId ?? own?.id,
            NetworkInterfaceOwnerId: instance || own ? region.account : undefined,
            PrivateIpAddress: instance?.privateIp ?? own?.privateIp,
            Tags: tagList(tags),
          };
        },
      ),
    };
  },

  /** Nobody can ask for a name of an address here, so none has one. */
  describeAddressesAttribute(input, context) {
    const region = regionOf(context);
    const ids = input.AllocationIds ?? [];
    const missing = ids.find((id) => !region.addresses.has(id));
    if (missing !== undefined) throw noAddress(missing);
    if (input.DryRun) throw dryRun();
    const named = [...region.addresses.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
    const { items, NextToken } = page(named, input);
    return {
      Addresses: items.map(({ id, publicIp }) => ({ AllocationId: id, PublicIp: publicIp })),
      NextToken,
    };
  },

  associateAddress(input, context) {
    const region = regionOf(context);
    const address = findAddress(region, input.AllocationId, input.PublicIp);
    const target = associateTarget(region, input);
    if (address.association !== undefined && input.AllowReassociation === false) {
      throw clientError(
        "Resource.AlreadyAssociated",
        `resource ${address.id} is already associated with associate-id ${address.association.id}`,
      );
    }
    if (input.DryRun) throw dryRun();
    address.association = { id: newId("eipassoc"), ...target };
    const instance = region.instances.get(target.instanceId ?? "");
    if (instance !== undefined) instance.publicIp = address.publicIp;
    return { AssociationId: address.association.id };
  },

  disassociateAddress(input, context) {
    const region = regionOf(context);
    if (input.AssociationId === undefined && input.PublicIp === undefined)
      throw clientError("MissingParameter", "Either public IP or association id must be specified");
    const address = [...region.addresses.values()].find(
      ({ association, publicIp }) =>
        association !== undefined && (association.id === input.AssociationId || publicIp === input.PublicIp),
    );
    if (address?.association === undefined) {
      throw clientError(
        "InvalidAssociationID.NotFound",
        `The association ID '${input.AssociationId}' does not exist`,
      );
    }
    if (input.DryRun) throw dryRun();
    const instance = region.instances.get(address.association.instanceId ?? "");
    if (instance?.publicIp === address.publicIp) instance.publicIp = undefined;
    address.association = undefined;
    return {};
  },

  releaseAddress(input, context) {
    const region = regionOf(context);
    const address = findAddress(region, input.AllocationId, input.PublicIp);
    if (address.association !== undefined) {
      throw clientError("InvalidIPAddress.InUse", `Address '${address.publicIp}' is in use.`);
    }
    if (input.DryRun) throw dryRun();
    region.addresses.delete(address.id);
    return {};
  },
};

/** An instance's own interface stands for the instance. */
function associateTarget(
  region: Ec2Region,
  { InstanceId, NetworkInterfaceId }: { readonly InstanceId?: string; readonly NetworkInterfaceId?: string },
): Omit<AddressAssociation, "id"> {
  if (InstanceId !== undefined) {
    chosen(region.instances, [InstanceId], "i");
    return { instanceId: InstanceId };
  }
  if (NetworkInterfaceId === undefined) {
    throw clientError("MissingParameter", "Either instance ID or network interface id must be specified");
  }
  const owner = [...region.instances.values()].find((each) => each.networkInterfaceId === NetworkInterfaceId);
  if (owner !== undefined) return { instanceId: owner.id };
  chosen(region.networkInterfaces, [NetworkInterfaceId], "eni");
  return { networkInterfaceId: NetworkInterfaceId };
}

function findAddress(region: Ec2Region, id: string | undefined, ip: string | undefined): Address {
  if (id === undefined && ip === undefined)
    throw clientError("MissingParameter", "Either public IP or allocation id must be specified");
  const found = [...region.addresses.values()].find((each) => each.id === id || each.publicIp === ip);
  if (found === undefined) throw noAddress(id ?? ip ?? "");
  return found;
}

function noAddress(id: string) {
  return clientError("InvalidAllocationID.NotFound", `The allocation ID '${id}' does not exist`);
}
