/** The SDK where there is no Node: bundled as browsers' bundlers do, run with the web's globals alone. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { Emulator } from "trivet/emulator";

const WEB = {
  // Of the realm that fetch and TextEncoder make theirs in.
  ArrayBuffer,
  Uint8Array,
  AbortController,
  AbortSignal,
  Blob,
  DecompressionStream,
  FinalizationRegistry,
  Headers,
  ReadableStream,
  Request,
  Response,
  TextDecoder,
  TextEncoder,
  TransformStream,
  URL,
  URLSearchParams,
  WritableStream,
  atob,
  btoa,
  clearTimeout,
  console,
  crypto,
  fetch,
  performance,
  setTimeout,
  structuredClone,
};

const ROUND_TRIPS = {
  aws: `
    import { Session } from "trivet/aws";
    import { S3 } from "trivet/aws/s3";
    globalThis.result = (async () => {
      const credentials = { accessKeyId: "test", secretAccessKey: "test" };
      const s3 = new Session({ region: "us-east-1", endpoint: globalThis.url, credentials }).client(S3);
      await s3.createBucket({ Bucket: "browser" });
      await s3.putObject({ Bucket: "browser", Key: "k", Body: "hello" });
      return (await s3.getObject({ Bucket: "browser", Key: "k" })).Body.text();
    })();`,
  azure: `
    import { Session } from "trivet/azure";
    import { Blob } from "trivet/azure/blob";
    globalThis.result = (async () => {
      const azure = new Session({ account: "devstoreaccount1", accountKey: globalThis.accountKey, endpoint: globalThis.url });
      const container = azure.resource(Blob).container("browser");
      await container.create();
      await container.blob("k").upload("hello");
      return container.blob("k").downloadText();
    })();`,
  gcp: `
    import { Session } from "trivet/gcp";
    import { Storage } from "trivet/gcp/storage";
    globalThis.result = (async () => {
      const gcp = new Session({ project: "local-project", credentials: "anonymous", endpoint: globalThis.url });
      const bucket = gcp.resource(Storage).bucket("browser-bucket");
      await bucket.create();
      await bucket.blob("k").upload("hello");
      return bucket.blob("k").downloadText();
    })();`,
};

const emulator = await Emulator.start();
let url = "";
let accountKey = "";
before(async () => {
  const listening = await emulator.listen();
  url = listening.url;
  accountKey = /AccountKey=([^;]+)/.exec(listening.env.AZURE_STORAGE_CONNECTION_STRING ?? "")?.[1] ?? "";
});

for (const [cloud, contents] of Object.entries(ROUND_TRIPS)) {
  test(`${cloud}: a round trip without process and without node: modules`, async (t) => {
    t.after(() => (cloud === "gcp" ? emulator.close() : undefined));
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: process.cwd() },
      bundle: true,
      format: "iife",
      platform: "browser",
      target: "es2022",
      write: false,
      logLevel: "silent",
    });
    const context = createContext({ ...WEB, url, accountKey });
    runInContext(outputFiles[0]?.text ?? "", context);
    assert.equal(await context.result, "hello");
  });
}
