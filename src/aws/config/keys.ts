/**
 * Every setting that is read from the config file and the environment: one table. An environment variable wins over the
 * file. https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
import { invalidInput } from "../../internal/cloud-error.js";

export interface Key<T> {
  /** Name in the profile; `s3.addressing_style` in a section of it. */
  readonly file: readonly string[];
  /** Environment variables, the first that is set wins. */
  readonly env: readonly string[];
  readonly fallback: T;
  /** Turns text into the value; `setting` names it in an error. */
  readonly convert: (text: string, setting: string) => T;
}

type Names = string | readonly string[] | undefined;

function key<T>(file: Names, env: Names, fallback: undefined, convert: Key<T>["convert"]): Key<T | undefined>;
function key<T>(file: Names, env: Names, fallback: T, convert: Key<T>["convert"]): Key<T>;
function key<T>(file: Names, env: Names, fallback: T, convert: Key<T>["convert"]): Key<T> {
  return { file: list(file), env: list(env), fallback, convert };
}

function list(names: Names): readonly string[] {
  return names === undefined ? [] : typeof names === "string" ? [names] : names;
}

const text = (value: string): string => value;

function boolean(value: string, setting: string): boolean {
  const lower = value.toLowerCase();
  if (lower !== "true" && lower !== "false") throw refused(setting, "true or false");
  return lower === "true";
}

function integer(value: string, setting: string): number {
  if (!/^\d+$/.test(value)) throw refused(setting, "a whole number");
  return Number(value);
}

function seconds(value: string, setting: string): number {
  if (!/^\d+(\.\d+)?$/.test(value)) throw refused(setting, "a number of seconds");
  return Number(value);
}

function oneOf<const V extends string>(...values: V[]): (value: string, setting: string) => V {
  return (value, setting) => {
    const found = values.find((each) => each.toLowerCase() === value.toLowerCase());
    if (found === undefined) throw refused(setting, values.join(", "));
    return found;
  };
}

const names = (value: string): readonly string[] =>
  value
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");

function refused(setting: string, expected: string): Error {
  return invalidInput(`Cannot use ${setting}: it must be ${expected}`, { code: "InvalidConfig" });
}

const CHECKSUMS = oneOf("when_supported", "when_required");

