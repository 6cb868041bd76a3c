/** Partitions of AWS: which one a region is in, and what hosts there end in. */
import { partitions as text } from "../../gen/aws/partitions.js";

export interface Partition {
  readonly name: string;
  readonly dnsSuffix: string;
  readonly dualStackDnsSuffix: string;
  readonly implicitGlobalRegion: string;
  readonly supportsFIPS: boolean;
  readonly supportsDualStack: boolean;
}

export interface PartitionData {
  readonly id: string;
  readonly regionRegex: string;
  readonly regions: Readonly<Record<string, Partial<Partition>>>;
  readonly outputs: Partition;
}

export class Partitions {
  readonly #list: readonly PartitionData[];

  constructor(list: readonly PartitionData[]) {
    this.#list = list;
  }

  /** By the region's name, else by its form; AWS's commercial partition for a region of no known form. */
  of(region: string): Partition | undefined {
    for (const { id, regions, outputs } of this.#list) {
      const own = Object.hasOwn(regions, region) ? regions[region] : undefined;
      if (own !== undefined) return { ...outputs, ...own, name: id };
    }
    const found =
      this.#list.find(({ regionRegex }) => new RegExp(regionRegex).test(region)) ??
      this.#list.find(({ id }) => id === "aws");
    return found && { ...found.outputs, name: found.id };
  }

  /** Ids: `aws`, `aws-cn`... */
  get ids(): string[] {
    return this.#list.map(({ id }) => id);
  }

  /** Regions of a partition, global pseudo-regions left out. */
  regions(id: string): string[] {
    const names = Object.keys(this.#list.find((each) => each.id === id)?.regions ?? {});
    return names.filter((name) => !name.endsWith("-global"));
  }
}

let shared: Partitions | undefined;

/** Those of the pinned botocore. */
export function defaultPartitions(): Partitions {
  shared ??= new Partitions((JSON.parse(text) as { partitions: PartitionData[] }).partitions);
  return shared;
}
