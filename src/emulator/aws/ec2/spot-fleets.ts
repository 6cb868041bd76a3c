/** Handlers of Spot Fleet requests, the older kind of fleets. */
import type { EC2, SpotFleetRequestConfig } from "../../../gen/aws/ec2.js";
import type { Answered, Context, Handlers } from "../../service.js";
import type { SpotFleet } from "./compute-resources.js";
import { clientError, dryRun, invalidParameter, notFound } from "./errors.js";
import { page, requestedTags, tagList } from "./filters.js";
import {
  activeInstances,
  type FleetOption,
  type FleetPlan,
  type FleetTarget,
  fulfilled,
  grow,
  noRequirements,
  shrink,
  terminateAll,
} from "./fleet-capacity.js";
import { templateData } from "./launch-templates.js";
import { type Ec2Region, regionOf } from "./store.js";

const TYPE = "spot-fleet-request";

export const spotFleetHandlers: Handlers<EC2> = {
  requestSpotFleet(input, context) {
    const region = regionOf(context);
    const config = input.SpotFleetRequestConfig;
    const wrong = config.TagSpecifications?.find(({ ResourceType }) => ResourceType !== TYPE);
    if (wrong !== undefined) {
      throw invalidParameter(
        `The value for \`ResourceType\` must be \`${TYPE}\`, but got \`${wrong.ResourceType}\` instead.`,
      );
    }
    const specified = config.LaunchSpecifications?.length ?? 0;
    const templates = config.LaunchTemplateConfigs?.length ?? 0;
    if (specified === 0 && templates === 0) {
      throw clientError(
        "InvalidSpotFleetRequestConfig",
        "A Spot Fleet request has LaunchSpecifications or LaunchTemplateConfigs",
      );
    }
    const fleet: SpotFleet = {
      id: `sfr-${crypto.randomUUID()}`,
      tags: requestedTags(config.TagSpecifications, TYPE),
      created: region.clock.date(),
      config: { ...config, Type: config.Type ?? "maintain" },
      state: "active",
      members: [],
      failures: [],
    };
    const plan = planOf(region, fleet);
    if (input.DryRun) throw dryRun();
    region.spotFleets.set(fleet.id, fleet);
    grow(fleet, plan, context);
    return { SpotFleetRequestId: fleet.id };
  },

  describeSpotFleetRequests(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const ids = input.SpotFleetRequestIds ?? [];
    const named = ids.length === 0 ? [...region.spotFleets.values()] : ids.map((id) => findFleet(region, id));
    for (const fleet of named) maintain(fleet, context);
    const { items, NextToken } = page(named, input, 1);
    return { SpotFleetRequestConfigs: items.map((fleet) => fleetOutput(region, fleet)), NextToken };
  },

  describeSpotFleetInstances(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const fleet = findFleet(region, input.SpotFleetRequestId);
    maintain(fleet, context);
    const { items, NextToken } = page(activeInstances(region, fleet), input, 1);
    return { SpotFleetRequestId: fleet.id, ActiveInstances: items, NextToken };
  },

  /** What went wrong, and which instances were launched. */
  describeSpotFleetRequestHistory(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const fleet = findFleet(region, input.SpotFleetRequestId);
    const events = [
      ...fleet.failures.map(({ at, code, message }) => ({
        Timestamp: at,
        EventType: "error" as const,
        EventInformation: { EventSubType: code, EventDescription: message },
      })),
      ...fleet.members.map(({ instanceId }) => ({
        Timestamp: region.instances.get(instanceId)?.launched ?? fleet.created,
        EventType: "instanceChange" as const,
        EventInformation: { EventSubType: "launched", InstanceId: instanceId },
      })),
    ];
    const { EventType, StartTime } = input;
    const found = events
      .filter((event) => EventType === undefined || event.EventType === EventType)
      .filter(({ Timestamp }) => Timestamp.getTime() >= StartTime.getTime())
      .sort((a, b) => a.Timestamp.getTime() - b.Timestamp.getTime());
    const { items, NextToken } = page(found, input, 1);
    return {
      SpotFleetRequestId: fleet.id,
      StartTime,
      LastEvaluatedTime: region.clock.date(),
      HistoryRecords: items,
      NextToken,
    };
  },

  modifySpotFleetRequest(input, context) {
    const region = regionOf(context);
    const fleet = findFleet(region, input.SpotFleetRequestId);
    if (fleet.state !== "active" || fleet.config.Type !== "maintain") {
      throw clientError(
        "InvalidSpotFleetRequestState",
        `The Spot Fleet request ${fleet.id} cannot be modified: it is ${fleet.state}`,
      );
    }
    const { SpotFleetRequestId: _, ...changed } = input;
    fleet.config = { ...fleet.config, ...changed };
    if (fleet.config.ExcessCapacityTerminationPolicy !== "noTermination") {
      shrink(region, fleet, targetOf(fleet));
    }
    maintain(fleet, context);
    return { Return: true };
  },

  cancelSpotFleetRequests(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const SuccessfulFleetRequests = [];
    const UnsuccessfulFleetRequests = [];
    for (const SpotFleetRequestId of input.SpotFleetRequestIds) {
      const fleet = region.spotFleets.get(SpotFleetRequestId);
      if (fleet === undefined) {
        const Message = `The spot fleet request ID '${SpotFleetRequestId}' does not exist`;
        UnsuccessfulFleetRequests.push({
          SpotFleetRequestId,
          Error: { Code: "fleetRequestIdDoesNotExist" as const, Message },
        });
        continue;
      }
      const PreviousSpotFleetRequestState = fleet.state;
      fleet.state = input.TerminateInstances ? "cancelled_terminating" : "cancelled_running";
      if (input.TerminateInstances) terminateAll(region, fleet);
      SuccessfulFleetRequests.push({
        SpotFleetRequestId,
        PreviousSpotFleetRequestState,
        CurrentSpotFleetRequestState: fleet.state,
      });
    }
    return { SuccessfulFleetRequests, UnsuccessfulFleetRequests };
  },
};

