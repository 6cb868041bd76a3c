// Time to decode ListObjectsV2 of 1,000 keys and DescribeInstances of 500: first call of a process and warm.
//     node tools/run.mjs bench/decode.ts
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { HttpResponse } from "../src/http/message.js";
import type { ServiceModel } from "../src/model/ir.js";
import { Model } from "../src/model/model.js";
import { pack } from "../src/model/pack.js";
import { awsEc2 } from "../src/protocol/aws-query.js";
import { awsRestXml } from "../src/protocol/aws-rest-xml.js";

const ROUNDS = 300;

const CALLS = {
  s3: {
    protocol: awsRestXml,
    name: "ListObjectsV2",
    what: "ListObjectsV2 of 1,000",
    method: "GET",
    path: "/bucket?list-type=2",
  },
  ec2: {
    protocol: awsEc2,
    name: "DescribeInstances",
    what: "DescribeInstances of 500",
    method: "POST",
    path: "/",
  },
};

const service = process.argv[2];
if (service === "s3" || service === "ec2") {
  await measure(service);
} else {
  // Each in a process of its own: the first call is to find no code compiled.
  for (const each of Object.keys(CALLS)) {
    spawnSync(process.execPath, ["tools/run.mjs", "bench/decode.ts", each], { stdio: "inherit" });
  }
}

/** The canned bytes of the neutral server, as the other measurements have them. */
async function cannedBytes(method: string, path: string): Promise<Uint8Array> {
  const server = spawn(process.execPath, ["bench/server.mjs"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const port = String((await server.stdout.take(1).toArray())[0]).trim();
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return new Uint8Array(await response.arrayBuffer());
  } finally {
    server.kill();
  }
}

async function measure(service: keyof typeof CALLS): Promise<void> {
  const { protocol, name, what, method, path } = CALLS[service];
  const body = await cannedBytes(method, path);
  const packed = pack(JSON.parse(readFileSync(`models/aws/${service}.json`, "utf8")) as ServiceModel);
  const start = performance.now();
  const operation = new Model(packed).operation(name);
  if (operation === undefined) throw new Error(`Cannot measure: no operation ${name}`);
  const loaded = performance.now();
  await protocol.decodeResponse(operation, responseOf(body));
  const first = performance.now();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = performance.now();
    await protocol.decodeResponse(operation, responseOf(body));
    times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  const figures = {
    model: loaded - start,
    first: first - loaded,
    "warm median": times[ROUNDS >> 1] as number,
    "warm best": times[0] as number,
  };
  const text = Object.entries(figures).map(([label, ms]) => `${label} ${ms.toFixed(2)} ms`);
  console.log(`${what} (${(body.length / 1024).toFixed(0)} KiB): ${text.join(", ")}`);
}

function responseOf(bytes: Uint8Array): HttpResponse {
  const headers = { "content-type": "text/xml;charset=UTF-8" };
  const body = {
    bytes: async () => bytes,
    cancel() {},
    async *[Symbol.asyncIterator]() {
      yield bytes;
    },
  };
  return { status: 200, headers, body };
}
