/** Where a service is: its own host, a universe's, or what the environment says. */
import type { GcpServiceTraits, ServiceTraits } from "../model/ir.js";
import { DEFAULT_UNIVERSE } from "./credentials/credentials.js";

type Variables = Readonly<Record<string, string | undefined>>;

export interface Endpoint {
  readonly origin: string;
  readonly basePath: string;
  /** Named by the user, not by Google: an emulator perhaps, which may know no credentials. */
  readonly custom: boolean;
}

/** Variables of the vendor's own emulators, by service. https://cloud.google.com/sdk/gcloud/reference/beta/emulators */
const EMULATOR_HOSTS: Readonly<Record<string, string>> = {
  storage: "STORAGE_EMULATOR_HOST",
  pubsub: "PUBSUB_EMULATOR_HOST",
  firestore: "FIRESTORE_EMULATOR_HOST",
  datastore: "DATASTORE_EMULATOR_HOST",
  bigtableadmin: "BIGTABLE_EMULATOR_HOST",
  spanner: "SPANNER_EMULATOR_HOST",
};

/** What the user or the environment names instead of the service's own host. */
export function customEndpoint(
  service: ServiceTraits,
  endpoint: string | undefined,
  env: Variables,
): Endpoint | undefined {
  if (endpoint !== undefined) return parse(endpoint);
  const emulator = env[EMULATOR_HOSTS[service.id] ?? ""];
  if (emulator) return parse(emulator);
  // gcloud's: the URL with the service's path, which our paths have already.
  const override = env[`CLOUDSDK_API_ENDPOINT_OVERRIDES_${service.id.toUpperCase()}`];
  if (!override) return undefined;
  const parsed = parse(override);
  const path = (service.gcp as GcpServiceTraits).servicePath.replace(/\/$/, "");
  const own = path !== "" && parsed.basePath.endsWith(`/${path}`);
  return own ? { ...parsed, basePath: parsed.basePath.slice(0, -path.length - 1) } : parsed;
}

export function ownEndpoint(service: ServiceTraits, universe: string): Endpoint {
  const { rootUrl } = service.gcp as GcpServiceTraits;
  const origin = rootUrl.replace(/\/$/, "");
  return {
    origin: universe === DEFAULT_UNIVERSE ? origin : origin.replace(`.${DEFAULT_UNIVERSE}`, `.${universe}`),
    basePath: "",
    custom: false,
  };
}

function parse(endpoint: string): Endpoint {
  const url = new URL(/^[a-z]+:\/\//i.test(endpoint) ? endpoint : `http://${endpoint}`);
  return { origin: url.origin, basePath: url.pathname.replace(/\/$/, ""), custom: true };
}
