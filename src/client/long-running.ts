/** `.untilDone()`: starts a long-running operation and follows it to its end. How is each cloud's own driver. */
import { CloudError } from "../internal/cloud-error.js";
import type { OperationModel } from "../model/model.js";
import type { Values } from "../protocol/protocol.js";
import type { Answer, Pending } from "./backend.js";
import { callForAnswer } from "./call.js";
import { sleep } from "./deadline.js";
import type { CallOptions } from "./options.js";
import type { ClientCore } from "./service.js";
import type { UntilDoneOptions } from "./types.js";

const POLL_INTERVAL_MS = 2_000;
const MAX_WAIT_SECONDS = 3_600;

export async function untilDone(
  core: ClientCore,
  operation: OperationModel,
  input: Values = {},
  options: UntilDoneOptions = {},
): Promise<Values> {
  const { pollIntervalMs, maxWaitSeconds = MAX_WAIT_SECONDS, ...callOptions } = options;
  const driver = core.backend.longRunning?.(operation);
  if (driver === undefined) {
    throw new CloudError(
      `Cannot wait for ${operation.name}: ${core.backend.cloud} has no driver for its style`,
      {
        kind: "notImplemented",
        code: "NotImplemented",
      },
    );
  }
  const start = Date.now();
  let progress = driver.begin(input, await callForAnswer(core, operation, input, callOptions));
  while (!progress.done) {
    const delayMs = pollIntervalMs ?? progress.retryAfterMs ?? POLL_INTERVAL_MS;
    if (Date.now() - start + delayMs > maxWaitSeconds * 1000) throw tooLate(operation, maxWaitSeconds);
    await sleep(delayMs, callOptions.signal);
    progress = driver.resume(progress, await look(core, operation, progress, callOptions));
  }
  return progress.result;
}

function look(
  core: ClientCore,
  operation: OperationModel,
  pending: Pending,
  options: CallOptions,
): Promise<Answer> {
  const at = pending.look;
  if ("url" in at) {
    return callForAnswer(core, operation, {}, options, { url: at.url, decode: at.decode === true });
  }
  const reader = core.model.operation(at.operation);
  if (reader === undefined)
    throw new Error(`Model of ${core.model.service.id} has no operation ${at.operation}`);
  return callForAnswer(core, reader, at.input, options);
}

function tooLate({ service, name }: OperationModel, maxWaitSeconds: number): CloudError {
  return new CloudError(`${name} was not done within ${maxWaitSeconds} s: it goes on in the cloud`, {
    kind: "timeout",
    code: "UntilDoneTimeout",
    cloud: service.cloud,
    service: service.id,
    operation: name,
  });
}
