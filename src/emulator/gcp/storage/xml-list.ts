/** The XML API's listing of a bucket. https://cloud.google.com/storage/docs/xml-api/get-bucket-list */
import { escapeXml } from "../../../protocol/codec/xml.js";
import type { EncodedResponse } from "../../../protocol/protocol.js";
import type { Context, IncomingRequest } from "../../service.js";
import { listObjects } from "./listing.js";
import { type StoredObject, storageStore } from "./store.js";
import { xmlEtag } from "./xml-metadata.js";

export function listXml(request: IncomingRequest, context: Context, bucketName: string): EncodedResponse {
  const query = new URLSearchParams(request.query);
  const bucket = context.store(storageStore).bucket(bucketName);
  const isSecond = query.get("list-type") === "2";
  const limit = query.get("max-keys");
  const token = query.get(isSecond ? "continuation-token" : "marker") || undefined;
  const after = isSecond ? query.get("start-after") || undefined : token;
  const { objects, prefixes, nextPageToken } = listObjects(bucket, {
    prefix: query.get("prefix") ?? undefined,
    delimiter: query.get("delimiter") ?? undefined,
    pageToken: (isSecond ? token : undefined) ?? (after && Buffer.from(after).toString("base64")),
    maxResults: limit === null || !/^\d+$/.test(limit) ? undefined : Number(limit),
  });
  const next = nextPageToken === undefined ? undefined : nextOf(nextPageToken, isSecond);
  const parts = [
    element("Name", bucketName),
    element("Prefix", query.get("prefix") ?? ""),
    ...(query.has("delimiter") ? [element("Delimiter", query.get("delimiter") ?? "")] : []),
    isSecond ? element("KeyCount", String(objects.length + prefixes.length)) : element("Marker", token ?? ""),
    ...(next === undefined ? [] : [element(isSecond ? "NextContinuationToken" : "NextMarker", next)]),
    element("IsTruncated", String(next !== undefined)),
    ...objects.map(contents),
    ...prefixes.map((prefix) => `<CommonPrefixes>${element("Prefix", prefix)}</CommonPrefixes>`),
  ];
  return {
    status: 200,
    headers: { "content-type": "application/xml; charset=UTF-8" },
    body: `<?xml version='1.0' encoding='UTF-8'?><ListBucketResult xmlns='http://doc.s3.amazonaws.com/2006-03-01'>${parts.join("")}</ListBucketResult>`,
  };
}

/** A marker is the name itself. */
function nextOf(token: string, isSecond: boolean): string {
  return isSecond ? token : Buffer.from(token, "base64").toString();
}

function contents({ resource, generation, metageneration }: StoredObject): string {
  const members = {
    Key: resource.name ?? "",
    Generation: generation,
    MetaGeneration: String(metageneration),
    LastModified: resource.updated ?? "",
    ETag: xmlEtag(resource),
    Size: resource.size ?? "0",
  };
  const text = Object.entries(members).map(([name, value]) => element(name, value));
  return `<Contents>${text.join("")}</Contents>`;
}

function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}
