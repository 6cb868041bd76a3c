/** Metadata of containers and blobs. https://learn.microsoft.com/rest/api/storageservices/setting-and-retrieving-properties-and-metadata-for-blob-resources */
import { blobError } from "./errors.js";

/** Names are identifiers of C#. */
const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const BYTES_MAX = 8 * 1024;

type Metadata = Record<string, string>;

/** @throws `InvalidMetadata`, `MetadataTooLarge` */
export function metadataOf({ metadata = {} }: { readonly metadata?: Metadata | undefined }): Metadata {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (!NAME.test(name)) throw blobError("InvalidMetadata");
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  if (bytes > BYTES_MAX) throw blobError("MetadataTooLarge");
  return metadata;
}
