/**
 * Hosts of the four services that give credentials. Written out, because the rule engine and the partitions file would be read
 * before the first call of every program that assumes a role; a test holds this table to the partitions file.
 */
import { plainRegion } from "../config/plain-region.js";
import type { Settings } from "../config/settings.js";

export type CredentialService = "STS" | "SSO" | "SSO OIDC" | "Signin";

interface Suffixes {
  readonly dns: string;
  readonly dualStack: string;
  /** Of the console, whose sign-in gives the tokens of `aws login`. */
  readonly console: string;
}

const AWS: Suffixes = { dns: "amazonaws.com", dualStack: "api.aws", console: "aws.amazon.com" };

/** By the beginning of a region's name; the partition `aws` has every other. */
const SUFFIXES: Readonly<Record<string, Suffixes>> = {
  "cn-": { dns: "amazonaws.com.cn", dualStack: "api.amazonwebservices.com.cn", console: "amazonaws.cn" },
  "us-iso-": { dns: "c2s.ic.gov", dualStack: "api.aws.ic.gov", console: "c2shome.ic.gov" },
  "us-isob-": { dns: "sc2s.sgov.gov", dualStack: "api.aws.scloud", console: "sc2shome.sgov.gov" },
  "eu-isoe-": { dns: "cloud.adc-e.uk", dualStack: "api.cloud-aws.adc-e.uk", console: "csphome.adc-e.uk" },
  "us-isof-": { dns: "csp.hci.ic.gov", dualStack: "api.aws.hci.ic.gov", console: "csphome.hci.ic.gov" },
  "eusc-": { dns: "amazonaws.eu", dualStack: "api.amazonwebservices.eu", console: "amazonaws-eusc.eu" },
  "us-gov-": { ...AWS, console: "amazonaws-us-gov.com" },
};

function suffixesOf(region: string): Suffixes {
  const prefix = Object.keys(SUFFIXES).find((each) => region.startsWith(each));
  return prefix === undefined ? AWS : (SUFFIXES[prefix] as Suffixes);
}

export interface CredentialEndpoint {
  readonly url: string;
  readonly signingRegion: string;
}

const HOSTS: Readonly<Record<CredentialService, string>> = {
  STS: "sts",
  SSO: "portal.sso",
  "SSO OIDC": "oidc",
  Signin: "signin",
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
  regionName: string,
): CredentialEndpoint {
  const { region, fips: fipsByName } = plainRegion(regionName);
  const signingRegion = region === "aws-global" ? "us-east-1" : region;
  const configured = settings.endpointUrl(service);
  if (configured !== undefined) return { url: configured, signingRegion };
  const fips = fipsByName || settings.get("useFipsEndpoint") === true;
  const dualStack = settings.get("useDualstackEndpoint") === true;
  const suffixes = suffixesOf(region);
  if (!dualStack && service === "Signin") {
    const host = signinHost(region, fips, suffixes.console);
    if (host !== undefined) return { url: `https://${host}/`, signingRegion };
  }
  if (service === "STS" && !fips && !dualStack && isGlobalSts(settings, region)) {
    return { url: "https://sts.amazonaws.com/", signingRegion: "us-east-1" };
  }
  // In GovCloud the plain hosts are the FIPS hosts.
  const named = fips && (dualStack || !region.startsWith("us-gov-")) ? "-fips" : "";
  return {
    url: `https://${HOSTS[service]}${named}.${region}.${dualStack ? suffixes.dualStack : suffixes.dns}/`,
    signingRegion,
  };
}

function isGlobalSts(settings: Settings, region: string): boolean {
  if (region === "aws-global") return true;
  return settings.get("stsRegionalEndpoints") === "legacy" && STS_LEGACY_REGIONS.has(region);
}

/** Undefined where it has the form that the other services' hosts have. */
function signinHost(region: string, fips: boolean, suffix: string): string | undefined {
  if (!fips) return `${region}.signin.${suffix}`;
  if (!region.startsWith("us-gov-")) return undefined;
  return `${region === "us-gov-west-1" ? "" : `${region}.`}signin-fips.${suffix}`;
}
