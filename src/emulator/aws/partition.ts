/** The partitions of AWS: each has accounts, and ARNs, of its own. */
import { defaultPartitions } from "../../aws/endpoint/partitions.js";

const partitions = new Map<string, string>();

/** `aws-cn` of `cn-north-1`. */
export function partitionOfRegion(region: string): string {
  let partition = partitions.get(region);
  if (partition === undefined) {
    partition = defaultPartitions().of(region)?.name ?? "aws";
    if (partitions.size < PARTITIONS_KEPT_MAX) partitions.set(region, partition);
  }
  return partition;
}

/** Regions are what requests say, and they may say anything. */
const PARTITIONS_KEPT_MAX = 1000;

export function partitionOfArn(arn: string): string {
  return arn.split(":")[1] ?? "aws";
}
