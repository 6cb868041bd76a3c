/** Handlers of Dedicated Hosts. How many instances fit on one is AWS's to know: a host here never is full. */
import type { EC2, Host as HostOutput } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import type { Host } from "./compute-resources.js";
import { clientError, invalidParameter, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { shownInstances, stateName } from "./instance-state.js";
import { shown } from "./lingering.js";
import { zonesOf } from "./regions.js";
import { type Ec2Region, regionOf } from "./store.js";

export const hostHandlers: Handlers<EC2> = {
  allocateHosts(input, context) {
    const region = regionOf(context);
    const { AvailabilityZone: name, AvailabilityZoneId: id, InstanceType, InstanceFamily } = input;
    const zone = zonesOf(region.name).find((each) => each.name === name || each.id === id);
    if (zone === undefined) throw invalidParameter(`Invalid availability zone: [${name ?? id}]`);
    checkKind(InstanceType, InstanceFamily);
    const quantity = input.Quantity ?? 1;
    if (quantity < 1) throw invalidParameter(`Value (${quantity}) for parameter quantity is invalid.`);
    const hosts = Array.from(
      { length: quantity },
      (): Host => ({
        id: newId("h"),
        tags: requestedTags(input.TagSpecifications, "dedicated-host"),
        zone: zone.name,
        zoneId: zone.id,
        clientToken: input.ClientToken,
        allocated: region.clock.date(),
        autoPlacement: input.AutoPlacement ?? "on",
        recovery: input.HostRecovery ?? "off",
        maintenance: input.HostMaintenance ?? "on",
        instanceType: InstanceType,
        family: InstanceFamily,
        deleted: undefined,
      }),
    );
    for (const host of hosts) region.hosts.set(host.id, host);
    return { HostIds: hosts.map((host) => host.id) };
  },

  describeHosts(input, context) {
    const region = regionOf(context);
    const named = shown(region, region.hosts, input.HostIds, "h");
    const fields: FilterFields<Host> = {
      "auto-placement": ({ autoPlacement }) => autoPlacement,
      "availability-zone": ({ zone }) => zone,
      "client-token": ({ clientToken }) => clientToken,
      "instance-type": ({ instanceType }) => instanceType,
      state: hostState,
    };
    const found = applyFilters(named, input.Filter, fields, ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return { Hosts: items.map((host) => hostOutput(region, host)), NextToken };
  },

  modifyHosts(input, context) {
    const region = regionOf(context);
    const { InstanceType, InstanceFamily } = input;
    if (InstanceType !== undefined || InstanceFamily !== undefined) checkKind(InstanceType, InstanceFamily);
    return eachOf(region, input.HostIds, (host) => {
      host.autoPlacement = input.AutoPlacement ?? host.autoPlacement;
      host.recovery = input.HostRecovery ?? host.recovery;
      host.maintenance = input.HostMaintenance ?? host.maintenance;
      if (InstanceType !== undefined || InstanceFamily !== undefined) {
        host.instanceType = InstanceType;
        host.family = InstanceFamily;
      }
      return undefined;
    });
  },

  /** One that instances run on is kept. */
  releaseHosts(input, context) {
    const region = regionOf(context);
    return eachOf(region, input.HostIds, (host) => {
      if (instancesOn(region, host).length > 0) {
        return {
          Code: "Client.InvalidHost.Occupied",
          Message: `Dedicated host ${host.id} cannot be released as it is occupied`,
        };
      }
      host.deleted = region.clock.date();
      return undefined;
    });
  },
};

function checkKind(type: string | undefined, family: string | undefined): void {
  if ((type === undefined) !== (family === undefined)) return;
  throw clientError(
    "InvalidParameterCombination",
    "Exactly one of instanceType and instanceFamily must be specified",
  );
}

interface Refusal {
  readonly Code: string;
  readonly Message: string;
}

/** Those that are refused are told, and do not keep the others. */
function eachOf(region: Ec2Region, ids: readonly string[], act: (host: Host) => Refusal | undefined) {
  const results = ids.map((id) => {
    const host = region.hosts.get(id);
    if (host !== undefined && host.deleted === undefined) return { id, refusal: act(host) };
    const { code, message } = notFound("h", [id]);
    return { id, refusal: { Code: `Client.${code}`, Message: message } };
  });
  return {
    Successful: results.filter(({ refusal }) => refusal === undefined).map(({ id }) => id),
    Unsuccessful: results.flatMap(({ id, refusal }) =>
      refusal === undefined ? [] : [{ ResourceId: id, Error: refusal }],
    ),
  };
}

const hostState = ({ deleted }: Host) => (deleted === undefined ? "available" : "released");

function instancesOn(region: Ec2Region, host: Host) {
  const now = region.clock.now();
  return shownInstances(region).filter(
    (instance) => instance.placement.HostId === host.id && stateName(instance, now) !== "terminated",
  );
}

function hostOutput(region: Ec2Region, host: Host): Answered<HostOutput> {
  return {
    HostId: host.id,
    State: hostState(host),
    AvailabilityZone: host.zone,
    AvailabilityZoneId: host.zoneId,
    AutoPlacement: host.autoPlacement as "on",
    HostRecovery: host.recovery as "on",
    HostMaintenance: host.maintenance as "on",
    AllowsMultipleInstanceTypes: host.family === undefined ? "off" : "on",
    HostProperties: { InstanceType: host.instanceType, InstanceFamily: host.family },
    Instances: instancesOn(region, host).map(({ id, type, owner }) => ({
      InstanceId: id,
      InstanceType: type,
      OwnerId: owner,
    })),
    AllocationTime: host.allocated,
    ReleaseTime: host.deleted,
    ClientToken: host.clientToken,
    OwnerId: region.account,
    MemberOfServiceLinkedResourceGroup: false,
    Tags: tagList(host.tags) ?? [],
  };
}
