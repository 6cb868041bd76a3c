/**
 * Multipart uploads of the XML API: parts in any order, made one object in the end.
 * https://cloud.google.com/storage/docs/multipart-uploads
 */
import type { EncodedResponse } from "../../../protocol/protocol.js";
import { type Context, EmulatorError, type IncomingRequest } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { insert } from "./objects.js";
import { storageStore } from "./store.js";
import { hashesOf } from "./write.js";
import { xmlAcl, xmlEtag, xmlMetadata } from "./xml-metadata.js";

const XML_BYTES_MAX = 1024 * 1024;
const PARTS_MAX = 10_000;

/** Answers a request of a multipart upload; undefined for others. */
export async function answerXmlMultipart(
  request: IncomingRequest,
  context: Context,
  bucketName: string,
  name: string,
): Promise<EncodedResponse | undefined> {
  const query = new URLSearchParams(request.query);
  const id = query.get("uploadId");
  const store = context.store(storageStore);
  if (request.method === "POST" && query.has("uploads")) {
    store.bucket(bucketName);
    const uploadId = globalThis.crypto.randomUUID();
    const { headers } = request;
    store.parts.set(uploadId, {
      bucket: bucketName,
      name,
      body: xmlMetadata(headers),
      kmsKeyName: headers["x-goog-encryption-kms-key-name"],
      predefinedAcl: xmlAcl(headers["x-goog-acl"]),
      parts: new Map(),
    });
    return xml(
      `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`,
    );
  }
  if (id === null) return undefined;
  const upload = store.parts.get(id);
  if (upload === undefined || upload.bucket !== bucketName || upload.name !== name) {
    throw new EmulatorError("NoSuchUpload", "The requested upload was not found.", 404);
  }
  switch (request.method) {
    case "PUT": {
      if (request.headers["x-goog-copy-source"] !== undefined) throw notImplemented("copies into parts");
      const number = Number(query.get("partNumber"));
      if (!(Number.isInteger(number) && number >= 1 && number <= PARTS_MAX)) {
        throw new EmulatorError("invalid", "Invalid part number.", 400);
      }
      const bytes = await StoredBytes.read(request.body, context.memory);
      context.memory.release(upload.parts.get(number)?.length ?? 0);
      upload.parts.set(number, bytes);
      const { crc32c, md5Hash } = hashesOf(bytes);
      const hash = `crc32c=${crc32c},md5=${md5Hash}`;
      return { status: 200, headers: { etag: etagOf(bytes), "x-goog-hash": hash, "content-length": "0" } };
    }
    case "POST": {
      const text = new TextDecoder().decode(await request.body.bytes(XML_BYTES_MAX));
      const bytes = StoredBytes.concat(partsNamed(text, upload.parts));
      const bucket = store.bucket(bucketName);
      const { resource } = insert(context, bucket, upload, upload.body, bytes);
      store.parts.delete(id);
      return xml(
        `<CompleteMultipartUploadResult><ETag>${xmlEtag(resource)}</ETag></CompleteMultipartUploadResult>`,
      );
    }
    case "DELETE":
      for (const part of upload.parts.values()) context.memory.release(part.length);
      store.parts.delete(id);
      return { status: 204, headers: {} };
    default:
      throw notImplemented("lists of parts");
  }
}

function notImplemented(what: string): EmulatorError {
  return new EmulatorError("NotImplemented", `The emulator does not implement storage's XML ${what}`, 501);
}

function partsNamed(text: string, known: ReadonlyMap<number, StoredBytes>): StoredBytes[] {
  return [...text.matchAll(/<Part>([\s\S]*?)<\/Part>/g)].map(([, part = ""]) => {
    const bytes = known.get(Number(/<PartNumber>\s*(\d+)/.exec(part)?.[1]));
    const etag = /<ETag>\s*(?:"|&quot;)?([0-9a-f]+)/.exec(part)?.[1];
    if (bytes === undefined || etag !== etagOf(bytes).slice(1, -1)) {
      throw new EmulatorError("InvalidPart", "One or more of the specified parts could not be found.", 400);
    }
    return bytes;
  });
}

/** MD5 in hexadecimal, in quotes. */
function etagOf(bytes: StoredBytes): string {
  return `"${Buffer.from(hashesOf(bytes).md5Hash, "base64").toString("hex")}"`;
}

function xml(body: string): EncodedResponse {
  return {
    status: 200,
    headers: { "content-type": "application/xml; charset=UTF-8" },
    body: `<?xml version='1.0' encoding='UTF-8'?>${body.replace(/^<(\w+)>/, '<$1 xmlns="http://s3.amazonaws.com/doc/2006-03-01/">')}`,
  };
}
