/** ../shared/vectors/gcp/v4_signatures.json: V4 signed URLs and POST policies of Google's conformance tests. */
import { fromBase64 } from "../../src/auth/digest.js";
import {
  type BlobSigner,
  type GcsLocation,
  gcsAddress,
  type PolicyCondition,
  signGcsPostPolicy,
  signGcsUrl,
} from "../../src/auth/gcs-v4.js";
import { verifyGcsUrl } from "../../src/auth/gcs-v4-verify.js";
import { rsaVerify } from "../../src/auth/rsa.js";
import { encodeStrict } from "../../src/auth/sigv4-canonical.js";
import { type Case, equal, json, runSuite } from "./case.js";

const FOLDER = "../shared/vectors/gcp";

interface Common {
  readonly bucket: string;
  readonly object?: string;
  readonly expiration: number;
  readonly timestamp: string;
  readonly scheme?: string;
  readonly urlStyle?: string;
  readonly bucketBoundHostname?: string;
  readonly hostname?: string;
  readonly clientEndpoint?: string;
  readonly emulatorHostname?: string;
  readonly universeDomain?: string;
}

interface UrlCase extends Common {
  readonly description: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly queryParameters?: Readonly<Record<string, string>>;
  readonly expectedUrl: string;
  readonly expectedStringToSign: string;
}

interface PostCase {
  readonly description: string;
  readonly policyInput: Common & {
    readonly fields?: Readonly<Record<string, string>>;
    readonly conditions?: {
      readonly startsWith?: readonly string[];
      readonly contentLengthRange?: readonly number[];
    };
  };
  readonly policyOutput: {
    readonly url: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly expectedDecodedPolicy: string;
  };
}

interface Signer {
  readonly client_email: string;
  readonly public_key: string;
}

export const suite = "gcp/v4-signatures";

export const ignored: Readonly<Record<string, string>> = {
  "Universe domain with virtual hosted style":
    "its canonical request has the bucket in the path, its URL and the case Virtual Hosted Style have not",
};

export function run() {
  return runSuite({ suite, cases, ignored });
}

export function cases(): Case[] {
  const file = json(`${FOLDER}/v4_signatures.json`) as {
    signingV4Tests: UrlCase[];
    postPolicyV4Tests: PostCase[];
  };
  const signer = json(`${FOLDER}/v4_signer.json`) as Signer;
  return [
    ...file.signingV4Tests.map((each) => ({ name: each.description, run: () => checkUrl(each, signer) })),
    ...file.postPolicyV4Tests.map((each) => ({ name: each.description, run: () => checkPost(each, signer) })),
  ];
}

/** The suite gives the public key alone: what we would sign is verified by it against the suite's signature. */
function expecting(signature: Uint8Array, signer: Signer, seen: (text: string) => void): BlobSigner {
  return {
    email: signer.client_email,
    async sign(bytes) {
      seen(new TextDecoder().decode(bytes));
      equal(await rsaVerify(signer.public_key, bytes, signature), true);
      return signature;
    },
  };
}

async function checkUrl(each: UrlCase, signer: Signer): Promise<void> {
  const { method, headers, timestamp, expiration, expectedUrl } = each;
  const query = Object.entries(each.queryParameters ?? {}).map(
    ([k, v]) => `${encodeStrict(k)}=${encodeStrict(v)}`,
  );
  const signature = /X-Goog-Signature=([0-9a-f]+)/.exec(expectedUrl)?.[1] as string;
  const at = new Date(timestamp);
  const expected = expecting(Buffer.from(signature, "hex"), signer, (text) =>
    equal(text, each.expectedStringToSign),
  );
  const address = gcsAddress(locationOf(each));
  const request = { method, ...address, query: query.join("&"), headers };
  equal(await signGcsUrl(request, { signer: expected, expiresInSeconds: expiration, at }), expectedUrl);

  const { host, pathname, search } = new URL(expectedUrl);
  const sent = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  const verified = await verifyGcsUrl(
    { method, path: pathname, query: search.slice(1), headers: { host, ...Object.fromEntries(sent) } },
    { publicKeysOf: () => [signer.public_key], now: at },
  );
  equal(verified.ok ? verified.email : verified.problem, signer.client_email);
}

async function checkPost({ policyInput, policyOutput }: PostCase, signer: Signer): Promise<void> {
  const { fields, conditions = {}, expiration, timestamp } = policyInput;
  const list: PolicyCondition[] = [];
  if (conditions.startsWith) list.push(["starts-with", ...conditions.startsWith]);
  if (conditions.contentLengthRange) list.push(["content-length-range", ...conditions.contentLengthRange]);
  const { "x-goog-signature": signature = "", policy = "" } = policyOutput.fields;
  const result = await signGcsPostPolicy({
    location: locationOf(policyInput),
    signer: expecting(Buffer.from(signature, "hex"), signer, (text) => equal(text, policy)),
    expiresInSeconds: expiration,
    at: new Date(timestamp),
    fields,
    conditions: list,
  });
  equal(result, { url: policyOutput.url, fields: policyOutput.fields });
  // The suite's decoded text has no escapes; its encoded one, compared above, has.
  const decoded = new TextDecoder().decode(fromBase64(policy));
  equal(JSON.parse(decoded), JSON.parse(policyOutput.expectedDecodedPolicy));
}

/** How the official clients' settings name the host, in the order in which they count. */
function locationOf(each: Common): GcsLocation {
  const { bucket, object, scheme = "https", urlStyle, bucketBoundHostname } = each;
  const host =
    each.hostname ??
    each.clientEndpoint ??
    each.emulatorHostname ??
    `storage.${each.universeDomain ?? "googleapis.com"}`;
  const origin = (name: string) => (name.includes("://") ? name : `${scheme}://${name}`);
  if (urlStyle === "BUCKET_BOUND_HOSTNAME") {
    return { bucket, object, origin: origin(bucketBoundHostname as string), style: "bound" };
  }
  return {
    bucket,
    object,
    origin: origin(host),
    style: urlStyle === "VIRTUAL_HOSTED_STYLE" ? "virtual" : "path",
  };
}
