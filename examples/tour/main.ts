/**
 * `npm run tour`: what trivet is for, step by step, on the cloud embedded in this process.
 *
 *     -- --json                      an array of {id, cloud, ok, ms, detail}
 *     -- --aws-endpoint URL          the steps of AWS on a foreign server (moto), likewise
 *     -- --azure-blob-endpoint URL   (Azurite) and
 *     -- --gcp-endpoint URL          (fake-gcs-server): which steps do not apply there is said
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Session as AwsSession } from "trivet/aws";
import { Session as AzureSession } from "trivet/azure";
import { Emulator } from "trivet/emulator";
import { Session as GcpSession } from "trivet/gcp";
import { awsSteps } from "./aws.js";
import { azureSteps } from "./azure.js";
import { gcpSteps } from "./gcp.js";
import type { Cloud, Clouds, Step } from "./step.js";

const AZURITE_KEY =
  "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

interface Result {
  readonly id: string;
  readonly cloud: Cloud;
  readonly ok: boolean;
  readonly ms: number;
  readonly detail: string;
}

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    "aws-endpoint": { type: "string" },
    "azure-blob-endpoint": { type: "string" },
    "gcp-endpoint": { type: "string" },
  },
});

const emulator = await Emulator.start();
const folder = await mkdtemp(join(tmpdir(), "trivet-tour-"));
const clouds = makeClouds(emulator, folder);
const say = flags.json ? () => {} : console.log;

say("trivet: one SDK for three clouds, on the cloud embedded in this process\n");
const results: Result[] = [];
try {
  for (const [index, step] of [...awsSteps, ...azureSteps, ...gcpSteps].entries()) {
    const result = await runStep(step);
    results.push(result);
    say(`${String(index + 1).padStart(2)}. ${result.ok ? "ok    " : "FAILED"} ${step.id} (${result.ms} ms)`);
    say(`    ${step.title}\n    -> ${result.detail}`);
  }
} finally {
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
}

const failed = results.filter(({ ok }) => !ok).length;
if (flags.json) console.log(JSON.stringify(results));
say(`\n${results.length} steps, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runStep({ id, cloud, run, notForeign }: Step): Promise<Result> {
  const start = performance.now();
  const done = (ok: boolean, detail: string) => ({
    id,
    cloud,
    ok,
    ms: Math.round(performance.now() - start),
    detail,
  });
  if (notForeign !== undefined && clouds.foreign.has(cloud))
    return done(true, `does not apply: ${notForeign}`);
  try {
    return done(true, await run(clouds));
  } catch (error) {
    return done(false, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}

function makeClouds(emulator: Emulator, folder: string): Clouds {
  const awsEndpoint = flags["aws-endpoint"];
  const blobEndpoint = flags["azure-blob-endpoint"];
  const gcpEndpoint = flags["gcp-endpoint"];
  const foreign = new Set<Cloud>();
  if (awsEndpoint) foreign.add("aws");
  if (blobEndpoint) foreign.add("azure");
  if (gcpEndpoint) foreign.add("gcp");
  let listening: ReturnType<Emulator["listen"]> | undefined;
  return {
    emulator,
    foreign,
    folder,
    served() {
      listening ??= emulator.listen();
      return listening;
    },
    aws(options = {}) {
      if (awsEndpoint === undefined) {
        // A client that is given an address of its own goes there through a socket.
        const socket = "endpoint" in options;
        const root = { accessKeyId: "test", secretAccessKey: "test" };
        return socket
          ? new AwsSession({ region: "us-east-1", credentials: root, ...options })
          : emulator.aws(options);
      }
      const credentials = { accessKeyId: "test", secretAccessKey: "test" };
      return new AwsSession({ region: "us-east-1", endpoint: awsEndpoint, credentials, ...options });
    },
    azure(options = {}) {
      if (blobEndpoint === undefined)
        return "endpoint" in options ? new AzureSession(options) : emulator.azure(options);
      return new AzureSession({
        account: "devstoreaccount1",
        endpoint: blobEndpoint,
        accountKey: AZURITE_KEY,
        ...options,
      });
    },
    gcp(options = {}) {
      if (gcpEndpoint === undefined) {
        return "endpoint" in options
          ? new GcpSession({ project: "local-project", ...options })
          : emulator.gcp(options);
      }
      return new GcpSession({ project: "tour", endpoint: gcpEndpoint, credentials: "anonymous", ...options });
    },
  };
}
