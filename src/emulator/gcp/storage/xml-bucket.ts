/** Buckets by the XML API: listed, made, looked at, deleted. https://cloud.google.com/storage/docs/xml-api/reference-methods */
import { escapeXml } from "../../../protocol/codec/xml.js";
import type { EncodedResponse } from "../../../protocol/protocol.js";
import type { Context, IncomingRequest } from "../../service.js";
import { bucketHandlers } from "./buckets.js";
import { storageStore } from "./store.js";
import { xmlAcl } from "./xml-metadata.js";

const CONFIGURATION_BYTES_MAX = 1024 * 1024;

/** Answers a request of a bucket, or of all where `name` is empty; undefined for others. */
export async function answerXmlBucket(
  request: IncomingRequest,
  context: Context,
  name: string,
): Promise<EncodedResponse | undefined> {
  const { method, headers } = request;
  if (name === "") return method === "GET" ? list(context) : undefined;
  switch (method) {
    case "HEAD":
      context.store(storageStore).bucket(name);
      return { status: 200, headers: {} };
    case "PUT": {
      const text = new TextDecoder().decode(await request.body.bytes(CONFIGURATION_BYTES_MAX));
      const location = /<LocationConstraint>([^<]+)/.exec(text)?.[1];
      const storageClass = /<StorageClass>([^<]+)/.exec(text)?.[1] ?? headers["x-goog-storage-class"];
      const predefinedAcl = xmlAcl(headers["x-goog-acl"]);
      const project = headers["x-goog-project-id"] ?? context.account;
      const body = {
        name,
        ...(location !== undefined && { location }),
        ...(storageClass !== undefined && { storageClass }),
      };
      await bucketHandlers["buckets.insert"]?.(
        { project, body, ...(predefinedAcl !== undefined && { predefinedAcl }) },
        context,
      );
      return { status: 200, headers: {} };
    }
    case "DELETE":
      await bucketHandlers["buckets.delete"]?.({ bucket: name }, context);
      return { status: 204, headers: {} };
    default:
      return undefined;
  }
}

function list(context: Context): EncodedResponse {
  const buckets = [...context.store(storageStore).buckets.values()].map(
    ({ name, resource }) =>
      `<Bucket><Name>${escapeXml(name)}</Name><CreationDate>${resource.timeCreated}</CreationDate></Bucket>`,
  );
  return {
    status: 200,
    headers: { "content-type": "application/xml; charset=UTF-8" },
    body: `<?xml version='1.0' encoding='UTF-8'?><ListAllMyBucketsResult xmlns='http://doc.s3.amazonaws.com/2006-03-01'><Buckets>${buckets.join("")}</Buckets></ListAllMyBucketsResult>`,
  };
}
