/** Services by name: `session.client("compute")`. */
import type { ServiceClass } from "../client/service.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { GcpClientOptions } from "./options.js";

type GcpServiceClass = ServiceClass<unknown, GcpClientOptions>;

/**
 * The class that `trivet/gcp/<id>` exports, loaded now. By the package's own name: bundlers cannot follow it, so programs
 * that are bundled name the class itself.
 *
 * @throws CloudError `invalidInput`/`UnknownService`.
 */
export function loadService(id: string): GcpServiceClass {
  if (!/^[a-z0-9-]+$/.test(id)) throw unknownService(id);
  const { createRequire } = process.getBuiltinModule("node:module");
  let exported: Record<string, unknown>;
  try {
    exported = createRequire(import.meta.url)(`trivet/gcp/${id}`) as Record<string, unknown>;
  } catch (cause) {
    throw unknownService(id, cause);
  }
  const found = Object.values(exported).find(isServiceClass);
  if (found === undefined) throw unknownService(id);
  return found;
}

function isServiceClass(value: unknown): value is GcpServiceClass {
  return typeof value === "function" && "serviceModel" in value;
}

function unknownService(id: string, cause?: unknown): Error {
  return invalidInput(`Cannot load service "${id}": there is no trivet/gcp/${id}`, {
    code: "UnknownService",
    cause,
  });
}
