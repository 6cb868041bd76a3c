/**
 * Node's diagnostics_channel, for OpenTelemetry and the like: the tracing channel `trivet:call`, whose context is
 * `{cloud, service, operation}` plus `result` or `error`. Costs one property read a call while nobody listens.
 */
import type { OperationModel } from "../model/model.js";

interface TracingChannel {
  readonly hasSubscribers?: boolean;
  readonly start: { readonly hasSubscribers: boolean };
  readonly asyncEnd: { readonly hasSubscribers: boolean };
  tracePromise<T>(work: () => Promise<T>, context: object): Promise<T>;
}

let channel: TracingChannel | null | undefined;

export function traced<T>(operation: OperationModel, work: () => Promise<T>): Promise<T> {
  channel ??= open();
  if (channel === null || !(channel.start.hasSubscribers || channel.asyncEnd.hasSubscribers)) return work();
  const { cloud, id } = operation.service;
  return channel.tracePromise(work, { cloud, service: id, operation: operation.name });
}

/** Browsers and workers have no diagnostics_channel: null. */
function open(): TracingChannel | null {
  if (typeof process === "undefined" || process.getBuiltinModule === undefined) return null;
  return process
    .getBuiltinModule("node:diagnostics_channel")
    .tracingChannel("trivet:call") as unknown as TracingChannel;
}
