/**
 * CloudFront's signed URLs and cookies, by the private key of a key group's public key.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PrivateContent.html
 */
import { toBase64, toBytes } from "../../auth/digest.js";
import { rsaSign } from "../../auth/rsa.js";
import { invalidInput } from "../../internal/cloud-error.js";

export interface CloudFrontKey {
  /** Id of the public key in CloudFront: `K2JCJMDEHXQW5F`. */
  readonly keyPairId: string;
  /** PEM of the RSA key. */
  readonly privateKey: string;
}

/** With an end alone the policy is canned: it need not travel. Anything more, or `policy` itself, makes it a custom one. */
export interface CloudFrontOptions extends CloudFrontKey {
  readonly url: string;
  readonly expiresOn?: Date | undefined;
  readonly startsOn?: Date | undefined;
  /** One address or a range: `192.0.2.0/24`. */
  readonly ipAddress?: string | undefined;
  /** What the custom policy is for, `*` and `?` allowed. Default `url`. */
  readonly resource?: string | undefined;
  /** A policy of one's own, JSON. */
  readonly policy?: string | undefined;
}

/** The URL with `Expires` or `Policy`, `Signature` and `Key-Pair-Id`. */
export async function signCloudFrontUrl(options: CloudFrontOptions): Promise<string> {
  const { url } = options;
  const query = (await signedParts(options)).map(([name, value]) => `${name}=${value}`).join("&");
  return `${url}${url.includes("?") ? "&" : "?"}${query}`;
}

/** Cookies to set, by name: `CloudFront-Policy` or `CloudFront-Expires`, `CloudFront-Signature`, `CloudFront-Key-Pair-Id`. */
export async function signCloudFrontCookies(options: CloudFrontOptions): Promise<Record<string, string>> {
  return Object.fromEntries(
    (await signedParts(options)).map(([name, value]) => [`CloudFront-${name}`, value]),
  );
}

async function signedParts(options: CloudFrontOptions): Promise<[name: string, value: string][]> {
  const { keyPairId, privateKey, expiresOn, startsOn, ipAddress, resource, policy: own } = options;
  if ((own === undefined) === (expiresOn === undefined)) {
    throw invalidInput("One of options.expiresOn and options.policy is needed, not both");
  }
  const policy = own ?? cloudFrontPolicy(options);
  const canned =
    own === undefined && startsOn === undefined && ipAddress === undefined && resource === undefined;
  const first: [string, string] =
    canned && expiresOn !== undefined
      ? ["Expires", String(epochSeconds(expiresOn))]
      : ["Policy", cloudFrontBase64(toBytes(policy))];
  const signature = await rsaSign(privateKey, policy, "RS1");
  return [first, ["Signature", cloudFrontBase64(signature)], ["Key-Pair-Id", keyPairId]];
}

/** The order of a canned policy's members is part of what is signed. */
function cloudFrontPolicy({
  url,
  resource = url,
  expiresOn,
  startsOn,
  ipAddress,
}: CloudFrontOptions): string {
  const condition = {
    ...(expiresOn !== undefined && { DateLessThan: { "AWS:EpochTime": epochSeconds(expiresOn) } }),
    ...(ipAddress !== undefined && {
      IpAddress: { "AWS:SourceIp": ipAddress.includes("/") ? ipAddress : `${ipAddress}/32` },
    }),
    ...(startsOn !== undefined && { DateGreaterThan: { "AWS:EpochTime": epochSeconds(startsOn) } }),
  };
  return JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] });
}

function epochSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

/** Characters that a URL gives a meaning are replaced by CloudFront's own choice of others. */
function cloudFrontBase64(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("=", "_").replaceAll("/", "~");
}
