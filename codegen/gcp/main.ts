/**
 * Imports Google's discovery documents, as PyPI's google-api-python-client carries them, into `models/gcp/`.
 *
 *     node tools/run.mjs codegen/gcp/main.ts            the services below
 *     node tools/run.mjs codegen/gcp/main.ts all        every document, written to .cache/models
 *     node tools/run.mjs codegen/gcp/main.ts drive ...  those services as well
 */
import type { ServiceModel } from "../../src/model/ir.js";
import { pack } from "../../src/model/pack.js";
import { applyPatches, readPatches } from "../patch.js";
import { recordSource, verifySource } from "../sources.js";
import { openWheel } from "../wheel.js";
import { writeModel } from "../write.js";
import type { DiscoveryDocument } from "./discovery.js";
import { type DirectoryItem, identities } from "./identity.js";
import { importDocument } from "./import.js";

const PACKAGE = "google-api-python-client";
const VERSION = "2.202.0";
const FOLDER = "googleapiclient/discovery_cache/documents/";

/** Services that are committed for now. */
const EMITTED = ["storage", "compute", "cloudresourcemanager", "iam", "iamcredentials", "sqladmin", "pubsub"];

export function importAll(): Map<string, ServiceModel> {
  const { zip, sha256 } = openWheel(PACKAGE, VERSION);
  verifySource("gcp", PACKAGE, VERSION, sha256);
  const documents: DiscoveryDocument[] = [];
  let directory: readonly DirectoryItem[] = [];
  for (const name of zip.names) {
    if (!name.startsWith(FOLDER) || !name.endsWith(".json")) continue;
    const content = JSON.parse((zip.read(name) as Buffer).toString("utf8")) as DiscoveryDocument & {
      items?: DirectoryItem[];
    };
    if (content.items) directory = content.items;
    else documents.push(content);
  }
  const names = identities(documents, directory);
  const models = new Map<string, ServiceModel>();
  for (const document of documents) {
    const identity = names.get(`${document.name}:${document.version}`);
    if (identity === undefined) continue;
    const known = models.get(identity.id);
    // Three APIs are in the package twice, under two file names.
    if (known?.service.apiVersion === document.version) continue;
    if (known) throw new Error(`Cannot name ${document.name} ${document.version}: "${identity.id}" is taken`);
    models.set(
      identity.id,
      applyPatches(importDocument(document, identity), readPatches("gcp", identity.id)),
    );
  }
  recordSource("gcp", PACKAGE, { registry: "PyPI", version: VERSION, sha256 });
  return models;
}

function main(wanted: readonly string[]): void {
  const models = importAll();
  const everything = wanted.includes("all");
  let operations = 0;
  let paged = 0;
  let longRunning = 0;
  for (const model of models.values()) {
    // Packing follows every reference: a shape that is missing shows here.
    pack(model);
    for (const each of Object.values(model.operations)) {
      operations++;
      if (each.page) paged++;
      if (each.lro) longRunning++;
    }
    if (everything) writeModel(model, ".cache/models");
  }
  for (const id of new Set([...EMITTED, ...wanted.filter((id) => id !== "all")])) {
    const model = models.get(id);
    if (model === undefined) throw new Error(`Cannot import "${id}": no such service`);
    writeModel(model);
  }
  console.log(
    `${models.size} services, ${operations} operations: ${paged} paged, ${longRunning} long-running`,
  );
}

main(process.argv.slice(2));
