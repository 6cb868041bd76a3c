/**
 * Reads a generated Azure client package as data: makes its client over a recording base class and calls every method once.
 * What a method hands to its base class (the operation's spec) is all that is kept; nothing is sent.
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import type { Mapper, OperationSpec } from "./autorest.js";

/** One method of the package's client. */
export interface RecordedOperation {
  /** Property of the client that holds the method; empty for the client's own. */
  readonly group: string;
  /** Without `begin`: `createOrUpdate`. */
  readonly name: string;
  readonly spec: OperationSpec;
  /** Spec of the next page's request; null where the operation answers one page that is a list. */
  readonly next?: OperationSpec | null;
  /** The operation is long-running; `finalStateVia` when the package names it. */
  readonly longRunning?: { readonly finalStateVia?: string };
}

export interface LoadedPackage {
  readonly name: string;
  readonly version: string;
  readonly operations: readonly RecordedOperation[];
  /** By class name. */
  readonly mappers: ReadonlyMap<string, Mapper>;
  /** `Base.value` to the mapper of that subtype. */
  readonly discriminators: Readonly<Record<string, Mapper>>;
  /** The client's own values: `apiVersion`, `version`. */
  readonly constants: Readonly<Record<string, unknown>>;
}

const NODE_MODULES = "codegen/node_modules";

export async function loadPackage(name: string, nodeModules = NODE_MODULES): Promise<LoadedPackage> {
  const root = resolve(nodeModules, name);
  const { version, module } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
    module: string;
  };
  const dist = join(root, dirname(module));
  const generated = name === "@azure/storage-blob" ? join(dist, "generated/src") : dist;
  const loaded = await importRecorded(generated, name);
  const client = makeClient(loaded.clients);
  const operations = record(client, loaded.recorder);
  const mappers = new Map<string, Mapper>();
  for (const mapper of Object.values(loaded.mappers)) {
    if (typeof mapper.type === "object" && mapper.type.className) mappers.set(mapper.type.className, mapper);
  }
  return {
    name,
    version,
    operations,
    mappers,
    discriminators: (loaded.mappers.discriminators ?? {}) as unknown as Record<string, Mapper>,
    constants: Object.fromEntries(Object.entries(client).filter(([, value]) => typeof value === "string")),
  };
}

interface Recorder {
  readonly specs: OperationSpec[];
  finalStateVia: string | undefined;
  longRunning: boolean;
}

interface Loaded {
  readonly clients: Record<string, unknown>;
  readonly mappers: Record<string, Mapper>;
  readonly recorder: Recorder;
}

/** Stands in for @azure/core-*: any import of it works, `ServiceClient` records. */
const STAND_IN = `
export const recorder = { specs: [], finalStateVia: undefined, longRunning: false };
export class ServiceClient {
  pipeline = { getOrderedPolicies: () => [], removePolicy() {}, addPolicy() {} };
  sendOperationRequest(args, spec) { recorder.specs.push(spec); return new Promise(() => {}); }
}
export const ExtendedServiceClient = ServiceClient;
export const createSerializer = () => ({});
export const bearerTokenAuthenticationPolicy = () => ({});
export const bearerTokenAuthenticationPolicyName = "bearer";
export const authorizeRequestOnClaimChallenge = () => {};
// Packages of 2022 and earlier have classes where later ones have functions.
export class LroImpl {
  constructor(send, args, spec) { recorder.specs.push(spec); }
}
export class LroEngine {
  constructor(lro, options) {
    recorder.longRunning = true;
    recorder.finalStateVia = options?.lroResourceLocationConfig;
  }
  poll() { return new Promise(() => {}); }
}
export const createLroSpec = ({ spec }) => { recorder.specs.push(spec); return spec; };
export const createHttpPoller = (lro, options) => {
  recorder.longRunning = true;
  recorder.finalStateVia = options?.resourceLocationConfig;
  return new Promise(() => {});
};
`;

