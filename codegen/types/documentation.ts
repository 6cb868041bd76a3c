/** An operation's doc comment, in our words, from facts: how it is called, what it pages over, who waits on it, how it fails. */
import type { OperationTraits, ServiceModel } from "../../src/model/ir.js";
import { lowerFirst } from "../../src/model/names.js";

/** Protocols whose operations all POST to one path: it says nothing. */
const ONE_PATH: ReadonlySet<string> = new Set(["aws-ec2", "aws-query", "aws-json", "aws-cbor"]);

/** Errors that most operations of a service share: named once, on the class. */
export function commonErrors(model: ServiceModel): readonly string[] {
  const lists = Object.values(model.operations).flatMap(({ errors }) => (errors ? [errors] : []));
  const counts = new Map<string, number>();
  for (const name of lists.flat()) counts.set(name, (counts.get(name) ?? 0) + 1);
  const common = [...counts].filter(([, count]) => count > lists.length / 2).map(([name]) => name);
  return common.length > 1 ? common : [];
}

export function documentation(model: ServiceModel, name: string, common: readonly string[]): string {
  const operation = model.operations[name] as OperationTraits;
  const { method = "POST", path = "/", page, lro, errors } = operation;
  const facts: string[] = [];
  if (!ONE_PATH.has(model.service.protocol)) facts.push(`\`${method} ${path}\`.`);
  if (page?.items[0] !== undefined) facts.push(`Pages over \`${page.items[0]}\`.`);
  if (lro) facts.push("Long-running.");
  const waiters = waitersOn(model, name);
  if (waiters.length > 0) facts.push(`Waiters: ${waiters.join(", ")}.`);
  if (errors) facts.push(`Errors: ${errorsOf(errors, common)}.`);
  const link = linkTo(model, name, operation);
  if (link !== undefined) facts.push(link);
  if (operation.deprecated) facts.push("@deprecated");
  return `/** ${facts.join(" ").replaceAll("*/", "*\u200b/")} */`;
}

function errorsOf(errors: readonly string[], common: readonly string[]): string {
  if (common.length === 0 || !common.every((name) => errors.includes(name))) return errors.join(", ");
  return ["the common ones", ...errors.filter((name) => !common.includes(name))].join(", ");
}

function waitersOn(model: ServiceModel, operation: string): string[] {
  return Object.entries(model.waiters ?? {}).flatMap(([name, waiter]) =>
    waiter.operation === operation ? [lowerFirst(name)] : [],
  );
}

function linkTo({ service }: ServiceModel, name: string, { doc, gcp }: OperationTraits): string | undefined {
  if (doc !== undefined) return doc;
  switch (service.cloud) {
    case "aws":
      return service.aws?.uid && `https://docs.aws.amazon.com/goto/WebAPI/${service.aws.uid}/${name}`;
    case "gcp":
      return gcp && googleReference(service.id, service.apiVersion, gcp.id);
    case "azure":
      return azureReference(service.id, name);
  }
}

/** `storage.objects.get` of v1 -> the page `storage/docs/json_api/v1/objects/get` and the like. */
function googleReference(id: string, version: string, methodId: string): string {
  const [, ...path] = methodId.split(".");
  if (id === "storage") return `https://cloud.google.com/storage/docs/json_api/${version}/${path.join("/")}`;
  if (id === "compute")
    return `https://cloud.google.com/compute/docs/reference/rest/${version}/${path.join("/")}`;
  return `https://cloud.google.com/${id}/docs/reference/rest/${version}/${path.slice(0, -1).join(".")}/${path[path.length - 1]}`;
}

/** Names of ARM services in the addresses of their reference, where they are not the id. */
const AZURE_SEGMENTS: Readonly<Record<string, string>> = { network: "virtualnetwork", storage: "storagerp" };
const BLOB_REFERENCE = "https://learn.microsoft.com/rest/api/storageservices/operations-on-blobs";

/** `resourceGroups.createOrUpdate` -> `resources/resource-groups/create-or-update`. Blob's pages go by other names. */
function azureReference(id: string, name: string): string {
  if (id === "blob") return BLOB_REFERENCE;
  const path = name.split(".").map((part) => part.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
  return `https://learn.microsoft.com/rest/api/${[AZURE_SEGMENTS[id] ?? id, ...path].join("/")}`;
}
