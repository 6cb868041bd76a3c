/** Types of instances: name, virtual CPUs, memory. Facts of https://aws.amazon.com/ec2/instance-types/ */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { clientError, dryRun } from "./errors.js";
import { applyFilters, type FilterFields, page } from "./filters.js";
import { zonesOf } from "./regions.js";
import { regionOf } from "./store.js";

interface TypeFacts {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly arm: boolean;
  readonly burstable: boolean;
  readonly current: boolean;
  readonly freeTier: boolean;
}

const SIZES: readonly (readonly [size: string, vcpus: number])[] = [
  ["large", 2],
  ["xlarge", 4],
  ["2xlarge", 8],
  ["4xlarge", 16],
  ["8xlarge", 32],
  ["12xlarge", 48],
  ["16xlarge", 64],
];

/** Of c5 some sizes are between. */
const C5_SIZES: typeof SIZES = [
  ["large", 2],
  ["xlarge", 4],
  ["2xlarge", 8],
  ["4xlarge", 16],
  ["9xlarge", 36],
  ["12xlarge", 48],
  ["18xlarge", 72],
];

/** Families whose sizes have so many GiB a virtual CPU. */
const FAMILIES: readonly (readonly [family: string, gibPerVcpu: number])[] = [
  ["c5a", 2],
  ["c6a", 2],
  ["c6g", 2],
  ["c6i", 2],
  ["c7a", 2],
  ["c7g", 2],
  ["c7i", 2],
  ["c8g", 2],
  ["m5", 4],
  ["m5a", 4],
  ["m6a", 4],
  ["m6g", 4],
  ["m6i", 4],
  ["m7g", 4],
  ["m7a", 4],
  ["m7i", 4],
  ["m8g", 4],
  ["r5", 8],
  ["r6g", 8],
  ["r6i", 8],
  ["r5a", 8],
  ["r6a", 8],
  ["r7a", 8],
  ["r7g", 8],
  ["r7i", 8],
  ["r8g", 8],
];

/** Those that keep to no rule: virtual CPUs, GiB. */
const SINGLE: readonly (readonly [name: string, vcpus: number, memoryGib: number])[] = [
  ["m1.small", 1, 1.7],
  ["t1.micro", 1, 0.613],
  ["t2.nano", 1, 0.5],
  ["t2.micro", 1, 1],
  ["t2.small", 1, 2],
  ["t2.medium", 2, 4],
  ["t2.large", 2, 8],
  ["t2.xlarge", 4, 16],
  ["t2.2xlarge", 8, 32],
  ...C5_SIZES.map(([size, vcpus]) => [`c5.${size}`, vcpus, vcpus * 2] as const),
  ...["t3", "t3a", "t4g"].flatMap((family) => [
    [`${family}.nano`, 2, 0.5] as const,
    [`${family}.micro`, 2, 1] as const,
    [`${family}.small`, 2, 2] as const,
    [`${family}.medium`, 2, 4] as const,
    [`${family}.large`, 2, 8] as const,
    [`${family}.xlarge`, 4, 16] as const,
    [`${family}.2xlarge`, 8, 32] as const,
  ]),
];

/** By name, in the order of the lists. */
const TYPES: ReadonlyMap<string, TypeFacts> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ allTypes().map((type) => [type.name, type]),
);

function allTypes(): TypeFacts[] {
  const sized = FAMILIES.flatMap(([family, gib]) =>
    SIZES.map(([size, vcpus]) => [`${family}.${size}`, vcpus, vcpus * gib] as const),
  );
  return [...SINGLE, ...sized].map(([name, vcpus, memoryGib]) => {
    const family = name.split(".")[0] ?? "";
    return {
      name,
      vcpus,
      memoryMib: Math.round(memoryGib * 1024),
      arm: family.endsWith("g"),
      burstable: /^t[2-9]/.test(family),
      current: !/^(m1|t1)$/.test(family),
      freeTier: name === "t2.micro" || name === "t3.micro",
    };
  });
}

/** Two for a type that is not listed. */
export function vcpusOf(type: string): number {
  return TYPES.get(type)?.vcpus ?? 2;
}