export const KEYS = {
  // botocore reads AWS_DEFAULT_REGION alone and the JavaScript SDK AWS_REGION alone: both are read.
  region: key("region", ["AWS_REGION", "AWS_DEFAULT_REGION"], undefined, text),
  caBundle: key("ca_bundle", "AWS_CA_BUNDLE", undefined, text),
  useDualstackEndpoint: key("use_dualstack_endpoint", "AWS_USE_DUALSTACK_ENDPOINT", undefined, boolean),
  useFipsEndpoint: key("use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT", undefined, boolean),
  endpointUrl: key("endpoint_url", "AWS_ENDPOINT_URL", undefined, text),
  services: key("services", undefined, undefined, text),
  ignoreConfiguredEndpointUrls: key(
    "ignore_configured_endpoint_urls",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    false,
    boolean,
  ),
  endpointDiscoveryEnabled: key(
    "endpoint_discovery_enabled",
    "AWS_ENDPOINT_DISCOVERY_ENABLED",
    "auto",
    oneOf("auto", "true", "false"),
  ),
  disableHostPrefixInjection: key(
    "disable_host_prefix_injection",
    "AWS_DISABLE_HOST_PREFIX_INJECTION",
    false,
    boolean,
  ),
  stsRegionalEndpoints: key(
    "sts_regional_endpoints",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "regional",
    oneOf("regional", "legacy"),
  ),
  accountId: key("aws_account_id", "AWS_ACCOUNT_ID", undefined, text),
  accountIdEndpointMode: key(
    "account_id_endpoint_mode",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE",
    "preferred",
    oneOf("preferred", "required", "disabled"),
  ),
  authSchemePreference: key("auth_scheme_preference", "AWS_AUTH_SCHEME_PREFERENCE", undefined, names),
  sigv4aSigningRegionSet: key("sigv4a_signing_region_set", "AWS_SIGV4A_SIGNING_REGION_SET", undefined, names),
  retryMode: key("retry_mode", "AWS_RETRY_MODE", undefined, oneOf("legacy", "standard", "adaptive")),
  maxAttempts: key("max_attempts", "AWS_MAX_ATTEMPTS", undefined, integer),
  defaultsMode: key(
    "defaults_mode",
    "AWS_DEFAULTS_MODE",
    "legacy",
    oneOf("legacy", "standard", "in-region", "cross-region", "mobile", "auto"),
  ),
  requestChecksumCalculation: key(
    "request_checksum_calculation",
    "AWS_REQUEST_CHECKSUM_CALCULATION",
    "when_supported",
    CHECKSUMS,
  ),
  responseChecksumValidation: key(
    "response_checksum_validation",
    "AWS_RESPONSE_CHECKSUM_VALIDATION",
    "when_supported",
    CHECKSUMS,
  ),
  disableRequestCompression: key(
    "disable_request_compression",
    "AWS_DISABLE_REQUEST_COMPRESSION",
    false,
    boolean,
  ),
  requestMinCompressionSizeBytes: key(
    "request_min_compression_size_bytes",
    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
    10_240,
    integer,
  ),
  appId: key("sdk_ua_app_id", "AWS_SDK_UA_APP_ID", undefined, text),

  metadataServiceTimeoutSeconds: key("metadata_service_timeout", "AWS_METADATA_SERVICE_TIMEOUT", 1, seconds),
  metadataServiceNumAttempts: key(
    "metadata_service_num_attempts",
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
    1,
    integer,
  ),
  ec2MetadataDisabled: key("ec2_metadata_disabled", "AWS_EC2_METADATA_DISABLED", false, boolean),
  ec2MetadataV1Disabled: key("ec2_metadata_v1_disabled", "AWS_EC2_METADATA_V1_DISABLED", false, boolean),
  ec2MetadataServiceEndpoint: key(
    "ec2_metadata_service_endpoint",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    undefined,
    text,
  ),
  ec2MetadataServiceEndpointMode: key(
    "ec2_metadata_service_endpoint_mode",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    undefined,
    oneOf("IPv4", "IPv6"),
  ),
  imdsUseIpv6: key("imds_use_ipv6", "AWS_IMDS_USE_IPV6", false, boolean),

  s3AddressingStyle: key("s3.addressing_style", undefined, "auto", oneOf("auto", "virtual", "path")),
  s3UseAccelerateEndpoint: key("s3.use_accelerate_endpoint", undefined, undefined, boolean),
  s3UseDualstackEndpoint: key("s3.use_dualstack_endpoint", undefined, undefined, boolean),
  s3PayloadSigningEnabled: key("s3.payload_signing_enabled", undefined, undefined, boolean),
  s3UseArnRegion: key(
    ["s3_use_arn_region", "s3.use_arn_region"],
    "AWS_S3_USE_ARN_REGION",
    undefined,
    boolean,
  ),
  s3UsEast1RegionalEndpoint: key(
    ["s3_us_east_1_regional_endpoint", "s3.us_east_1_regional_endpoint"],
    "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
    undefined,
    oneOf("regional", "legacy"),
  ),
  s3DisableMultiregionAccessPoints: key(
    ["s3_disable_multiregion_access_points", "s3.s3_disable_multiregion_access_points"],
    "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS",
    undefined,
    boolean,
  ),
  s3DisableExpressSessionAuth: key(
    "s3_disable_express_session_auth",
    "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH",
    undefined,
    boolean,
  ),
} satisfies Record<string, Key<unknown>>;

export type SettingName = keyof typeof KEYS;
export type SettingValue<N extends SettingName> = (typeof KEYS)[N]["fallback"];
