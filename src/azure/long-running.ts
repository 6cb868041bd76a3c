/** Follows a long-running operation of Azure Resource Manager. https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations */
import type { Answer, LongRunningDriver, Pending, Progress } from "../client/backend.js";
import { CloudError } from "../internal/cloud-error.js";
import type { OperationModel } from "../model/model.js";
import type { Values } from "../protocol/protocol.js";
import { retryAfterMs } from "./errors.js";

/** How the end shows: in a status document, in the status of Location, or in the resource itself. */
interface State {
  readonly mode: "status" | "location" | "resource" | "final";
  /** Path and query of the operation itself. */
  readonly original: string;
  readonly location?: string | undefined;
  readonly statusUrl?: string | undefined;
}

/** `originalOf`: path and query that the input encodes to. */
export function armDriver(
  operation: OperationModel,
  originalOf: (input: Values) => string,
): LongRunningDriver {
  return {
    begin(input: Values, answer: Answer): Progress {
      const { headers, output, status } = answer;
      const original = originalOf(input);
      const statusUrl = headers["azure-asyncoperation"] ?? headers["operation-location"];
      const { location } = headers;
      const mode = statusUrl ? "status" : location && status !== 200 ? "location" : "resource";
      const state: State = { mode, original, location, statusUrl };
      if (mode === "resource") return resourceProgress(operation, state, answer);
      // An operation that ended at once may still name where it could be watched.
      if (status === 204) return { done: true, result: output };
      return pending(state, answer);
    },

    resume({ state }: Pending, answer: Answer): Progress {
      const known = state as State;
      const location = answer.headers.location ?? known.location;
      const statusUrl = answer.headers["azure-asyncoperation"] ?? known.statusUrl;
      const next: State = { ...known, location, statusUrl };
      switch (known.mode) {
        case "final":
          return { done: true, result: answer.output };
        case "location":
          return answer.status === 202 ? pending(next, answer) : { done: true, result: answer.output };
        case "resource":
          return resourceProgress(operation, next, answer);
        case "status":
          return statusProgress(operation, next, answer);
      }
    },
  };
}

function pending(state: State, answer: Answer): Pending {
  const look =
    state.mode === "status"
      ? { url: state.statusUrl as string }
      : {
          url: state.mode === "location" ? (state.location as string) : state.original,
          decode: true as const,
        };
  return { done: false, look, retryAfterMs: retryAfterMs(answer.headers), state };
}

/** PUT and PATCH without headers: `properties.provisioningState` says how far the resource is. */
function resourceProgress(operation: OperationModel, state: State, answer: Answer): Progress {
  const properties = answer.output.properties as Values | undefined;
  const provisioning = String(properties?.provisioningState ?? "Succeeded").toLowerCase();
  if (provisioning === "succeeded") return { done: true, result: answer.output };
  if (provisioning === "failed" || provisioning === "canceled") {
    throw failure(operation, provisioning, properties?.error ?? answer.output.error, answer);
  }
  return pending({ ...state, mode: "resource" }, answer);
}

function statusProgress(operation: OperationModel, state: State, answer: Answer): Progress {
  const status = String(answer.output.status ?? "").toLowerCase();
  if (status === "failed" || status === "canceled" || status === "cancelled") {
    throw failure(operation, status, answer.output.error, answer);
  }
  if (status !== "succeeded") return pending(state, answer);
  const url = finalUrl(operation, state);
  if (url === undefined) return { done: true, result: resultIn(operation, answer.output) };
  const final: State = { ...state, mode: "final" };
  return { done: false, look: { url, decode: true }, retryAfterMs: 0, state: final };
}

/** Where the result is once the status document says that all is done. */
function finalUrl(operation: OperationModel, state: State): string | undefined {
  if (operation.output === undefined) return undefined;
  switch (operation.method) {
    case "PUT":
    case "PATCH":
      return state.original;
    case "DELETE":
      return undefined;
    default: {
      const via = operation.traits.lro?.finalStateVia;
      if (via === "azure-async-operation") return undefined;
      return via === "original-uri" ? state.original : state.location;
    }
  }
}

/** A status document carries the result under `properties`, older services under `properties.output`. */
function resultIn(operation: OperationModel, document: Values): Values {
  if (operation.output === undefined) return {};
  const properties = document.properties as Values | undefined;
  return (properties?.output as Values | undefined) ?? properties ?? document;
}

function failure(operation: OperationModel, state: string, error: unknown, { status }: Answer): CloudError {
  const details = (error ?? {}) as { code?: unknown; message?: unknown };
  const canceled = state.startsWith("cancel");
  return new CloudError(String(details.message ?? `${operation.name} ended as ${state}`), {
    kind: canceled ? "aborted" : kindOf(String(details.code ?? "")),
    code: String(details.code ?? (canceled ? "OperationCanceled" : "OperationFailed")),
    status,
    cloud: "azure",
    service: operation.service.id,
    operation: operation.name,
    body: error,
  });
}

function kindOf(code: string): CloudError["kind"] {
  if (/NotFound$/.test(code)) return "notFound";
  if (/AlreadyExists$/.test(code)) return "alreadyExists";
  if (/^(Invalid|BadRequest)/.test(code)) return "invalidInput";
  if (/Conflict|InUse|Quota|NotAllowed/.test(code)) return "conflict";
  return "internal";
}
