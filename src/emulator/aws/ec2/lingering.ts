/** What EC2 still describes for a while after it was deleted. */
import { notFound } from "./errors.js";
import type { Ec2Region } from "./store.js";

/** For so long it is still described, as deleted. */
const DELETED_SHOWN_MS = 3_600_000;

interface Lingering {
  readonly id: string;
  readonly deleted: Date | undefined;
}

export const stateOf = ({ deleted }: Lingering) => (deleted === undefined ? "available" : "deleted");

export function isForgotten(region: Ec2Region, { deleted }: Lingering): boolean {
  return deleted !== undefined && region.clock.now() - deleted.getTime() >= DELETED_SHOWN_MS;
}

/** All that are still described, or those with these ids. */
export function shown<T extends Lingering>(
  region: Ec2Region,
  all: ReadonlyMap<string, T>,
  ids: readonly string[] | undefined,
  prefix: string,
): T[] {
  const present = [...all.values()].filter((each) => !isForgotten(region, each));
  if (ids === undefined || ids.length === 0) return present;
  const missing = ids.filter((id) => !present.some((each) => each.id === id));
  if (missing.length > 0) throw notFound(prefix, missing);
  return present.filter(({ id }) => ids.includes(id));
}

/** One that was not deleted. */
export function findLiving<T extends Lingering>(all: ReadonlyMap<string, T>, id: string, prefix: string): T {
  const found = all.get(id);
  if (found === undefined || found.deleted !== undefined) throw notFound(prefix, [id]);
  return found;
}

/** Those that were not deleted. */
export function living<T extends Lingering>(all: ReadonlyMap<string, T>): T[] {
  return [...all.values()].filter(({ deleted }) => deleted === undefined);
}
