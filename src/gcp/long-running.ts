/** Google's long-running operations: `google.longrunning`, Compute's and Cloud SQL's. */
import type { Answer, LongRunningDriver, Pending, Progress } from "../client/backend.js";
import { CloudError, type ErrorKind, kindOfStatus } from "../internal/cloud-error.js";
import type { OperationModel } from "../model/model.js";
import type { Values } from "../protocol/protocol.js";

export function longRunningDriver(operation: OperationModel): LongRunningDriver | undefined {
  const { lro } = operation.traits;
  switch (lro?.style) {
    case "gcp-longrunning":
      return driver((input, output) =>
        followOperation(operation, lro.poll ?? "operations.get", input, output),
      );
    case "gcp-compute":
      return driver(followCompute);
    case "gcp-sql":
      return driver((input, output) => followSql(lro.poll ?? "operations.get", input, output));
    default:
      return undefined;
  }
}

type Follow = (input: Values, output: Values) => Progress;

/** All three read the state the same way each time: only the input of the first call is kept. */
function driver(follow: Follow): LongRunningDriver {
  const at = (input: Values, answer: Answer): Progress => {
    const progress = follow(input, answer.output);
    return progress.done ? progress : { ...progress, state: input };
  };
  return {
    begin: at,
    resume: (pending: Pending, answer: Answer) => at(pending.state as Values, answer),
  };
}

/** https://google.aip.dev/151: `done`, then `error` or `response`. */
function followOperation(operation: OperationModel, poll: string, input: Values, output: Values): Progress {
  if (output.done === true) {
    const error = output.error as Values | undefined;
    if (error) throw failure(String(error.message ?? "The operation failed"), rpcCode(error.code), output);
    return { done: true, result: output };
  }
  const name = String(output.name ?? "");
  const reader = operation.model.operation(poll);
  const members = reader?.input?.members.filter(({ traits }) => traits.at === "path") ?? [];
  // Where operations live under a parent (Storage), its members are the call's own and the id is the name's last part.
  const query: Values = {};
  for (const member of members) {
    if (member.name === "name") query[member.name] = name;
    else if (/^operation/i.test(member.name)) query[member.name] = name.slice(name.lastIndexOf("/") + 1);
    else if (input[member.name] !== undefined) query[member.name] = input[member.name];
  }
  return { done: false, look: { operation: poll, input: query } };
}

/** The operation says where it lives: in a zone, a region or the whole project. */
function followCompute(input: Values, output: Values): Progress {
  const project = input.project ?? projectOf(output.selfLink);
  const scope: Values = project === undefined ? {} : { project };
  if (output.status === "DONE") {
    const { errors } = (output.error ?? {}) as { errors?: readonly Values[] };
    const [first] = errors ?? [];
    if (first) {
      const status = Number(output.httpErrorStatusCode ?? 500);
      throw failure(
        String(first.message ?? "The operation failed"),
        { code: String(first.code), kind: kindOfStatus(status) },
        output,
      );
    }
    return { done: true, result: output };
  }
  const operation = String(output.name);
  const zone = lastPart(output.zone);
  const region = lastPart(output.region);
  if (zone !== undefined) return look("zoneOperations.get", { ...scope, zone, operation });
  if (region !== undefined) return look("regionOperations.get", { ...scope, region, operation });
  return look("globalOperations.get", { ...scope, operation });
}

function followSql(poll: string, input: Values, output: Values): Progress {
  if (output.status === "DONE") {
    const { errors } = (output.error ?? {}) as { errors?: readonly Values[] };
    const [first] = errors ?? [];
    if (first) {
      throw failure(
        String(first.message ?? "The operation failed"),
        { code: String(first.code), kind: "internal" },
        output,
      );
    }
    return { done: true, result: output };
  }
  const project = output.targetProject ?? input.project;
  return look(poll, { ...(project !== undefined && { project }), operation: String(output.name) });
}

function look(operation: string, input: Values): Pending {
  return { done: false, look: { operation, input } };
}

function lastPart(url: unknown): string | undefined {
  return typeof url === "string" && url !== "" ? url.slice(url.lastIndexOf("/") + 1) : undefined;
}

function projectOf(selfLink: unknown): string | undefined {
  return typeof selfLink === "string" ? /\/projects\/([^/]+)\//.exec(selfLink)?.[1] : undefined;
}

interface Failure {
  readonly code: string;
  readonly kind: ErrorKind;
}

function failure(message: string, { code, kind }: Failure, output: Values): CloudError {
  return new CloudError(message, { kind, code, body: output });
}

/** google.rpc.Code by number. */
const RPC_CODES: readonly Failure[] = [
  { code: "OK", kind: "internal" },
  { code: "CANCELLED", kind: "aborted" },
  { code: "UNKNOWN", kind: "internal" },
  { code: "INVALID_ARGUMENT", kind: "invalidInput" },
  { code: "DEADLINE_EXCEEDED", kind: "timeout" },
  { code: "NOT_FOUND", kind: "notFound" },
  { code: "ALREADY_EXISTS", kind: "alreadyExists" },
  { code: "PERMISSION_DENIED", kind: "accessDenied" },
  { code: "RESOURCE_EXHAUSTED", kind: "throttled" },
  { code: "FAILED_PRECONDITION", kind: "conflict" },
  { code: "ABORTED", kind: "conflict" },
  { code: "OUT_OF_RANGE", kind: "invalidInput" },
  { code: "UNIMPLEMENTED", kind: "notImplemented" },
  { code: "INTERNAL", kind: "internal" },
  { code: "UNAVAILABLE", kind: "unavailable" },
  { code: "DATA_LOSS", kind: "internal" },
  { code: "UNAUTHENTICATED", kind: "unauthenticated" },
];

function rpcCode(code: unknown): Failure {
  return RPC_CODES[Number(code)] ?? { code: String(code), kind: "internal" };
}
