/** How wire names become members of a client: shared by the run time and the emitter of types, so that they cannot disagree. */
import type { OperationTraits, ServiceTraits } from "./ir.js";

/** `GetObject` -> `["getObject"]`, `instances.list` -> `["instances", "list"]`. */
export function memberPath(operationName: string): string[] {
  return operationName.split(".").map(lowerFirst);
}

/** `InstanceRunning` -> `instanceRunning`. */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** Whether an operation has `.presign()`: every one of AWS, as in botocore; elsewhere those that the model marks. */
export function isPresignable(
  service: Pick<ServiceTraits, "cloud">,
  operation: Pick<OperationTraits, "presign">,
): boolean {
  return service.cloud === "aws" || operation.presign === true;
}
