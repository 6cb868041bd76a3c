/** A blob's state as the headers of reads and the elements of listings say it. */
import { leaseShown } from "./lease.js";
import type { BlobEntry, BlobState, ContentHeaders } from "./store.js";

const ACCESS_TIER = "Hot";

/** Members that Get Blob and Get Blob Properties share. */
export function propertiesShown(state: BlobState, entry: BlobEntry | undefined, now: number) {
  return {
    lastModified: state.lastModified,
    createdOn: state.createdOn,
    metadata: state.metadata,
    etag: state.etag,
    blobType: state.type,
    contentType: state.headers.contentType ?? "application/octet-stream",
    contentEncoding: state.headers.contentEncoding,
    contentLanguage: state.headers.contentLanguage,
    contentDisposition: state.headers.contentDisposition,
    cacheControl: state.headers.cacheControl,
    acceptRanges: "bytes",
    isServerEncrypted: true,
    ...(entry !== undefined && leaseShown(entry.lease, now)),
    ...copyShown(state),
    ...(Object.keys(state.tags).length > 0 && { tagCount: Object.keys(state.tags).length }),
    ...(state.type === "PageBlob" && { blobSequenceNumber: state.sequenceNumber }),
    ...(state.type === "AppendBlob" && {
      blobCommittedBlockCount: state.blocks.length,
      ...(state.sealed && { isSealed: true }),
    }),
    ...(state.legalHold && { legalHold: true }),
    ...(state.immutability && {
      immutabilityPolicyExpiresOn: state.immutability.until,
      immutabilityPolicyMode: state.immutability.mode,
    }),
  };
}

export function tierShown(state: BlobState) {
  if (state.type !== "BlockBlob") return {};
  return {
    accessTier: state.tier ?? ACCESS_TIER,
    ...(state.tier === undefined && { accessTierInferred: true }),
    ...(state.tierChangedOn && { accessTierChangedOn: state.tierChangedOn }),
  };
}

function copyShown({ copy }: BlobState) {
  if (copy === undefined) return {};
  return {
    copyId: copy.id,
    copySource: copy.source,
    copyStatus: copy.status,
    copyProgress: `${copy.bytes}/${copy.bytes}`,
    copyCompletedOn: copy.completedOn,
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
  const { contentType = "application/octet-stream", ...headers } = state.headers;
  const { tags } = state;
  return {
    name,
    ...(snapshot !== undefined && { snapshot }),
    properties: {
      createdOn: state.createdOn,
      lastModified: state.lastModified,
      etag: state.etag.replaceAll('"', ""),
      contentLength: state.bytes.length,
      contentType,
      contentEncoding: headers.contentEncoding ?? "",
      contentLanguage: headers.contentLanguage ?? "",
      contentMD5: headers.contentMD5,
      cacheControl: headers.cacheControl ?? "",
      contentDisposition: headers.contentDisposition ?? "",
      blobType: state.type,
      ...tierShown(state),
      ...(entry && snapshot === undefined && leaseShown(entry.lease, now)),
      ...(include.has("copy") && copyShown(state)),
      serverEncrypted: true,
      ...(state.type === "PageBlob" && { blobSequenceNumber: state.sequenceNumber }),
      ...(state.sealed && { isSealed: true }),
      ...(Object.keys(tags).length > 0 && { tagCount: Object.keys(tags).length }),
    },
    ...(include.has("metadata") && { metadata: state.metadata }),
    ...(include.has("tags") && Object.keys(tags).length > 0 && { blobTags: { blobTagSet: tagSet(tags) } }),
  };
}

export function tagSet(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
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
