/** The partitions of AWS, and four that are made up: each of AWS's has all that rules ask for, so that some would never have to refuse. */
import { readFileSync } from "node:fs";
import { type PartitionData, Partitions } from "../../../src/aws/endpoint/partitions.js";

export const MADE_UP: readonly PartitionData[] = [
  madeUp("both", true, true),
  madeUp("fips", true, false),
  madeUp("dual", false, true),
  madeUp("plain", false, false),
];

export const PARTITIONS = new Partitions([...shipped(), ...MADE_UP]);

function shipped(): readonly PartitionData[] {
  return (JSON.parse(readFileSync("models/aws/partitions.json", "utf8")) as { partitions: PartitionData[] })
    .partitions;
}

function madeUp(id: string, supportsFIPS: boolean, supportsDualStack: boolean): PartitionData {
  return {
    id: `aws-${id}`,
    regionRegex: `^${id}\\-\\w+\\-\\d+$`,
    regions: { [`${id}-here-1`]: {} },
    outputs: {
      name: `aws-${id}`,
      dnsSuffix: `${id}.example.com`,
      dualStackDnsSuffix: `dual.${id}.example.com`,
      implicitGlobalRegion: `${id}-here-1`,
      supportsFIPS,
      supportsDualStack,
    },
  };
}
