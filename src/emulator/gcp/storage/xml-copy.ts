/** Copies by the XML API. https://cloud.google.com/storage/docs/xml-api/put-object-copy */
import type { EncodedResponse } from "../../../protocol/protocol.js";
import { type Context, EmulatorError, type IncomingRequest } from "../../service.js";
import { copy } from "./objects.js";
import { xmlAcl, xmlEtag, xmlMetadata } from "./xml-metadata.js";

/** `/bucket/object` or `bucket/object`, percent-encoded, with a generation when one is meant. */
const SOURCE = /^\/?([^/]+)\/([^?#]+)(?:[?#](?:generation=|versionId=)?(\d+))?$/;

export function copyXml(
  { headers }: IncomingRequest,
  context: Context,
  destinationBucket: string,
  destinationObject: string,
): EncodedResponse {
  const parsed = SOURCE.exec(headers["x-goog-copy-source"] ?? "");
  if (parsed === null) throw new EmulatorError("invalid", "Invalid argument: x-goog-copy-source.", 400);
  const [, bucket = "", object = "", generation] = parsed;
  const { resource, ...copied } = copy(context, {
    sourceBucket: decodeURIComponent(bucket),
    sourceObject: decodeURIComponent(object),
    sourceGeneration: headers["x-goog-copy-source-generation"] ?? generation,
    destinationBucket,
    destinationObject,
    destinationPredefinedAcl: xmlAcl(headers["x-goog-acl"]),
    destinationKmsKeyName: headers["x-goog-encryption-kms-key-name"],
    ifGenerationMatch: headers["x-goog-if-generation-match"],
    ifMetagenerationMatch: headers["x-goog-if-metageneration-match"],
    ...(headers["x-goog-metadata-directive"] === "REPLACE" && { body: xmlMetadata(headers) }),
    ...sourcePreconditions(headers),
  });
  return {
    status: 200,
    headers: {
      "content-type": "application/xml; charset=UTF-8",
      "x-goog-generation": copied.generation,
      "x-goog-metageneration": "1",
      "x-goog-hash": `crc32c=${resource.crc32c}`,
    },
    body: `<?xml version='1.0' encoding='UTF-8'?><CopyObjectResult xmlns='http://doc.s3.amazonaws.com/2006-03-01'><LastModified>${resource.updated}</LastModified><ETag>${xmlEtag(resource)}</ETag></CopyObjectResult>`,
  };
}

function sourcePreconditions(headers: IncomingRequest["headers"]) {
  return {
    ifSourceGenerationMatch: headers["x-goog-copy-source-if-generation-match"],
    ifSourceMetagenerationMatch: headers["x-goog-copy-source-if-metageneration-match"],
  };
}
