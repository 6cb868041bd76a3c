/** Handlers of EC2 Fleets. See https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet.html */
import type {
  EC2,
  FleetData,
  FleetLaunchTemplateConfig,
  LaunchTemplateAndOverridesResponse,
} from "../../../gen/aws/ec2.js";
import type { Answered, Context, Handlers } from "../../service.js";
import type { Fleet, FleetMember } from "./compute-resources.js";
import { clientError, dryRun, notFound } from "./errors.js";
import { applyFilters, type FilterFields, page, requestedTags, tagList } from "./filters.js";
import {
  activeInstances,
  type FleetOption,
  type FleetPlan,
  type FleetTarget,
  fulfilled,
  grow,
  livingMembers,
  noRequirements,
  shrink,
  terminateAll,
} from "./fleet-capacity.js";
import { templateData } from "./launch-templates.js";
import { type Ec2Region, regionOf } from "./store.js";

export const fleetHandlers: Handlers<EC2> = {
  createFleet(input, context) {
    const region = regionOf(context);
    const { DryRun, TagSpecifications, ...given } = input;
    const fleet: Fleet = {
      id: `fleet-${crypto.randomUUID()}`,
      tags: requestedTags(TagSpecifications, "fleet"),
      created: region.clock.date(),
      given: { ...input, Type: given.Type ?? "maintain" },
      state: "active",
      members: [],
      failures: [],
    };
    // A template that is not there is refused at once.
    const plan = planOf(region, fleet);
    if (DryRun) throw dryRun();
    region.fleets.set(fleet.id, fleet);
    grow(fleet, plan, context);
    if (fleet.given.Type !== "instant") return { FleetId: fleet.id };
    return { FleetId: fleet.id, Instances: launched(region, fleet), Errors: failuresOf(region, fleet) };
  },

  /** An instant one is described only to those who name it. */
  describeFleets(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const ids = input.FleetIds ?? [];
    const named =
      ids.length === 0
        ? [...region.fleets.values()].filter(({ given }) => given.Type !== "instant")
        : ids.map((id) => findFleet(region, id));
    for (const fleet of named) maintain(fleet, context);
    const fields: FilterFields<Fleet> = {
      "activity-status": (fleet) => fleetOutput(region, fleet).ActivityStatus,
      "excess-capacity-termination-policy": ({ given }) =>
        given.ExcessCapacityTerminationPolicy === "termination",
      "fleet-state": ({ state }) => state,
      "replace-unhealthy-instances": ({ given }) => given.ReplaceUnhealthyInstances === true,
      type: ({ given }) => given.Type,
    };
    const found = applyFilters(named, input.Filters, fields, ({ tags }) => tags);
    const { items, NextToken } = page(found, input, 1);
    return { Fleets: items.map((fleet) => fleetOutput(region, fleet)), NextToken };
  },

  describeFleetInstances(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const fleet = findFleet(region, input.FleetId);
    maintain(fleet, context);
    const { items, NextToken } = page(activeInstances(region, fleet), input, 1);
    return { FleetId: fleet.id, ActiveInstances: items, NextToken };
  },

  modifyFleet(input, context) {
    const region = regionOf(context);
    const fleet = findFleet(region, input.FleetId);
    if (fleet.given.Type !== "maintain" || fleet.state !== "active") {
      throw clientError(
        "InvalidFleetState",
        `The fleet ${fleet.id} cannot be modified: it is ${fleet.state} and of type ${fleet.given.Type}`,
      );
    }
    const { FleetId: _, DryRun, ...changed } = input;
    if (DryRun) throw dryRun();
    fleet.given = { ...fleet.given, ...changed };
    const keeps = fleet.given.ExcessCapacityTerminationPolicy === "no-termination";
    if (!keeps) shrink(region, fleet, targetOf(fleet));
    maintain(fleet, context);
    return { Return: true };
  },

  /** Those that cannot be deleted are told, and do not keep the others. */
  deleteFleets(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const SuccessfulFleetDeletions = [];
    const UnsuccessfulFleetDeletions = [];
    for (const FleetId of input.FleetIds) {
      const fleet = region.fleets.get(FleetId);
      if (fleet === undefined) {
        UnsuccessfulFleetDeletions.push(refusal(FleetId, "fleetIdDoesNotExist", "it does not exist"));
        continue;
      }
      if (fleet.given.Type === "instant" && !input.TerminateInstances) {
        const why = "an instant fleet goes together with its instances";
        UnsuccessfulFleetDeletions.push(refusal(FleetId, "fleetNotInDeletableState", why));
        continue;
      }
      const PreviousFleetState = fleet.state;
      fleet.state = input.TerminateInstances ? "deleted_terminating" : "deleted_running";
      if (input.TerminateInstances) terminateAll(region, fleet);
      SuccessfulFleetDeletions.push({ FleetId, PreviousFleetState, CurrentFleetState: fleet.state });
    }
    return { SuccessfulFleetDeletions, UnsuccessfulFleetDeletions };
  },
};