const FIELDS: FilterFields<TypeFacts> = {
  "instance-type": ({ name }) => name,
  "current-generation": ({ current }) => current,
  "free-tier-eligible": ({ freeTier }) => freeTier,
  "burstable-performance-supported": ({ burstable }) => burstable,
  "bare-metal": () => false,
  "processor-info.supported-architecture": ({ arm }) => (arm ? "arm64" : "x86_64"),
  "vcpu-info.default-vcpus": ({ vcpus }) => vcpus,
  "vcpu-info.default-cores": (type) => type.vcpus / threadsOf(type),
  "vcpu-info.default-threads-per-core": (type) => threadsOf(type),
  "instance-storage-supported": () => false,
  "supported-usage-class": () => ["on-demand", "spot"],
  "memory-info.size-in-mib": ({ memoryMib }) => memoryMib,
  "supported-virtualization-type": () => "hvm",
  "supported-root-device-type": () => "ebs",
  hypervisor: hypervisorOf,
};

const NO_TAGS: ReadonlyMap<string, string> = new Map();

export const typeHandlers: Handlers<EC2> = {
  describeInstanceTypes(input) {
    if (input.DryRun) throw dryRun();
    const all = [...TYPES.values()];
    const asked = input.InstanceTypes;
    const unknown = asked?.filter((type) => !TYPES.has(type)) ?? [];
    if (unknown.length > 0) {
      throw clientError(
        "InvalidInstanceType",
        `The following supplied instance types do not exist: [${unknown.join(", ")}]`,
      );
    }
    const named = asked === undefined ? all : all.filter(({ name }) => asked.includes(name));
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, FIELDS, () => NO_TAGS),
      input,
    );
    return { InstanceTypes: items.map(typeOutput), NextToken };
  },

  describeInstanceTypeOfferings(input, context) {
    const region = regionOf(context);
    const zones = zonesOf(region.name);
    const byType: Readonly<Record<string, string[]>> = {
      region: [region.name],
      "availability-zone": zones.map(({ name }) => name),
      "availability-zone-id": zones.map(({ id }) => id),
    };
    const places = byType[input.LocationType ?? "region"] ?? [];
    const offers = [...TYPES.values()].flatMap(({ name }) => places.map((location) => ({ name, location })));
    const fields: FilterFields<{ name: string; location: string }> = {
      "instance-type": ({ name }) => name,
      location: ({ location }) => location,
    };
    const { items, NextToken } = page(
      applyFilters(offers, input.Filters, fields, () => NO_TAGS),
      input,
    );
    return {
      InstanceTypeOfferings: items.map(({ name, location }) => ({
        InstanceType: name,
        LocationType: input.LocationType ?? "region",
        Location: location,
      })),
      NextToken,
    };
  },
};

/** Processors of Arm and the newer ones of AMD have one thread a core. */
function threadsOf({ name, arm, vcpus }: Pick<TypeFacts, "name" | "arm" | "vcpus">): number {
  return arm || vcpus === 1 || /^[cmr][78]a\./.test(name) ? 1 : 2;
}

function hypervisorOf({ name, current }: Pick<TypeFacts, "name" | "current">): "nitro" | "xen" {
  return current && !name.startsWith("t2.") ? "nitro" : "xen";
}

function typeOutput({ name, vcpus, memoryMib, arm, burstable, current, freeTier }: TypeFacts) {
  const threads = threadsOf({ name, arm, vcpus });
  return {
    InstanceType: name,
    CurrentGeneration: current,
    FreeTierEligible: freeTier,
    SupportedUsageClasses: ["on-demand", "spot"],
    SupportedRootDeviceTypes: ["ebs"],
    SupportedVirtualizationTypes: ["hvm"],
    BareMetal: false,
    Hypervisor: hypervisorOf({ name, current }),
    ProcessorInfo: { SupportedArchitectures: [arm ? "arm64" : "x86_64"], SustainedClockSpeedInGhz: 2.5 },
    VCpuInfo: { DefaultVCpus: vcpus, DefaultCores: vcpus / threads, DefaultThreadsPerCore: threads },
    MemoryInfo: { SizeInMiB: memoryMib },
    InstanceStorageSupported: false,
    BurstablePerformanceSupported: burstable,
    DedicatedHostsSupported: !burstable,
    AutoRecoverySupported: true,
    SupportedBootModes: ["legacy-bios", "uefi"],
  };
}
