/** Listings: objects (both versions of the API), object versions, grouped by delimiter and cut into pages. */
import type { S3 } from "../../../gen/aws/s3.js";
import type { Handlers } from "../../service.js";
import { checkAnonymous } from "./anonymous.js";
import { CHECKSUM_ALGORITHMS, CHECKSUM_MEMBERS } from "./checksums.js";
import { invalidArgument } from "./errors.js";
import { bucketFor } from "./object-version.js";
import { compareUtf8, type Objects, type ObjectVersion } from "./store.js";

/** S3 gives no more, whatever is asked. */
export const PAGE_MAX = 1000;

export const listHandlers: Handlers<S3> = {
  listObjectsV2(input, context) {
    const bucket = bucketFor(input, context);
    checkAnonymous(context, bucket, bucket.acl, "READ", "s3:ListBucket");
    if (bucket.zone !== undefined) checkDirectoryList(input);
    const { Prefix = "", Delimiter, StartAfter, ContinuationToken, FetchOwner, EncodingType } = input;
    const limit = pageSize(input.MaxKeys, "max-keys");
    const after = ContinuationToken === undefined ? StartAfter : decodeToken(ContinuationToken);
    const page = listKeys(bucket.objects, Prefix, Delimiter, after, limit);
    const encode = encoder(EncodingType);
    return {
      IsTruncated: page.next !== undefined,
      Contents: page.objects.map((object) => summary(object, encode, FetchOwner === true)),
      Name: bucket.name,
      Prefix: encode(Prefix),
      Delimiter: Delimiter && encode(Delimiter),
      MaxKeys: limit,
      CommonPrefixes: page.prefixes.map((each) => ({ Prefix: encode(each) })),
      EncodingType,
      KeyCount: page.objects.length + page.prefixes.length,
      ContinuationToken,
      NextContinuationToken: page.next && encodeToken(page.next),
      StartAfter: StartAfter && encode(StartAfter),
    };
  },

  listObjects(input, context) {
    const bucket = bucketFor(input, context);
    checkAnonymous(context, bucket, bucket.acl, "READ", "s3:ListBucket");
    const { Prefix = "", Delimiter, Marker, EncodingType } = input;
    const limit = pageSize(input.MaxKeys, "max-keys");
    const page = listKeys(bucket.objects, Prefix, Delimiter, Marker, limit);
    const encode = encoder(EncodingType);
    return {
      IsTruncated: page.next !== undefined,
      Marker: encode(Marker ?? ""),
      // Without a delimiter the last key is the marker, and S3 does not repeat it.
      NextMarker: Delimiter && page.next !== undefined ? encode(page.next) : undefined,
      Contents: page.objects.map((object) => summary(object, encode, true)),
      Name: bucket.name,
      Prefix: encode(Prefix),
      Delimiter: Delimiter && encode(Delimiter),
      MaxKeys: limit,
      CommonPrefixes: page.prefixes.map((each) => ({ Prefix: encode(each) })),
      EncodingType,
    };
  },

  listObjectVersions(input, context) {
    const bucket = bucketFor(input, context);
    const { Prefix = "", Delimiter, KeyMarker = "", VersionIdMarker = "", EncodingType } = input;
    if (VersionIdMarker !== "" && KeyMarker === "") {
      throw invalidArgument(
        "A version-id marker cannot be specified without a key marker.",
        "version-id-marker",
        VersionIdMarker,
      );
    }
    const limit = pageSize(input.MaxKeys, "max-keys");
    const page = listVersions(bucket.objects, { Prefix, Delimiter, KeyMarker, VersionIdMarker }, limit);
    const encode = encoder(EncodingType);
    const latest = (version: ObjectVersion) => bucket.objects.current(version.key) === version;
    const entry = (version: ObjectVersion) => ({
      Key: encode(version.key),
      VersionId: version.versionId,
      IsLatest: latest(version),
      LastModified: version.lastModified,
      Owner: ownerOf(version.owner),
    });
    return {
      IsTruncated: page.next !== undefined,
      KeyMarker: encode(KeyMarker),
      VersionIdMarker,
      NextKeyMarker: page.next && encode(page.next.key),
      NextVersionIdMarker: page.next?.versionId,
      Versions: page.versions
        .filter(({ deleteMarker }) => !deleteMarker)
        .map((version) => ({
          ...entry(version),
          ETag: version.etag,
          ...algorithms(version),
          Size: version.bytes.length,
          StorageClass: version.storageClass,
        })),
      DeleteMarkers: page.versions.filter(({ deleteMarker }) => deleteMarker).map(entry),
      Name: bucket.name,
      Prefix: encode(Prefix),
      Delimiter: Delimiter && encode(Delimiter),
      MaxKeys: limit,
      CommonPrefixes: page.prefixes.map((each) => ({ Prefix: encode(each) })),
      EncodingType,
    };
  },
};

/** Directory buckets list by directories. */
function checkDirectoryList({ Prefix = "", Delimiter = "/" }: { Prefix?: string; Delimiter?: string }): void {
  if (Delimiter !== "/") {
    throw invalidArgument("The only delimiter of directory buckets is /", "delimiter", Delimiter);
  }
  if (Prefix !== "" && !Prefix.endsWith("/")) {
    throw invalidArgument("A prefix of directory buckets must end with the delimiter /", "prefix", Prefix);
  }
}

