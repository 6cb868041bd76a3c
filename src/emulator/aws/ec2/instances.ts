/** Handlers of instances that are there: describe, start, stop, reboot, terminate, attributes, status. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Context, EmulatorError, Handlers } from "../../service.js";
import type { Instance } from "./compute-resources.js";
import { checkIds, clientError, dryRun, invalidParameter, notFound } from "./errors.js";
import { applyFilters, type FilterFields, page } from "./filters.js";
import {
  describeInstance,
  groupsOf,
  privateDnsName,
  publicDnsName,
  reservationOutput,
} from "./instance-output.js";
import {
  CHECKS_MS,
  type StateName,
  shownInstances,
  stateName,
  stateOutput,
  userInitiated,
} from "./instance-state.js";
import { publicAddress } from "./run.js";
import { type Ec2Region, regionOf } from "./store.js";

export const instanceHandlers: Handlers<EC2> = {
  describeInstances(input, context) {
    const region = regionOf(context);
    const chosen = choose(region, input);
    if (input.DryRun) throw dryRun();
    const reservations = new Map<string, Instance[]>();
    for (const instance of chosen) {
      const together = reservations.get(instance.reservationId);
      if (together === undefined) reservations.set(instance.reservationId, [instance]);
      else together.push(instance);
    }
    const { items, NextToken } = page([...reservations.values()], input);
    return { Reservations: items.map((instances) => reservationOutput(region, instances)), NextToken };
  },

  describeInstanceStatus(input, context) {
    const region = regionOf(context);
    const now = region.clock.now();
    const chosen = choose(region, input).filter(
      (instance) => input.IncludeAllInstances || stateName(instance, now) === "running",
    );
    if (input.DryRun) throw dryRun();
    const { items, NextToken } = page(chosen, input);
    return { InstanceStatuses: items.map((instance) => statusOutput(instance, now)), NextToken };
  },

  startInstances(input, context) {
    const region = regionOf(context);
    const instances = demand(region, input.InstanceIds);
    for (const instance of instances) checkState(region, instance, ["stopped", "running"], "started");
    if (input.DryRun) throw dryRun();
    const StartingInstances = instances.map((instance) =>
      change(region, instance, "running", () => {
        instance.reason = "";
        instance.launched = new Date(Math.floor(region.clock.now() / 1000) * 1000);
        instance.publicIp =
          elasticIp(region, instance) ??
          (region.subnets.get(instance.subnetId)?.mapPublicIp ? publicAddress() : undefined);
      }),
    );
    return { StartingInstances };
  },

  stopInstances(input, context) {
    const region = regionOf(context);
    const instances = demand(region, input.InstanceIds);
    for (const instance of instances) {
      checkState(region, instance, ["pending", "running", "stopping", "stopped"], "stopped");
      if (instance.stopProtected) throw protectedFrom(instance, "stopInstances", "disableApiStop");
    }
    if (input.DryRun) throw dryRun();
    const StoppingInstances = instances.map((instance) =>
      change(region, instance, "stopped", () => {
        instance.reason = userInitiated(region.clock.date());
        // An elastic address stays with its instance.
        instance.publicIp = elasticIp(region, instance);
      }),
    );
    return { StoppingInstances };
  },

  rebootInstances(input, context) {
    const region = regionOf(context);
    const instances = demand(region, input.InstanceIds);
    for (const instance of instances) checkState(region, instance, ["pending", "running"], "rebooted");
    if (input.DryRun) throw dryRun();
    return {};
  },

  terminateInstances(input, context) {
    const region = regionOf(context);
    const instances = demand(region, input.InstanceIds);
    const kept = instances.find(({ terminationProtected }) => terminationProtected);
    if (kept !== undefined) throw protectedFrom(kept, "terminateInstances", "disableApiTermination");
    if (input.DryRun) throw dryRun();
    return { TerminatingInstances: instances.map((instance) => terminate(region, instance)) };
  },

  monitorInstances: (input, context) => monitor(input.InstanceIds, true, context),
  unmonitorInstances: (input, context) => monitor(input.InstanceIds, false, context),

  describeInstanceAttribute(input, context) {
    const region = regionOf(context);
    const [instance] = demand(region, [input.InstanceId]) as [Instance];
    return { InstanceId: instance.id, ...attributeOutput(region, instance, input.Attribute) };
  },

  modifyInstanceAttribute(input, context) {
    const region = regionOf(context);
    const [instance] = demand(region, [input.InstanceId]) as [Instance];
    if (input.DryRun) throw dryRun();
    const named = (name: string) => (input.Attribute === name ? input.Value : undefined);
    const type = input.InstanceType?.Value ?? named("instanceType");
    if (type !== undefined) {
      if (stateName(instance, region.clock.now()) !== "stopped") {
        throw clientError(
          "IncorrectInstanceState",
          `The instance '${instance.id}' is not in the 'stopped' state.`,
        );
      }
      instance.type = type;
    }
    instance.terminationProtected =
      flag(input.DisableApiTermination, named("disableApiTermination")) ?? instance.terminationProtected;
    instance.stopProtected = flag(input.DisableApiStop, named("disableApiStop")) ?? instance.stopProtected;
    instance.sourceDestCheck =
      flag(input.SourceDestCheck, named("sourceDestCheck")) ?? instance.sourceDestCheck;
    instance.ebsOptimized = flag(input.EbsOptimized, named("ebsOptimized")) ?? instance.ebsOptimized;
    instance.shutdownBehavior =
      input.InstanceInitiatedShutdownBehavior?.Value ??
      named("instanceInitiatedShutdownBehavior") ??
      instance.shutdownBehavior;
    const userData = input.UserData?.Value;
    if (userData !== undefined) instance.userData = Buffer.from(userData).toString("base64");
    if (input.Groups !== undefined) {
      const unknown = input.Groups.find((id) => !region.groups.has(id));
      if (unknown !== undefined) throw notFound("sg", [unknown]);
      instance.groupIds = input.Groups;
    }
    return {};
  },

  getConsoleOutput(input, context) {
    const region = regionOf(context);
    const [instance] = demand(region, [input.InstanceId]) as [Instance];
    return { InstanceId: instance.id, Timestamp: instance.launched, Output: "" };
  },
};

export function terminate(region: Ec2Region, instance: Instance) {
  return change(region, instance, "terminated", () => {
    instance.reason = userInitiated(region.clock.date());
    instance.publicIp = undefined;
    for (const address of region.addresses.values()) {
      if (address.association?.instanceId === instance.id) address.association = undefined;
    }
    releaseVolumes(region, instance);
    releaseInterfaces(region, instance);
  });
}

function elasticIp(region: Ec2Region, { id }: Instance): string | undefined {
  return [...region.addresses.values()].find(({ association }) => association?.instanceId === id)?.publicIp;
}

interface ChooseInput {
  readonly InstanceIds?: readonly string[];
  readonly Filters?: readonly { readonly Name?: string; readonly Values?: readonly string[] }[];
  readonly MaxResults?: number;
}

function choose(region: Ec2Region, { InstanceIds = [], Filters, MaxResults }: ChooseInput): Instance[] {
  if (InstanceIds.length > 0 && MaxResults !== undefined) {
    throw clientError(
      "InvalidParameterCombination",
      "The parameter instancesSet cannot be used with the parameter maxResults",
    );
  }
  const shown = shownInstances(region);
  const named = InstanceIds.length === 0 ? shown : demand(region, InstanceIds);
  return applyFilters(named, Filters, fieldsOf(region), ({ tags }) => tags);
}

/** In the order of the ids. */
function demand(region: Ec2Region, ids: readonly string[]): Instance[] {
  checkIds("i", ids);
  const shown = new Map(shownInstances(region).map((instance) => [instance.id, instance]));
  const missing = ids.filter((id) => !shown.has(id));
  if (missing.length > 0) throw notFound("i", missing);
  return [...new Set(ids)].map((id) => shown.get(id) as Instance);
}