function findFleet(region: Ec2Region, id: string): SpotFleet {
  const fleet = region.spotFleets.get(id);
  if (fleet === undefined) throw notFound("sfr", [id]);
  return fleet;
}

function maintain(fleet: SpotFleet, context: Context): void {
  const region = regionOf(context);
  const { Type, ValidUntil } = fleet.config;
  const over = ValidUntil !== undefined && ValidUntil.getTime() < region.clock.now();
  if (Type === "maintain" && fleet.state === "active" && !over) grow(fleet, planOf(region, fleet), context);
}

function targetOf({ config: { TargetCapacity, OnDemandTargetCapacity = 0 } }: SpotFleet): FleetTarget {
  return { spot: Math.max(TargetCapacity - OnDemandTargetCapacity, 0), onDemand: OnDemandTargetCapacity };
}

function planOf(region: Ec2Region, fleet: SpotFleet): FleetPlan {
  const { LaunchSpecifications = [], LaunchTemplateConfigs = [], AllocationStrategy } = fleet.config;
  return {
    options: [
      ...LaunchSpecifications.map(specificationOption),
      ...LaunchTemplateConfigs.flatMap((config) => templateOptions(region, config)),
    ],
    target: targetOf(fleet),
    diversified: { spot: AllocationStrategy === "diversified", onDemand: false },
    tags: new Map([["aws:ec2spot:fleet-request-id", fleet.id]]),
  };
}

type Specification = NonNullable<SpotFleet["config"]["LaunchSpecifications"]>[number];

function specificationOption(specification: Specification): FleetOption {
  const {
    SecurityGroups,
    WeightedCapacity,
    SpotPrice: _,
    AddressingType: __,
    KernelId: ___,
    RamdiskId: ____,
    InstanceRequirements,
    ...run
  } = specification;
  if (InstanceRequirements !== undefined) throw noRequirements();
  const groups = SecurityGroups?.map(({ GroupId = "" }) => GroupId);
  return {
    run: groups === undefined ? run : { ...run, SecurityGroupIds: groups },
    weight: WeightedCapacity ?? 1,
    priority: 0,
  };
}

type TemplateConfig = NonNullable<SpotFleet["config"]["LaunchTemplateConfigs"]>[number];

function templateOptions(region: Ec2Region, config: TemplateConfig): FleetOption[] {
  const LaunchTemplate = config.LaunchTemplateSpecification ?? {};
  const { data } = templateData(region, LaunchTemplate);
  const overrides = config.Overrides ?? [];
  return (overrides.length === 0 ? [{}] : overrides).map((override): FleetOption => {
    if ((override.InstanceRequirements ?? data.InstanceRequirements) !== undefined) throw noRequirements();
    const { InstanceType, SubnetId, AvailabilityZone, WeightedCapacity, Priority } = override;
    return {
      run: {
        ...(InstanceType && { InstanceType }),
        ...(SubnetId && { SubnetId }),
        Placement: { ...data.Placement, ...(AvailabilityZone && { AvailabilityZone }) },
        LaunchTemplate,
      },
      weight: WeightedCapacity ?? 1,
      priority: Priority ?? 0,
    };
  });
}

function fleetOutput(region: Ec2Region, fleet: SpotFleet): Answered<SpotFleetRequestConfig> {
  const { config } = fleet;
  const capacity = fulfilled(region, fleet);
  const target = targetOf(fleet);
  const met = capacity.spot >= target.spot && capacity.onDemand >= target.onDemand;
  return {
    SpotFleetRequestId: fleet.id,
    SpotFleetRequestState: fleet.state,
    ActivityStatus: met ? "fulfilled" : fleet.failures.length > 0 ? "error" : "pending_fulfillment",
    CreateTime: fleet.created,
    SpotFleetRequestConfig: {
      AllocationStrategy: "lowestPrice",
      ExcessCapacityTerminationPolicy: "default",
      TerminateInstancesWithExpiration: false,
      ...config,
      FulfilledCapacity: capacity.spot + capacity.onDemand,
      OnDemandFulfilledCapacity: capacity.onDemand,
    },
    Tags: tagList(fleet.tags) ?? [],
  };
}