interface KeyPage {
  readonly objects: ObjectVersion[];
  readonly prefixes: string[];
  /** Last key or prefix of this page, when there is more. */
  readonly next: string | undefined;
}

function listKeys(
  objects: Objects,
  prefix: string,
  delimiter: string | undefined,
  after: string | undefined,
  limit: number,
): KeyPage {
  const found: ObjectVersion[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  if (limit === 0) return { objects: found, prefixes, next: undefined };
  const keys = objects.keys();
  for (let i = firstKey(keys, prefix, after); i < keys.length; i++) {
    const key = keys[i] as string;
    if (!key.startsWith(prefix)) break;
    const object = objects.current(key) as ObjectVersion;
    if (object.deleteMarker) continue;
    const group = groupOf(key, prefix, delimiter);
    // The marker of a page that ended with a group: all of the group was on that page.
    if (group !== undefined && (group === after || group === prefixes.at(-1))) continue;
    if (found.length + prefixes.length === limit) return { objects: found, prefixes, next: last };
    if (group === undefined) found.push(object);
    else prefixes.push(group);
    last = group ?? key;
  }
  return { objects: found, prefixes, next: undefined };
}

/** Index of the first key that may be listed: at or behind the prefix, behind the marker. */
function firstKey(keys: readonly string[], prefix: string, after: string | undefined): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const key = keys[middle] as string;
    const before = compareUtf8(key, prefix) < 0 || (after !== undefined && compareUtf8(key, after) <= 0);
    if (before) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The key up to and with the first delimiter behind the prefix. */
export function groupOf(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (!delimiter) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

interface VersionQuery {
  readonly Prefix: string;
  readonly Delimiter: string | undefined;
  readonly KeyMarker: string;
  readonly VersionIdMarker: string;
}

interface VersionPage {
  readonly versions: ObjectVersion[];
  readonly prefixes: string[];
  readonly next: { readonly key: string; readonly versionId: string | undefined } | undefined;
}

function listVersions(objects: Objects, query: VersionQuery, limit: number): VersionPage {
  const { Prefix, Delimiter, KeyMarker, VersionIdMarker } = query;
  const found: ObjectVersion[] = [];
  const prefixes: string[] = [];
  let next: VersionPage["next"];
  if (limit === 0) return { versions: found, prefixes, next };
  for (const key of objects.keys()) {
    const order = compareUtf8(key, KeyMarker);
    if (!key.startsWith(Prefix) || order < 0 || (order === 0 && VersionIdMarker === "")) continue;
    const group = groupOf(key, Prefix, Delimiter);
    if (group !== undefined) {
      if (group === KeyMarker || group === prefixes.at(-1)) continue;
      if (found.length + prefixes.length === limit) return { versions: found, prefixes, next };
      prefixes.push(group);
      next = { key: group, versionId: undefined };
      continue;
    }
    let skipping = order === 0;
    for (const version of objects.versions(key)) {
      if (skipping) {
        skipping = version.versionId !== VersionIdMarker;
        continue;
      }
      if (found.length + prefixes.length === limit) return { versions: found, prefixes, next };
      found.push(version);
      next = { key, versionId: version.versionId };
    }
  }
  return { versions: found, prefixes, next: undefined };
}

function summary(object: ObjectVersion, encode: (text: string) => string, owner: boolean) {
  return {
    Key: encode(object.key),
    LastModified: object.lastModified,
    ETag: object.etag,
    ...algorithms(object),
    Size: object.bytes.length,
    StorageClass: object.storageClass,
    Owner: owner ? ownerOf(object.owner) : undefined,
  };
}

function algorithms({ checksums, checksumType }: ObjectVersion) {
  if (checksumType === undefined) return undefined;
  const ChecksumAlgorithm = CHECKSUM_ALGORITHMS.filter((name) => CHECKSUM_MEMBERS[name] in checksums);
  return { ChecksumAlgorithm, ChecksumType: checksumType };
}

export function ownerOf(id: string) {
  return { ID: id, DisplayName: "webfile" };
}

const INTEGER_MAX = 2_147_483_647;

export function pageSize(asked: number | undefined, name: string): number {
  if (asked === undefined) return PAGE_MAX;
  if (!Number.isInteger(asked) || asked < 0) {
    throw invalidArgument(
      `Argument ${name} must be an integer between 0 and 2147483647`,
      name,
      String(asked),
    );
  }
  if (asked > INTEGER_MAX) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, String(asked));
  }
  return Math.min(asked, PAGE_MAX);
}

/** `encoding-type=url`: keys may hold what XML cannot. */
export function encoder(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text;
  if (type !== "url")
    throw invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", type);
  return (text) =>
    encodeURIComponent(text)
      .replaceAll("%2F", "/")
      .replace(/[!'()]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function encodeToken(key: string): string {
  return Buffer.from(`1:${key}`, "utf8").toString("base64");
}

export function decodeToken(token: string): string {
  const text = Buffer.from(token, "base64").toString("utf8");
  if (text.startsWith("1:")) return text.slice(2);
  throw invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
}
