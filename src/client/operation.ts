/** An operation as users call it: a function with exactly the members that its model gives it. */
import { deferred } from "../internal/deferred.js";
import type { OperationModel } from "../model/model.js";
import { isPresignable } from "../model/names.js";
import type { Values } from "../protocol/protocol.js";
import type { PresignOptions } from "./backend.js";
import { call, presign } from "./call.js";
import type { CallOptions } from "./options.js";
import type { ClientCore } from "./service.js";
import type { PageOptions, UntilDoneOptions } from "./types.js";

/** Paging and long-running operations are loaded when they are first asked for: a plain call does without. */
export function createOperation(core: ClientCore, operation: OperationModel): unknown {
  const invoke = (input?: Values, options?: CallOptions) => call(core, operation, input, options);
  Object.defineProperty(invoke, "name", { value: operation.name });
  const { page, lro } = operation.traits;
  return Object.assign(
    invoke,
    page && {
      pages: (input?: Values, options?: PageOptions) =>
        deferred(async () => (await paging()).pages(core, operation, page, input, options)),
      items: (input?: Values, options?: PageOptions) =>
        deferred(async () => (await paging()).items(core, operation, page, input, options)),
      all: async (input?: Values, options?: PageOptions) =>
        (await paging()).all(core, operation, page, input, options),
    },
    isPresignable(operation.service, operation.traits) && {
      presign: (input?: Values, options?: PresignOptions) => presign(core, operation, input, options),
    },
    lro && {
      untilDone: async (input?: Values, options?: UntilDoneOptions) => {
        const { untilDone } = await import("./long-running.js");
        return untilDone(core, operation, input, options);
      },
    },
  );
}

function paging(): Promise<typeof import("./paginate.js")> {
  return import("./paginate.js");
}
