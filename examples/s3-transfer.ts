// Files to S3 and back in parts: progress, a pause and its resumption, a stream of unknown length.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCloudError } from "trivet";
import { S3 } from "trivet/aws/s3";

const MIB = 1024 * 1024;
const folder = await mkdtemp(join(tmpdir(), "trivet-example-"));
const s3 = new S3();
const Bucket = "example-transfer";
await s3.createBucket({ Bucket });

const path = join(folder, "local.bin");
await writeFile(path, randomBytes(24 * MIB));

// Paused: an aborted upload that was given a state leaves its parts in place.
const state = {};
const pause = new AbortController();
try {
  await s3.uploadFile(
    path,
    { Bucket, Key: "remote.bin" },
    { state, signal: pause.signal, concurrency: 1, onProgress: () => pause.abort() },
  );
} catch (error) {
  if (!(isCloudError(error) && error.kind === "aborted")) throw error;
}
const { Uploads = [] } = await s3.listMultipartUploads({ Bucket });
console.log(`paused: ${Uploads.length} upload is unfinished`);

// Resumed: the same call with the same state sends what is missing.
let seen = 0;
await s3.uploadFile(
  path,
  { Bucket, Key: "remote.bin" },
  { state, onProgress: ({ transferredBytes }) => (seen = transferredBytes) },
);
console.log(`resumed: ${seen} bytes are there`);

const copy = join(folder, "copy.bin");
await s3.downloadFile({ Bucket, Key: "remote.bin" }, copy);
const same = (await readFile(path)).equals(await readFile(copy));

async function* lines() {
  for (let n = 0; n < 1000; n++) yield `line ${n}\n`;
}
await s3.uploadStream(lines(), { Bucket, Key: "lines.txt" });
const { ContentLength } = await s3.headObject({ Bucket, Key: "lines.txt" });

await rm(folder, { recursive: true });
if (!same) throw new Error("The copy differs from the file");
console.log(`24 MiB there and back, unchanged; a stream of ${ContentLength} bytes`);
