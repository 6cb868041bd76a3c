/** How fleets of both kinds reach the capacity that they are asked for: which instances they launch and terminate. */
import { type Context, EmulatorError } from "../../service.js";
import type { FleetMember, FleetRecord, Instance } from "./compute-resources.js";
import { stateName } from "./instance-state.js";
import { terminate } from "./instances.js";
import { type RunInput, startInstances } from "./run.js";
import { type Ec2Region, regionOf } from "./store.js";

/** Most instances of a fleet. */
const MEMBERS_MAX = 10_000;

/** One thing that a fleet can launch. */
export interface FleetOption {
  readonly run: RunInput;
  /** How much of the capacity one such instance is. */
  readonly weight: number;
  /** The lower, the sooner. */
  readonly priority: number;
}

export interface FleetTarget {
  readonly spot: number;
  readonly onDemand: number;
}

export interface FleetPlan {
  readonly options: readonly FleetOption[];
  readonly target: FleetTarget;
  /** Launches of all options in turn. Prices are not known here: else the first option is taken. */
  readonly diversified: { readonly spot: boolean; readonly onDemand: boolean };
  /** Goes on each instance. */
  readonly tags: ReadonlyMap<string, string>;
}

const LIFECYCLES = ["onDemand", "spot"] as const;

/** Those that have not been terminated. */
export function livingMembers(region: Ec2Region, { members }: FleetRecord): FleetMember[] {
  return members.filter(({ instanceId }) => isLiving(region, region.instances.get(instanceId)));
}

function isLiving(region: Ec2Region, instance: Instance | undefined): instance is Instance {
  if (instance === undefined) return false;
  const state = stateName(instance, region.clock.now());
  return state !== "terminated" && state !== "shutting-down";
}

export function fulfilled(region: Ec2Region, fleet: FleetRecord): FleetTarget {
  const weigh = (spot: boolean) =>
    livingMembers(region, fleet)
      .filter((member) => member.spot === spot)
      .reduce((sum, { weight }) => sum + weight, 0);
  return { spot: weigh(true), onDemand: weigh(false) };
}

/** Launches what is missing. What cannot be launched is noted, as EC2 does, not thrown. */
export function grow(fleet: FleetRecord, plan: FleetPlan, context: Context): void {
  const region = regionOf(context);
  for (const lifecycle of LIFECYCLES) {
    const missing = plan.target[lifecycle] - fulfilled(region, fleet)[lifecycle];
    const counts = distribute(fleet, plan, missing, lifecycle);
    for (const [index, count] of counts) launch(fleet, plan, { index, count, lifecycle }, context);
  }
}

/** How many of each option reach the capacity, the last one perhaps beyond it. */
function distribute(
  { members }: FleetRecord,
  { options, diversified }: FleetPlan,
  missing: number,
  lifecycle: (typeof LIFECYCLES)[number],
): Map<number, number> {
  const counts = new Map<number, number>();
  const order = [...options.entries()].sort(([, a], [, b]) => a.priority - b.priority);
  if (order.length === 0) return counts;
  const earlier = members.filter(({ spot }) => spot === (lifecycle === "spot")).length;
  let left = missing;
  for (let turn = earlier; left > 0 && turn < MEMBERS_MAX; turn++) {
    const [index, { weight }] = order[
      diversified[lifecycle] ? turn % order.length : 0
    ] as (typeof order)[number];
    counts.set(index, (counts.get(index) ?? 0) + 1);
    left -= weight;
  }
  return counts;
}

interface Launch {
  readonly index: number;
  readonly count: number;
  readonly lifecycle: (typeof LIFECYCLES)[number];
}

function launch(
  fleet: FleetRecord,
  plan: FleetPlan,
  { index, count, lifecycle }: Launch,
  context: Context,
): void {
  const { run, weight } = plan.options[index] as FleetOption;
  const spot = lifecycle === "spot";
  const market = spot ? { InstanceMarketOptions: { MarketType: "spot" } } : {};
  try {
    for (const instance of startInstances({ ...run, ...market, MaxCount: count }, context)) {
      for (const [key, value] of plan.tags) instance.tags.set(key, value);
      fleet.members.push({ instanceId: instance.id, weight, spot, option: index });
    }
  } catch (error) {
    if (!(error instanceof EmulatorError) || error.status === 501) throw error;
    const { code, message } = error;
    const told = fleet.failures.some(
      (each) => each.option === index && each.spot === spot && each.code === code,
    );
    if (told) return;
    fleet.failures.push({ at: context.clock.date(), spot, option: index, code, message });
  }
}

/** Terminates what is more than the capacity, newest first, but never goes below it. */
export function shrink(region: Ec2Region, fleet: FleetRecord, target: FleetTarget): void {
  for (const lifecycle of LIFECYCLES) {
    let left = fulfilled(region, fleet)[lifecycle];
    const own = livingMembers(region, fleet).filter(({ spot }) => spot === (lifecycle === "spot"));
    for (const { instanceId, weight } of own.reverse()) {
      if (left - weight < target[lifecycle]) continue;
      left -= weight;
      terminateMember(region, instanceId);
    }
  }
}

export function terminateAll(region: Ec2Region, fleet: FleetRecord): void {
  for (const { instanceId } of livingMembers(region, fleet)) terminateMember(region, instanceId);
}

function terminateMember(region: Ec2Region, instanceId: string): void {
  const instance = region.instances.get(instanceId);
  if (isLiving(region, instance)) terminate(region, instance);
}

/** Members as both kinds of fleets describe them. */
export function activeInstances(region: Ec2Region, fleet: FleetRecord) {
  return livingMembers(region, fleet).map(({ instanceId }) => ({
    InstanceId: instanceId,
    InstanceType: region.instances.get(instanceId)?.type,
    InstanceHealth: "healthy" as const,
  }));
}

export function noRequirements(): EmulatorError {
  return new EmulatorError(
    "NotImplemented",
    "The emulator chooses no instance types by InstanceRequirements: name InstanceType",
    501,
  );
}