function fieldsOf(region: Ec2Region): FilterFields<Instance> {
  const now = region.clock.now();
  const state = (instance: Instance) => stateOutput(stateName(instance, now));
  return {
    "instance-id": ({ id }) => id,
    "instance-state-name": (instance) => state(instance).Name,
    "instance-state-code": (instance) => state(instance).Code,
    "instance-type": ({ type }) => type,
    "image-id": ({ image }) => image.id,
    "key-name": ({ keyName }) => keyName,
    "availability-zone": ({ zone }) => zone,
    "subnet-id": ({ subnetId }) => subnetId,
    "vpc-id": ({ vpcId }) => vpcId,
    "private-ip-address": ({ privateIp }) => privateIp,
    "ip-address": ({ publicIp }) => publicIp,
    "private-dns-name": (instance) => privateDnsName(region, instance),
    "dns-name": (instance) => publicDnsName(region, instance),
    "instance.group-id": ({ groupIds }) => groupIds,
    "instance.group-name": (instance) => groupsOf(region, instance).map(({ name }) => name),
    "group-id": ({ groupIds }) => groupIds,
    "group-name": (instance) => groupsOf(region, instance).map(({ name }) => name),
    "network-interface.network-interface-id": ({ networkInterfaceId }) => networkInterfaceId,
    "network-interface.subnet-id": ({ subnetId }) => subnetId,
    "network-interface.vpc-id": ({ vpcId }) => vpcId,
    "network-interface.group-id": ({ groupIds }) => groupIds,
    "network-interface.addresses.private-ip-address": ({ privateIp }) => privateIp,
    "network-interface.private-dns-name": (instance) => privateDnsName(region, instance),
    "network-interface.ipv6-addresses.ipv6-address": ({ ipv6Addresses }) => ipv6Addresses,
    "ipv6-address": ({ ipv6Addresses }) => ipv6Addresses,
    "hibernation-options.configured": ({ hibernates }) => hibernates,
    architecture: ({ image }) => image.architecture,
    platform: ({ image }) => image.platform,
    "root-device-name": ({ image }) => image.rootDevice,
    "root-device-type": () => "ebs",
    "virtualization-type": () => "hvm",
    hypervisor: () => "xen",
    tenancy: ({ placement }) => placement.Tenancy,
    "placement-group-name": ({ placement }) => placement.GroupName || undefined,
    "placement-partition-number": ({ placement }) => placement.PartitionNumber,
    "host-id": ({ placement }) => placement.HostId,
    "reservation-id": ({ reservationId }) => reservationId,
    "owner-id": ({ owner }) => owner,
    "launch-index": ({ launchIndex }) => launchIndex,
    "launch-time": ({ launched }) => launched.toISOString(),
    "client-token": ({ clientToken }) => clientToken,
    "instance-lifecycle": ({ spot }) => (spot ? "spot" : undefined),
    "monitoring-state": ({ monitoring }) => (monitoring ? "enabled" : "disabled"),
    "iam-instance-profile.arn": ({ profile }) => profile?.arn,
    "iam-instance-profile.id": ({ profile }) => profile?.id,
    "source-dest-check": ({ sourceDestCheck }) => sourceDestCheck,
    "block-device-mapping.volume-id": ({ id }) =>
      [...region.volumes.values()]
        .filter((each) => each.attachment?.instanceId === id)
        .map((each) => each.id),
    "state-reason-code": ({ goal }) => (goal === "running" ? undefined : "Client.UserInitiatedShutdown"),
    reason: ({ reason }) => reason,
  };
}