async function importRecorded(folder: string, name: string): Promise<Loaded> {
  const outdir = resolve(".cache/azure", name.replace(/\W/g, "_"));
  mkdirSync(outdir, { recursive: true });
  const standIns: Plugin = {
    name: "stand-ins",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^@azure\/core-|\/lroImpl(\.js)?$|^stand-in$/ }, () => ({
        path: "stand-in",
        namespace: "stand-in",
      }));
      onLoad({ filter: /.*/, namespace: "stand-in" }, () => ({ contents: STAND_IN, loader: "js" }));
    },
  };
  const entry = `
    export * as clients from "${folder}/index.js";
    export * as mappers from "${folder}/models/mappers.js";
    export { recorder } from "stand-in";`;
  await build({
    stdin: { contents: entry, resolveDir: folder },
    outfile: join(outdir, "package.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    plugins: [standIns],
    logLevel: "error",
  });
  try {
    return (await import(pathToFileURL(join(outdir, "package.mjs")).href)) as Loaded;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function makeClient(exported: Record<string, unknown>): Record<string, unknown> {
  const [name, Client] = Object.entries(exported).find(([each]) => each.endsWith("Client")) ?? [];
  if (typeof Client !== "function")
    throw new Error(`Cannot load: no client class, has ${Object.keys(exported).join(", ")}`);
  // Arguments are (credential, subscriptionId, options), or (credential, options), or (url, options).
  const Constructor = Client as new (...args: unknown[]) => Record<string, unknown>;
  try {
    return new Constructor({}, "subscription", {});
  } catch (error) {
    throw new Error(`Cannot make ${name}: ${String(error)}`);
  }
}

/** Private helpers of the generated classes that are not operations. */
const NOT_OPERATIONS = /^constructor$|PagingPage$|PagingAll$|AndWait$|Next$|^_|^addCustomApiVersionPolicy$/;

function record(client: Record<string, unknown>, recorder: Recorder): RecordedOperation[] {
  const groups: [string, object][] = [["", client]];
  for (const [name, value] of Object.entries(client)) {
    if (typeof value === "object" && value !== null && "client" in value) groups.push([name, value]);
  }
  return groups.flatMap(([group, owner]) => {
    const methods = owner as Record<string, (...args: unknown[]) => unknown>;
    return Object.getOwnPropertyNames(Object.getPrototypeOf(owner))
      .filter((method) => !NOT_OPERATIONS.test(method) && typeof methods[method] === "function")
      .map((method) => recordOne(group, method, methods, recorder));
  });
}

function recordOne(
  group: string,
  method: string,
  methods: Record<string, (...args: unknown[]) => unknown>,
  recorder: Recorder,
): RecordedOperation {
  const specOf = (name: string): OperationSpec | undefined => {
    recorder.specs.length = 0;
    recorder.longRunning = false;
    recorder.finalStateVia = undefined;
    const run = methods[name];
    if (run === undefined) return undefined;
    const answer: unknown = run.apply(
      methods,
      Array.from({ length: run.length }, () => ({})),
    );
    // A paged method sends nothing before its iterator is asked.
    (answer as { byPage?: () => AsyncIterator<unknown> }).byPage?.().next();
    return recorder.specs[0];
  };
  const plain = method.replace(/^begin(?=[A-Z])/, "");
  const name = plain.charAt(0).toLowerCase() + plain.slice(1);
  const spec = specOf(method) ?? specOf(`_${method}`);
  if (spec === undefined) throw new Error(`Cannot record ${group}.${method}: it sent nothing`);
  const { longRunning, finalStateVia } = recorder;
  const paged =
    methods[`${method}PagingPage`] !== undefined ||
    methods[`${method.replace(/AndWait$/, "")}PagingPage`] !== undefined;
  const next = specOf(`_${name}Next`) ?? specOf(`_${method}Next`);
  return {
    group,
    name,
    spec,
    ...(next ? { next } : paged && { next: null }),
    ...(longRunning && { longRunning: finalStateVia === undefined ? {} : { finalStateVia } }),
  };
}
