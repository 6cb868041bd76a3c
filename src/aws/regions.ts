/** Lists of services, regions and partitions, of the pinned botocore. Loaded when they are asked for. */
import { invalidInput } from "../internal/cloud-error.js";
import { defaultPartitions } from "./endpoint/partitions.js";
import { loadService } from "./services.js";

export async function serviceIds(): Promise<string[]> {
  const { services } = await import("../gen/aws/services.js");
  return JSON.parse(services) as string[];
}

export function partitionNames(): string[] {
  return defaultPartitions().ids;
}

export async function serviceRegions(service: string, partition: string): Promise<string[]> {
  const { regions } = await import("../gen/aws/regions.js");
  const partitions = defaultPartitions();
  if (!partitions.ids.includes(partition)) {
    throw invalidInput(
      `Cannot list regions: there is no partition "${partition}", only ${partitions.ids.join(", ")}`,
    );
  }
  const prefix = loadService(service).serviceModel.service.aws?.endpointPrefix ?? service;
  const known = (JSON.parse(regions) as Record<string, string[]>)[prefix] ?? [];
  const inPartition = new Set(partitions.regions(partition));
  return known.filter((region) => inPartition.has(region));
}