function checkState(
  region: Ec2Region,
  instance: Instance,
  allowed: readonly StateName[],
  done: string,
): void {
  const state = stateName(instance, region.clock.now());
  if (allowed.includes(state)) return;
  throw clientError(
    "IncorrectInstanceState",
    `The instance '${instance.id}' is not in a state from which it can be ${done}.`,
  );
}

/** Sets the goal; an instance that is there already, or on its way, goes on as it is. */
function change(region: Ec2Region, instance: Instance, goal: Instance["goal"], begin: () => void) {
  const PreviousState = stateOutput(stateName(instance, region.clock.now()));
  if (instance.goal !== goal) {
    begin();
    instance.goal = goal;
    instance.changedAt = region.clock.now();
  }
  const CurrentState = stateOutput(stateName(instance, region.clock.now()));
  return { InstanceId: instance.id, CurrentState, PreviousState };
}

function protectedFrom({ id }: Instance, operation: string, attribute: string): EmulatorError {
  return clientError(
    "OperationNotPermitted",
    `The instance '${id}' may not be ${operation === "stopInstances" ? "stopped" : "terminated"}. Modify its '${attribute}' instance attribute and try again.`,
  );
}

/** Further interfaces stay, but for those that go with the instance. */
function releaseInterfaces(region: Ec2Region, instance: Instance): void {
  for (const each of region.networkInterfaces.values()) {
    if (each.attachment?.instanceId !== instance.id) continue;
    if (each.attachment.deleteOnTermination) region.networkInterfaces.delete(each.id);
    else each.attachment = undefined;
  }
}

