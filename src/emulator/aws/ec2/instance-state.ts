/** States of instances over the emulator's time. See https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html */
import type { Instance } from "./compute-resources.js";
import type { Ec2Region } from "./store.js";

/** How long an instance is pending, stopping or shutting down. */
export const TRANSITION_MS = 500;
/** A terminated instance is shown for about an hour. */
const TERMINATED_SHOWN_MS = 3_600_000;
/** Status checks pass some time after the start. */
export const CHECKS_MS = 1000;

const CODES = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const;

export type StateName = keyof typeof CODES;

const ON_THE_WAY = { running: "pending", stopped: "stopping", terminated: "shutting-down" } as const;

export function stateName(instance: Instance, now: number): StateName {
  const arrived = now - instance.changedAt >= TRANSITION_MS;
  return arrived ? instance.goal : ON_THE_WAY[instance.goal];
}

export function stateOutput(name: StateName): { Code: number; Name: StateName } {
  return { Code: CODES[name], Name: name };
}

/** Instances that EC2 still shows, in the order of their launch; those long gone are forgotten. */
export function shownInstances(region: Ec2Region): Instance[] {
  const now = region.clock.now();
  for (const instance of region.instances.values()) {
    const gone = instance.goal === "terminated" && now - instance.changedAt > TERMINATED_SHOWN_MS;
    if (gone) region.instances.delete(instance.id);
  }
  return [...region.instances.values()];
}

/** `User initiated (2026-01-01 00:00:00 GMT)` */
export function userInitiated(at: Date): string {
  return `User initiated (${at.toISOString().slice(0, 19).replace("T", " ")} GMT)`;
}