function refusal(FleetId: string, Code: "fleetIdDoesNotExist" | "fleetNotInDeletableState", why: string) {
  return { FleetId, Error: { Code, Message: `Cannot delete ${FleetId}: ${why}` } };
}

function findFleet(region: Ec2Region, id: string): Fleet {
  const fleet = region.fleets.get(id);
  if (fleet === undefined) throw notFound("fleet", [id]);
  return fleet;
}

/** A fleet of type `maintain` replaces what was terminated, until its time is over. */
function maintain(fleet: Fleet, context: Context): void {
  const region = regionOf(context);
  const { Type, ValidUntil } = fleet.given;
  const over = ValidUntil !== undefined && ValidUntil.getTime() < region.clock.now();
  if (Type === "maintain" && fleet.state === "active" && !over) grow(fleet, planOf(region, fleet), context);
}

type Config = Fleet["given"]["LaunchTemplateConfigs"][number];
type Override = NonNullable<Config["Overrides"]>[number];

/** Each template with each of its overrides; a template without any stands for itself. */
function choicesOf({ given }: Fleet): { readonly config: Config; readonly override: Override | undefined }[] {
  return given.LaunchTemplateConfigs.flatMap((config) => {
    const overrides: readonly (Override | undefined)[] = config.Overrides?.length
      ? config.Overrides
      : [undefined];
    return overrides.map((override) => ({ config, override }));
  });
}

function planOf(region: Ec2Region, fleet: Fleet): FleetPlan {
  const { given } = fleet;
  const own = given.Type === "instant" ? requestedTags(given.TagSpecifications, "instance") : new Map();
  return {
    options: choicesOf(fleet).map(({ config, override }) => optionOf(region, config, override)),
    target: targetOf(fleet),
    diversified: { spot: given.SpotOptions?.AllocationStrategy === "diversified", onDemand: false },
    tags: new Map([...own, ["aws:ec2:fleet-id", fleet.id]]),
  };
}

function optionOf(region: Ec2Region, config: Config, override: Override | undefined): FleetOption {
  const template = config.LaunchTemplateSpecification;
  if (template === undefined) {
    throw clientError(
      "MissingParameter",
      "The request must contain the parameter LaunchTemplateSpecification",
    );
  }
  const { LaunchTemplateSpecificationUserData: _, ...LaunchTemplate } = template;
  const { data } = templateData(region, LaunchTemplate);
  if ((override?.InstanceRequirements ?? data.InstanceRequirements) !== undefined) {
    throw noRequirements();
  }
  const { InstanceType, SubnetId, ImageId, KeyName, AvailabilityZone } = override ?? {};
  const chosen = { InstanceType, SubnetId, ImageId, KeyName };
  const named = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined));
  const Placement = {
    ...data.Placement,
    ...override?.Placement,
    ...(AvailabilityZone && { AvailabilityZone }),
  };
  return {
    run: { ...named, LaunchTemplate, Placement },
    weight: override?.WeightedCapacity ?? 1,
    priority: override?.Priority ?? 0,
  };
}

/** What is of neither kind is of the default one. */
function targetOf({ given }: Fleet): FleetTarget {
  const {
    TotalTargetCapacity: total,
    OnDemandTargetCapacity: onDemand = 0,
    SpotTargetCapacity: spot = 0,
    DefaultTargetCapacityType,
  } = given.TargetCapacitySpecification;
  const rest = Math.max(total - onDemand - spot, 0);
  return DefaultTargetCapacityType === "spot"
    ? { spot: spot + rest, onDemand }
    : { spot, onDemand: onDemand + rest };
}

