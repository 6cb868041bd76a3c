/** Whole folders to S3 and back. */

import type { TransferOptions, TransferProgress } from "../../client/transfer/options.js";
import { inParallel } from "../../client/transfer/parallel.js";
import type { S3 } from "../../gen/aws/s3.js";
import { CloudError } from "../../internal/cloud-error.js";
import type { DownloadInput, UploadInput } from "./s3.js";

export interface DirectoryOptions extends Omit<TransferOptions, "state" | "onProgress"> {
  /** What keys begin with; a folder's name ends with `/`. Default: nothing. */
  prefix?: string | undefined;
  /** Files at a time. Default 4, each in up to `concurrency` parts. */
  filesAtOnce?: number | undefined;
  /** Which to take, by key. Default: all. */
  filter?: ((key: string) => boolean) | undefined;
  /** Called as bytes arrive; of the file that `key` names. */
  onProgress?: ((progress: TransferProgress & { readonly key: string }) => void) | undefined;
}

export interface DirectoryResult {
  /** Keys transferred. */
  readonly keys: readonly string[];
}

const FILES_AT_ONCE = 4;

export async function uploadDirectory(
  client: S3,
  folder: string,
  input: Omit<UploadInput, "Key">,
  options: DirectoryOptions,
): Promise<DirectoryResult> {
  const { prefix = "", filter, filesAtOnce = FILES_AT_ONCE } = options;
  const { join } = process.getBuiltinModule("node:path");
  const keys: string[] = [];
  await inParallel(filesUnder(folder), filesAtOnce, options.signal, async (path, signal) => {
    const key = prefix + path;
    if (filter && !filter(key)) return;
    await client.uploadFile(join(folder, path), { ...input, Key: key }, ofFile(options, key, signal));
    keys.push(key);
  });
  return { keys: keys.sort() };
}

export async function downloadDirectory(
  client: S3,
  input: Omit<DownloadInput, "Key" | "VersionId">,
  folder: string,
  options: DirectoryOptions,
): Promise<DirectoryResult> {
  const { prefix = "", filter, filesAtOnce = FILES_AT_ONCE } = options;
  const { dirname } = process.getBuiltinModule("node:path");
  const { mkdir } = process.getBuiltinModule("node:fs/promises");
  const owner = input.ExpectedBucketOwner;
  const objects = client.listObjectsV2.items(
    { Bucket: input.Bucket, Prefix: prefix, ...(owner !== undefined && { ExpectedBucketOwner: owner }) },
    { signal: options.signal },
  );
  const keys: string[] = [];
  await inParallel(objects, filesAtOnce, options.signal, async (object, signal) => {
    const key = object.Key as string;
    // An object named like a folder is a console's way to show an empty one.
    if (key.endsWith("/") || (filter && !filter(key))) return;
    const path = pathInside(folder, key.slice(prefix.length), key);
    await mkdir(dirname(path), { recursive: true });
    await client.downloadFile({ ...input, Key: key }, path, ofFile(options, key, signal));
    keys.push(key);
  });
  return { keys: keys.sort() };
}

function ofFile(options: DirectoryOptions, key: string, signal: AbortSignal): TransferOptions {
  const { prefix: _, filesAtOnce: __, filter: ___, onProgress, ...transfer } = options;
  return {
    ...transfer,
    signal,
    ...(onProgress && { onProgress: (progress) => onProgress({ ...progress, key }) }),
  };
}

/** Paths with `/`, relative to the folder. Links are followed to files, not to folders, which could lead in circles. */
async function* filesUnder(folder: string, below = ""): AsyncGenerator<string> {
  const { readdir, stat } = process.getBuiltinModule("node:fs/promises");
  const entries = await readdir(`${folder}/${below}`, { withFileTypes: true });
  for (const entry of entries) {
    const path = below + entry.name;
    if (entry.isDirectory()) yield* filesUnder(folder, `${path}/`);
    else if (entry.isFile()) yield path;
    else if (entry.isSymbolicLink() && (await stat(`${folder}/${path}`)).isFile()) yield path;
  }
}

/** Keys are anyone's text: one that leads out of the folder is refused. */
function pathInside(folder: string, name: string, key: string): string {
  const { resolve, sep } = process.getBuiltinModule("node:path");
  const root = resolve(folder);
  const path = resolve(root, `.${sep}${name}`);
  if (!path.startsWith(root + sep)) {
    throw new CloudError(`Refused to download ${JSON.stringify(key)}: it leads out of ${folder}`, {
      kind: "invalidInput",
      code: "PathOutsideFolder",
    });
  }
  return path;
}
