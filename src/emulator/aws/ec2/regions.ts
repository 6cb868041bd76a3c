/** Regions and their zones: facts of AWS, read from https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html */

interface RegionFacts {
  readonly zonePrefix: string;
  readonly zones: string;
  readonly optIn?: true;
}

export const REGIONS: Readonly<Record<string, RegionFacts>> = {
  "af-south-1": { zonePrefix: "afs1", zones: "abc", optIn: true },
  "ap-east-1": { zonePrefix: "ape1", zones: "abc", optIn: true },
  "ap-northeast-1": { zonePrefix: "apne1", zones: "acd" },
  "ap-northeast-2": { zonePrefix: "apne2", zones: "abcd" },
  "ap-northeast-3": { zonePrefix: "apne3", zones: "abc" },
  "ap-south-1": { zonePrefix: "aps1", zones: "abc" },
  "ap-south-2": { zonePrefix: "aps2", zones: "abc", optIn: true },
  "ap-southeast-1": { zonePrefix: "apse1", zones: "abc" },
  "ap-southeast-2": { zonePrefix: "apse2", zones: "abc" },
  "ap-southeast-3": { zonePrefix: "apse3", zones: "abc", optIn: true },
  "ap-southeast-4": { zonePrefix: "apse4", zones: "abc", optIn: true },
  "ca-central-1": { zonePrefix: "cac1", zones: "abd" },
  "ca-west-1": { zonePrefix: "caw1", zones: "abc", optIn: true },
  "eu-central-1": { zonePrefix: "euc1", zones: "abc" },
  "eu-central-2": { zonePrefix: "euc2", zones: "abc", optIn: true },
  "eu-north-1": { zonePrefix: "eun1", zones: "abc" },
  "eu-south-1": { zonePrefix: "eus1", zones: "abc", optIn: true },
  "eu-south-2": { zonePrefix: "eus2", zones: "abc", optIn: true },
  "eu-west-1": { zonePrefix: "euw1", zones: "abc" },
  "eu-west-2": { zonePrefix: "euw2", zones: "abc" },
  "eu-west-3": { zonePrefix: "euw3", zones: "abc" },
  "il-central-1": { zonePrefix: "ilc1", zones: "abc", optIn: true },
  "me-central-1": { zonePrefix: "mec1", zones: "abc", optIn: true },
  "me-south-1": { zonePrefix: "mes1", zones: "abc", optIn: true },
  "sa-east-1": { zonePrefix: "sae1", zones: "abc" },
  "us-east-1": { zonePrefix: "use1", zones: "abcdef" },
  "us-east-2": { zonePrefix: "use2", zones: "abc" },
  "us-west-1": { zonePrefix: "usw1", zones: "abc" },
  "us-west-2": { zonePrefix: "usw2", zones: "abcd" },
};

export interface Zone {
  /** `eu-west-1a` */
  readonly name: string;
  /** `euw1-az1` */
  readonly id: string;
}

/** A region that is not known has three. */
export function zonesOf(region: string): Zone[] {
  const { zonePrefix, zones } = REGIONS[region] ?? { zonePrefix: shortOf(region), zones: "abc" };
  return [...zones].map((letter, index) => ({ name: region + letter, id: `${zonePrefix}-az${index + 1}` }));
}

/** `us-gov-east-1` is `usge1`, `ap-southeast-5` is `apse5`. */
function shortOf(region: string): string {
  const [area = "", ...rest] = region.split("-");
  const initials = rest.map((part) =>
    part.replace(/(north|south|east|west|central|gov)/g, (word) => word.charAt(0)),
  );
  return area + initials.join("");
}
