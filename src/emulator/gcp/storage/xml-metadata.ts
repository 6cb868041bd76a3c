/** An object's metadata in the headers of the XML API. https://cloud.google.com/storage/docs/xml-api/reference-headers */
import type { Object as StorageObject } from "../../../gen/gcp/storage.js";
import type { Values } from "../../../protocol/protocol.js";
import type { Draft } from "./store.js";

/** As the JSON API's resource names them. */
export function xmlMetadata(headers: Readonly<Record<string, string>>): Values {
  const custom = Object.entries(headers)
    .filter(([name]) => name.startsWith("x-goog-meta-"))
    .map(([name, value]) => [name.slice("x-goog-meta-".length), value]);
  return {
    contentType: headers["content-type"],
    contentEncoding: headers["content-encoding"],
    contentDisposition: headers["content-disposition"],
    contentLanguage: headers["content-language"],
    cacheControl: headers["cache-control"],
    storageClass: headers["x-goog-storage-class"],
    customTime: headers["x-goog-custom-time"],
    ...(custom.length > 0 && { metadata: Object.fromEntries(custom) }),
  };
}

/** As S3's tools expect it, in quotes: the MD5 in hexadecimal, where the object has one. */
export function xmlEtag({ md5Hash, etag }: Draft<Pick<StorageObject, "md5Hash" | "etag">>): string {
  return `"${md5Hash === undefined ? etag : Buffer.from(md5Hash, "base64").toString("hex")}"`;
}

/** `public-read` is the JSON API's `publicRead`. */
export function xmlAcl(acl: string | undefined): string | undefined {
  return acl?.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
