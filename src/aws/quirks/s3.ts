/** S3's exceptions, as botocore's handlers have them. */
import type { Call } from "../../client/backend.js";
import { invalidInput } from "../../internal/cloud-error.js";
import type { Values } from "../../protocol/protocol.js";
import { base64Of, md5Base64 } from "./encoding.js";
import type { Quirk } from "./quirk.js";

/** Keys may hold characters that XML cannot: S3 is asked to encode them, and what it encoded is decoded. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const ENCODED_BY_US = Symbol("encoding type set here");

export const urlEncodedKeys: Quirk = {
  fill(input) {
    return input.EncodingType === undefined
      ? { ...input, EncodingType: "url", [ENCODED_BY_US]: true }
      : input;
  },
  output(output, call) {
    if (output.EncodingType !== "url" || !isEncodedByUs(call)) return output;
    for (const name of [
      "Delimiter",
      "Marker",
      "NextMarker",
      "Prefix",
      "StartAfter",
      "KeyMarker",
      "NextKeyMarker",
    ]) {
      decodeMember(output, name);
    }
    for (const [list, name] of NESTED) {
      const items = output[list];
      if (Array.isArray(items)) for (const item of items as Values[]) decodeMember(item, name);
    }
    return output;
  },
};

const NESTED = [
  ["Contents", "Key"],
  ["CommonPrefixes", "Prefix"],
  ["Versions", "Key"],
  ["DeleteMarkers", "Key"],
] as const;

function isEncodedByUs({ input }: Call): boolean {
  return (input as Record<symbol, unknown>)[ENCODED_BY_US] === true;
}

function decodeMember(values: Values, name: string): void {
  const value = values[name];
  // Most keys hold nothing that was encoded.
  if (typeof value !== "string" || !(value.includes("%") || value.includes("+"))) return;
  values[name] = decodeURIComponent(value.replaceAll("+", "%20"));
}

/** A customer's key goes as Base64, with the MD5 of the key beside it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html */
export const customerKey: Quirk = {
  fill: (input) => withKeyDigest(withKeyDigest(input, "SSECustomer"), "CopySourceSSECustomer"),
};

function withKeyDigest(input: Values, prefix: string): Values {
  const key = input[`${prefix}Key`];
  if ((typeof key !== "string" && !(key instanceof Uint8Array)) || input[`${prefix}KeyMD5`] !== undefined)
    return input;
  return { ...input, [`${prefix}Key`]: base64Of(key), [`${prefix}KeyMD5`]: md5Base64(key) };
}

/** The source's key is percent-encoded; its bucket and version are not touched. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const copySource: Quirk = {
  fill(input) {
    const source = input.CopySource as string | CopySource | undefined;
    if (typeof source === "object") return { ...input, CopySource: joined(source) };
    if (source === undefined) return input;
    const version = /\?versionId=\S+$/.exec(source)?.[0] ?? "";
    const path = version === "" ? source : source.slice(0, -version.length);
    return { ...input, CopySource: encodePath(path) + version };
  },
};

interface CopySource {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

/** Objects of an access point or an outpost are under `object/`. */
function joined({ Bucket, Key, VersionId }: CopySource): string {
  const separator = /^arn:aws[\w-]*:s3(-outposts)?:/.test(Bucket) ? "/object/" : "/";
  return encodePath(Bucket + separator + Key) + (VersionId === undefined ? "" : `?versionId=${VersionId}`);
}

/** Percent-encodes what is not encoded yet but for slashes; boto3 does the same. */
function encodePath(path: string): string {
  return encodeURIComponent(path)
    .replaceAll("%2F", "/")
    .replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Metadata travels in headers. */
export const asciiMetadata: Quirk = {
  fill(input) {
    for (const [name, value] of Object.entries((input.Metadata ?? {}) as Record<string, string>)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what is not ASCII is refused.
      if (/[^\x00-\x7f]/.test(name + value)) {
        throw invalidInput(`input.Metadata.${name} must be ASCII: S3 keeps metadata in headers`);
      }
    }
    return input;
  },
};

/** The region is the text of the answer's root. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
export const bucketLocation: Quirk = {
  output(output, _call, response) {
    const location = locationText(response);
    return location === undefined || output.LocationConstraint !== undefined
      ? output
      : { ...output, LocationConstraint: location };
  },
};

function locationText(response: object): string | undefined {
  const document = DOCUMENTS.get(response);
  return document === undefined ? undefined : /<LocationConstraint[^>]*>([^<]+)</.exec(document)?.[1];
}

/** Documents whose root text a quirk needs after the protocol read them. */
const DOCUMENTS = /* @__PURE__ */ new WeakMap<object, string>();

export function keepDocument(response: object, bytes: Uint8Array): void {
  DOCUMENTS.set(response, new TextDecoder().decode(bytes));
}
