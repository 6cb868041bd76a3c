/** Names of buckets. See https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */

const PATTERN = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const RESERVED_PREFIXES = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES = ["-s3alias", "--ol-s3", ".mrap", "--table-s3"];

/** A directory bucket's: `name--use1-az4--x-s3`, its zone between. */
const DIRECTORY = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?--([a-z0-9-]+-az\d+)--x-s3$/;

export function isBucketName(name: string): boolean {
  return PATTERN.test(name) && !name.includes("..") && !/^\d+\.\d+\.\d+\.\d+$/.test(name);
}

/** Of a name for a new bucket: some are S3's own. */
export function isReservedName(name: string): boolean {
  return (
    RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix)) ||
    RESERVED_SUFFIXES.some((suffix) => name.endsWith(suffix))
  );
}

/** `name-123456789012-us-east-1-an`: in the namespace of an account in a region. */
export function isRegionalName(name: string): boolean {
  return /-\d{12}-[a-z]{2}(?:-[a-z]+)+-\d-an$/.test(name);
}

/** Zone of a directory bucket, undefined for a general purpose one. */
export function zoneOfName(name: string): string | undefined {
  return name.length <= 63 ? DIRECTORY.exec(name)?.[1] : undefined;
}
