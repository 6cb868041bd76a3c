/** A blob's state as the headers of reads and the elements of listings say it. */
import { leaseShown } from "./lease.js";
import type { BlobEntry, BlobState, ContentHeaders } from "./store.js";
import { settleTier, tierShown } from "./tier.js";

/** Members that Get Blob and Get Blob Properties share. */
export function propertiesShown(state: BlobState, entry: BlobEntry | undefined, now: number) {
  return {
    lastModified: state.lastModified,
    createdOn: state.createdOn,
    metadata: state.metadata,
    etag: state.etag,
    blobType: state.type,
    contentType: state.headers.contentType,
    contentEncoding: state.headers.contentEncoding,
    contentLanguage: state.headers.contentLanguage,
    contentDisposition: state.headers.contentDisposition,
    cacheControl: state.headers.cacheControl,
    acceptRanges: "bytes",
    isServerEncrypted: true,
    ...(state.customerKey !== undefined && { encryptionKeySha256: state.customerKey }),
    ...(state.versionId !== undefined && {
      versionId: state.versionId,
      ...(entry !== undefined && { isCurrentVersion: true }),
    }),
    ...(entry !== undefined && leaseShown(entry.lease, now)),
    ...copyShown(state),
    ...(Object.keys(state.tags).length > 0 && { tagCount: Object.keys(state.tags).length }),
    ...(state.type === "PageBlob" && { blobSequenceNumber: state.sequenceNumber }),
    ...(state.type === "AppendBlob" && {
      blobCommittedBlockCount: state.blocks.length,
      ...(state.sealed && { isSealed: true }),
    }),
    ...(state.legalHold && { legalHold: true }),
    ...immutabilityShown(state),
  };
}

function immutabilityShown({ immutability }: BlobState) {
  if (immutability === undefined) return {};
  return { immutabilityPolicyExpiresOn: immutability.until, immutabilityPolicyMode: immutability.mode };
}

function copyShown({ copy }: BlobState) {
  if (copy === undefined) return {};
  return {
    copyId: copy.id,
    copySource: copy.source,
    copyStatus: copy.status,
    copyProgress: `${copy.bytes}/${copy.bytes}`,
    copyCompletedOn: copy.completedOn,
    ...(copy.destinationSnapshot && {
      isIncrementalCopy: true,
      destinationSnapshot: copy.destinationSnapshot,
    }),
  };
}

/** The element of a listing. */
export function itemShown(
  name: string,
  state: BlobState,
  entry: BlobEntry | undefined,
  include: ReadonlySet<string>,
  now: number,
  snapshot?: string,
) {
  const { headers, tags } = state;
  settleTier(state, now);
  return {
    name,
    ...(include.has("versions") &&
      state.versionId !== undefined && {
        versionId: state.versionId,
        ...(entry?.current === state && { isCurrentVersion: true }),
      }),
    ...(snapshot !== undefined && { snapshot }),
    properties: {
      createdOn: state.createdOn,
      lastModified: state.lastModified,
      etag: state.etag.replaceAll('"', ""),
      contentLength: state.bytes.length,
      contentType: headers.contentType ?? "",
      contentEncoding: headers.contentEncoding ?? "",
      contentLanguage: headers.contentLanguage ?? "",
      contentMD5: headers.contentMD5,
      cacheControl: headers.cacheControl ?? "",
      contentDisposition: headers.contentDisposition ?? "",
      blobType: state.type,
      ...tierShown(state),
      ...(entry?.current === state && leaseShown(entry.lease, now)),
      ...(include.has("copy") && copyShown(state)),
      serverEncrypted: true,
      ...(state.customerKey !== undefined && { customerProvidedKeySha256: state.customerKey }),
      ...(state.type === "PageBlob" && { blobSequenceNumber: state.sequenceNumber }),
      ...(state.sealed && { isSealed: true }),
      ...(Object.keys(tags).length > 0 && { tagCount: Object.keys(tags).length }),
      ...(include.has("immutabilitypolicy") && immutabilityShown(state)),
      ...(include.has("legalhold") && state.legalHold && { legalHold: true }),
    },
    ...(include.has("metadata") && { metadata: state.metadata }),
    ...(include.has("tags") && Object.keys(tags).length > 0 && { blobTags: { blobTagSet: tagSet(tags) } }),
  };
}

export function tagSet(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** Those that a request says. */
export function stated(headers: ContentHeaders): Partial<ContentHeaders> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}

export interface BlobHeaderInput {
  readonly blobContentType?: string | undefined;
  readonly blobContentEncoding?: string | undefined;
  readonly blobContentLanguage?: string | undefined;
  readonly blobContentDisposition?: string | undefined;
  readonly blobCacheControl?: string | undefined;
  readonly blobContentMD5?: Uint8Array | undefined;
}

export function headersOf(input: BlobHeaderInput): ContentHeaders {
  return {
    contentType: input.blobContentType,
    contentEncoding: input.blobContentEncoding,
    contentLanguage: input.blobContentLanguage,
    contentDisposition: input.blobContentDisposition,
    cacheControl: input.blobCacheControl,
    contentMD5: input.blobContentMD5,
  };
}