/** What a member was launched from, its version as a number. */
function sourceOf(
  region: Ec2Region,
  fleet: Fleet,
  option: number,
): Answered<LaunchTemplateAndOverridesResponse> {
  const { config, override } = choicesOf(fleet)[option] ?? {};
  const template = config?.LaunchTemplateSpecification ?? {};
  const { id, version } = templateData(region, template);
  return {
    LaunchTemplateSpecification: { LaunchTemplateId: id, Version: String(version) },
    Overrides: override === undefined ? {} : overrideOutput(override),
  };
}

function overrideOutput({ MetadataOptions: _, InstanceRequirements: __, ...override }: Override) {
  return override as NonNullable<NonNullable<FleetLaunchTemplateConfig["Overrides"]>[number]>;
}

/** Instances that were launched alike are told together. */
function launched(region: Ec2Region, fleet: Fleet) {
  const alike = new Map<string, FleetMember[]>();
  for (const member of livingMembers(region, fleet)) {
    const key = `${member.option} ${member.spot}`;
    alike.set(key, [...(alike.get(key) ?? []), member]);
  }
  return [...alike.values()].map((members) => {
    const [first] = members as [FleetMember];
    const instance = region.instances.get(first.instanceId);
    return {
      LaunchTemplateAndOverrides: sourceOf(region, fleet, first.option),
      Lifecycle: first.spot ? ("spot" as const) : ("on-demand" as const),
      InstanceIds: members.map(({ instanceId }) => instanceId),
      InstanceType: instance?.type as "t3.micro",
      Platform: instance?.image.platform === "windows" ? ("Windows" as const) : undefined,
    };
  });
}

function failuresOf(region: Ec2Region, fleet: Fleet) {
  return fleet.failures.map(({ option, spot, code, message }) => ({
    LaunchTemplateAndOverrides: sourceOf(region, fleet, option),
    Lifecycle: spot ? ("spot" as const) : ("on-demand" as const),
    ErrorCode: code,
    ErrorMessage: message,
  }));
}

function fleetOutput(region: Ec2Region, fleet: Fleet): Answered<FleetData> {
  const { given } = fleet;
  const capacity = fulfilled(region, fleet);
  const target = targetOf(fleet);
  const met = capacity.spot >= target.spot && capacity.onDemand >= target.onDemand;
  const instant = given.Type === "instant";
  return {
    FleetId: fleet.id,
    FleetState: fleet.state,
    ActivityStatus: met ? "fulfilled" : fleet.failures.length > 0 ? "error" : "pending_fulfillment",
    CreateTime: fleet.created,
    ClientToken: given.ClientToken,
    ExcessCapacityTerminationPolicy: given.ExcessCapacityTerminationPolicy ?? "termination",
    FulfilledCapacity: capacity.spot + capacity.onDemand,
    FulfilledOnDemandCapacity: capacity.onDemand,
    LaunchTemplateConfigs: given.LaunchTemplateConfigs.map(({ LaunchTemplateSpecification, Overrides }) => ({
      LaunchTemplateSpecification,
      Overrides: (Overrides ?? []).map(overrideOutput),
    })),
    TargetCapacitySpecification: {
      TotalTargetCapacity: given.TargetCapacitySpecification.TotalTargetCapacity,
      OnDemandTargetCapacity: target.onDemand,
      SpotTargetCapacity: target.spot,
      DefaultTargetCapacityType: given.TargetCapacitySpecification.DefaultTargetCapacityType ?? "on-demand",
    },
    TerminateInstancesWithExpiration: given.TerminateInstancesWithExpiration ?? false,
    Type: given.Type,
    ValidFrom: given.ValidFrom,
    ValidUntil: given.ValidUntil,
    ReplaceUnhealthyInstances: given.ReplaceUnhealthyInstances ?? false,
    SpotOptions: {
      AllocationStrategy: "lowest-price",
      InstanceInterruptionBehavior: "terminate",
      ...given.SpotOptions,
    },
    OnDemandOptions: { AllocationStrategy: "lowest-price", ...given.OnDemandOptions },
    Instances: instant ? launched(region, fleet) : undefined,
    Errors: instant ? failuresOf(region, fleet) : undefined,
    Context: given.Context,
    Tags: tagList(fleet.tags) ?? [],
  };
}