function releaseVolumes(region: Ec2Region, { id }: Instance): void {
  for (const volume of region.volumes.values()) {
    if (volume.attachment?.instanceId !== id) continue;
    if (volume.attachment.deleteOnTermination) region.volumes.delete(volume.id);
    else volume.attachment = undefined;
  }
}

function monitor(ids: readonly string[], on: boolean, context: Context) {
  const instances = demand(regionOf(context), ids);
  for (const instance of instances) instance.monitoring = on;
  return {
    InstanceMonitorings: instances.map(({ id }) => ({
      InstanceId: id,
      Monitoring: { State: on ? ("pending" as const) : ("disabling" as const) },
    })),
  };
}

function flag(
  given: { readonly Value?: boolean } | undefined,
  named: string | undefined,
): boolean | undefined {
  return given?.Value ?? (named === undefined ? undefined : named === "true");
}

function attributeOutput(region: Ec2Region, instance: Instance, name: string) {
  const described = describeInstance(region, instance);
  switch (name) {
    case "instanceType":
      return { InstanceType: { Value: instance.type } };
    case "userData":
      return { UserData: instance.userData === undefined ? {} : { Value: instance.userData } };
    case "disableApiTermination":
      return { DisableApiTermination: { Value: instance.terminationProtected } };
    case "disableApiStop":
      return { DisableApiStop: { Value: instance.stopProtected } };
    case "instanceInitiatedShutdownBehavior":
      return { InstanceInitiatedShutdownBehavior: { Value: instance.shutdownBehavior } };
    case "rootDeviceName":
      return { RootDeviceName: { Value: instance.image.rootDevice } };
    case "blockDeviceMapping":
      return { BlockDeviceMappings: described.BlockDeviceMappings };
    case "sourceDestCheck":
      return { SourceDestCheck: { Value: instance.sourceDestCheck } };
    case "groupSet":
      return { Groups: described.SecurityGroups };
    case "ebsOptimized":
      return { EbsOptimized: { Value: instance.ebsOptimized } };
    case "enaSupport":
      return { EnaSupport: { Value: true } };
    case "kernel":
    case "ramdisk":
    case "productCodes":
    case "sriovNetSupport":
      return {};
    default:
      throw invalidParameter(`Value (${name}) for parameter attribute is invalid. Unknown attribute.`);
  }
}

function statusOutput(instance: Instance, now: number) {
  const state = stateName(instance, now);
  const running = state === "running";
  const passed = running && now - instance.changedAt >= CHECKS_MS;
  const status = !running ? "not-applicable" : passed ? "ok" : "initializing";
  const summary = {
    Status: status,
    Details: running ? [{ Name: "reachability", Status: passed ? "passed" : "initializing" }] : undefined,
  } as const;
  return {
    AvailabilityZone: instance.zone,
    InstanceId: instance.id,
    InstanceState: stateOutput(state),
    InstanceStatus: summary,
    SystemStatus: summary,
  };
}
