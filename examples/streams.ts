// Bodies in and out: a generator, a web stream and a Node stream as input; a Node and a web destination as output.
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGzip } from "node:zlib";
import { S3 } from "trivet/aws/s3";

const folder = await mkdtemp(join(tmpdir(), "trivet-example-"));
const s3 = new S3();
const Bucket = "example-streams";
await s3.createBucket({ Bucket });

const path = join(folder, "in.txt");
await writeFile(path, "hello, streams\n".repeat(1000));
// A stream can be sent only once: a call that fails with one is not repeated.
await s3.putObject({ Bucket, Key: "file", Body: createReadStream(path) });
await s3.putObject({ Bucket, Key: "web", Body: new Blob(["hello, web"]).stream() });
await s3.uploadStream(createReadStream(path).pipe(createGzip()), { Bucket, Key: "file.gz" });

const file = await s3.getObject({ Bucket, Key: "file" });
await file.Body.pipeTo(createWriteStream(join(folder, "out.txt")));

let bytes = 0;
const zipped = await s3.getObject({ Bucket, Key: "file.gz" });
const plain = zipped.Body.stream().pipeThrough(new DecompressionStream("gzip"));
for await (const chunk of plain) bytes += chunk.length;

// What is not wanted is let go at once.
const unread = await s3.getObject({ Bucket, Key: "web" });
unread.Body.cancel();

const same = (await readFile(path)).equals(await readFile(join(folder, "out.txt")));
await rm(folder, { recursive: true });
if (!same || bytes !== 15_000) throw new Error("A stream came back changed");
console.log(`${bytes} bytes through a file, gzip and a web stream`);
