/** Waiters: an operation called until its answer says that a resource reached a state. */
import { CloudError, isCloudError } from "../internal/cloud-error.js";
import type { AcceptorTraits, WaiterTraits } from "../model/ir.js";
import type { OperationModel } from "../model/model.js";
import type { Values } from "../protocol/protocol.js";
import { call } from "./call.js";
import { sleep } from "./deadline.js";
import { search } from "./jmespath.js";
import type { ClientCore } from "./service.js";
import type { WaitOptions } from "./types.js";

/** One look: the operation's output, or its error. */
type Look = { readonly output: Values } | { readonly error: CloudError };

export async function waitUntil(
  core: ClientCore,
  name: string,
  waiter: WaiterTraits,
  input: Values = {},
  options: WaitOptions = {},
): Promise<Values> {
  const operation = core.model.operation(waiter.operation) as OperationModel;
  const { maxWaitSeconds, delayMs = waiter.delaySeconds * 1000, ...callOptions } = options;
  const maxWaitMs = (maxWaitSeconds ?? waiter.delaySeconds * waiter.maxAttempts) * 1000;
  const start = Date.now();
  for (let looks = 1; ; looks++) {
    const look = await lookOnce(core, operation, input, callOptions);
    const match = waiter.acceptors.find((acceptor) => accepts(acceptor, look));
    if (match?.state === "success") return "output" in look ? look.output : {};
    if (match?.state === "failure") throw failed(operation, name, match, look);
    if (match === undefined && "error" in look) throw look.error;
    if (Date.now() - start + delayMs > maxWaitMs) throw tooLate(operation, name, looks, maxWaitMs, look);
    await sleep(delayMs, callOptions.signal);
  }
}

async function lookOnce(
  core: ClientCore,
  operation: OperationModel,
  input: Values,
  options: WaitOptions,
): Promise<Look> {
  try {
    return { output: await call(core, operation, input, options) };
  } catch (error) {
    // Bad input and aborts are no state of the resource; only what a service answered can match.
    if (isCloudError(error) && error.status !== undefined) return { error };
    throw error;
  }
}

function accepts({ matcher, expected, argument = "@" }: AcceptorTraits, look: Look): boolean {
  switch (matcher) {
    case "error":
      if (typeof expected === "boolean") return expected === "error" in look;
      return "error" in look && look.error.code === expected;
    case "status":
      return ("error" in look ? look.error.status : 200) === expected;
    case "path":
      return "output" in look && search(argument, look.output) === expected;
    case "pathAll": {
      const found = "output" in look ? search(argument, look.output) : undefined;
      return Array.isArray(found) && found.length > 0 && found.every((each) => each === expected);
    }
    case "pathAny": {
      const found = "output" in look ? search(argument, look.output) : undefined;
      return Array.isArray(found) && found.some((each) => each === expected);
    }
  }
}

function failed(
  operation: OperationModel,
  waiter: string,
  { expected, argument }: AcceptorTraits,
  look: Look,
): CloudError {
  const state = argument === undefined ? String(expected) : `${argument} is ${String(expected)}`;
  return waiterError(operation, look, {
    message: `Waiter ${waiter} failed: ${"error" in look ? look.error.message : state}`,
    kind: "error" in look ? look.error.kind : "conflict",
    code: "WaiterFailed",
  });
}

function tooLate(
  operation: OperationModel,
  waiter: string,
  looks: number,
  maxWaitMs: number,
  look: Look,
): CloudError {
  return waiterError(operation, look, {
    message: `Waiter ${waiter} gave up: the state was not reached within ${maxWaitMs / 1000} s, ${looks} looks`,
    kind: "timeout",
    code: "WaiterTimeout",
  });
}

function waiterError(
  { service, name }: OperationModel,
  look: Look,
  { message, kind, code }: { message: string; kind: CloudError["kind"]; code: string },
): CloudError {
  const seen = "error" in look ? { cause: look.error, status: look.error.status } : { body: look.output };
  return new CloudError(message, {
    kind,
    code,
    cloud: service.cloud,
    service: service.id,
    operation: name,
    ...seen,
  });
}
