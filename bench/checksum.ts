// Throughput of the checksums beside hash-wasm and node:crypto. `npm i hash-wasm` beside this file first; see
// docs/decisions/0003-checksums.md.
//     node tools/run.mjs bench/checksum.ts
import { type ChecksumAlgorithm, createChecksum } from "../src/http/checksum/checksum.js";
import { crc32Of } from "../src/http/checksum/crc32.js";

const BYTES = new Uint8Array(1024 * 1024).map((_, index) => (index * 2654435761) >>> 24);
const ROUNDS = 200;

function measure(name: string, update: (bytes: Uint8Array) => unknown): void {
  for (let i = 0; i < 20; i++) update(BYTES);
  const start = process.cpuUsage();
  for (let i = 0; i < ROUNDS; i++) update(BYTES);
  const { user, system } = process.cpuUsage(start);
  console.log(`${name.padEnd(28)} ${Math.round((ROUNDS * 1e6) / (user + system))} MiB/s`);
}

for (const algorithm of [
  "CRC32",
  "CRC32C",
  "CRC64NVME",
  "SHA1",
  "SHA256",
  "MD5",
] satisfies ChecksumAlgorithm[]) {
  const checksum = createChecksum(algorithm);
  measure(`trivet ${algorithm}`, (bytes) => checksum.update(bytes));
}
const software = crc32Of(0xedb88320);
let crc = 0;
measure("trivet CRC32 without zlib", (bytes) => {
  crc = software(bytes, crc);
});
const library = "hash-wasm";
const wasm = await import(library).catch(() => undefined);
if (wasm === undefined) {
  console.log("hash-wasm is not installed: its figures are left out");
} else {
  for (const [name, hasher] of [
    ["hash-wasm CRC32", await wasm.createCRC32()],
    ["hash-wasm CRC32C", await wasm.createCRC32(0x82f63b78)],
    ["hash-wasm CRC64NVME", await wasm.createCRC64("9a6c9329ac4bc9b5")],
    ["hash-wasm SHA256", await wasm.createSHA256()],
    ["hash-wasm MD5", await wasm.createMD5()],
  ] as const) {
    hasher.init();
    measure(name, (bytes) => hasher.update(bytes));
  }
}
