/** Writes models as JSON with one definition a line: readable, and a change of the vendor's is a change of lines. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ServiceModel } from "../src/model/ir.js";

/** Writes `models/<cloud>/<id>.json`; leaves the file alone when it says the same already. Returns whether it changed. */
export function writeModel(model: ServiceModel, root = "models"): boolean {
  return writeIfChanged(`${root}/${model.service.cloud}/${model.service.id}.json`, formatModel(model));
}

export function readModel(cloud: string, id: string, root = "models"): ServiceModel {
  return JSON.parse(readFileSync(`${root}/${cloud}/${id}.json`, "utf8")) as ServiceModel;
}

export function formatModel(model: ServiceModel): string {
  const { service, operations, shapes, waiters, resources } = model;
  const sections = [
    `"service": ${JSON.stringify(service)}`,
    `"operations": ${formatTable(operations)}`,
    `"shapes": ${formatTable(shapes)}`,
    ...(waiters ? [`"waiters": ${formatTable(waiters)}`] : []),
    ...(resources === undefined ? [] : [`"resources": ${formatResources(resources)}`]),
  ];
  return `{\n${sections.join(",\n")}\n}\n`;
}

/** An object with one member a line. */
export function formatTable(table: object): string {
  const lines = Object.entries(table).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n}`;
}

/** Resources are two levels of names: `{service: {...}, resources: {Name: {...}}}`. */
function formatResources(resources: unknown): string {
  if (typeof resources !== "object" || resources === null || Array.isArray(resources))
    return JSON.stringify(resources);
  const lines = Object.entries(resources).map(
    ([name, value]) =>
      `${JSON.stringify(name)}: ${typeof value === "object" && value !== null && !Array.isArray(value) ? formatTable(value) : JSON.stringify(value)}`,
  );
  return `{\n${lines.join(",\n")}\n}`;
}

export function writeIfChanged(path: string, text: string): boolean {
  try {
    if (readFileSync(path, "utf8") === text) return false;
  } catch {
    mkdirSync(dirname(path), { recursive: true });
  }
  writeFileSync(path, text);
  return true;
}
