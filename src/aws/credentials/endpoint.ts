/**
 * Hosts of the four services that give credentials. Written out, because the rule engine and the partitions file would be read
 * before the first call of every program that assumes a role; a test holds this table to the partitions file.
 */
import type { Settings } from "../config/settings.js";

export type CredentialService = "STS" | "SSO" | "SSO OIDC" | "Signin";

interface Suffixes {
  readonly dns: string;
  readonly dualStack: string;
}

const AWS: Suffixes = { dns: "amazonaws.com", dualStack: "api.aws" };

/** By the beginning of a region's name; the partition `aws` has every other. */
export const SUFFIXES: Readonly<Record<string, Suffixes>> = {
  "cn-": { dns: "amazonaws.com.cn", dualStack: "api.amazonwebservices.com.cn" },
  "us-iso-": { dns: "c2s.ic.gov", dualStack: "api.aws.ic.gov" },
  "us-isob-": { dns: "sc2s.sgov.gov", dualStack: "api.aws.scloud" },
  "eu-isoe-": { dns: "cloud.adc-e.uk", dualStack: "api.cloud-aws.adc-e.uk" },
  "us-isof-": { dns: "csp.hci.ic.gov", dualStack: "api.aws.hci.ic.gov" },
  "eusc-": { dns: "amazonaws.eu", dualStack: "api.amazonwebservices.eu" },
  "us-gov-": AWS,
};

export function suffixesOf(region: string): Suffixes {
  const prefix = Object.keys(SUFFIXES).find((each) => region.startsWith(each));
  return prefix === undefined ? AWS : (SUFFIXES[prefix] as Suffixes);
}

export interface CredentialEndpoint {
  readonly url: string;
  readonly signingRegion: string;
}

const HOSTS: Readonly<Record<Exclude<CredentialService, "Signin">, string>> = {
  STS: "sts",
  SSO: "portal.sso",
  "SSO OIDC": "oidc",
};

/** Regions whose STS was reached at the global host before regional ones were the default. */
export const STS_LEGACY_REGIONS = new Set([
  "ap-northeast-1",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "aws-global",
  "ca-central-1",
  "eu-central-1",
  "eu-north-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
]);

export function serviceEndpoint(
  settings: Settings,
  service: CredentialService,
  region: string,
): CredentialEndpoint {
  const signingRegion = region === "aws-global" ? "us-east-1" : region;
  const configured = settings.endpointUrl(service);
  if (configured !== undefined) return { url: configured, signingRegion };
  const fips = settings.get("useFipsEndpoint") === true;
  const dualStack = settings.get("useDualstackEndpoint") === true;
  if (service === "Signin") return { url: signinUrl(region), signingRegion };
  if (service === "STS" && !fips && !dualStack && isGlobalSts(settings, region)) {
    return { url: "https://sts.amazonaws.com/", signingRegion: "us-east-1" };
  }
  const suffixes = suffixesOf(region);
  const host = `${HOSTS[service]}${isFipsHost(service, region, fips) ? "-fips" : ""}`;
  return {
    url: `https://${host}.${region}.${dualStack ? suffixes.dualStack : suffixes.dns}/`,
    signingRegion,
  };
}

/** In GovCloud the plain hosts are the FIPS hosts. */
function isFipsHost(service: CredentialService, region: string, fips: boolean): boolean {
  return fips && !(service === "STS" && region.startsWith("us-gov-"));
}

function isGlobalSts(settings: Settings, region: string): boolean {
  if (region === "aws-global") return true;
  return settings.get("stsRegionalEndpoints") === "legacy" && STS_LEGACY_REGIONS.has(region);
}

function signinUrl(region: string): string {
  if (region.startsWith("cn-")) return `https://${region}.signin.amazonaws.cn/`;
  if (region.startsWith("us-gov-")) return `https://${region}.signin.amazonaws-us-gov.com/`;
  const suffixes = suffixesOf(region);
  return `https://${region}.signin.${suffixes === AWS ? "aws.amazon.com" : suffixes.dns}/`;
}
