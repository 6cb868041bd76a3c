/** An operation as users call it: a function with exactly the members that its model gives it. */
import type { OperationModel } from "../model/model.js";
import { isPresignable } from "../model/names.js";
import type { Values } from "../protocol/protocol.js";
import type { PresignOptions } from "./backend.js";
import { call, presign } from "./call.js";
import { untilDone } from "./long-running.js";
import type { CallOptions } from "./options.js";
import { all, items, pages } from "./paginate.js";
import type { ClientCore } from "./service.js";
import type { PageOptions, UntilDoneOptions } from "./types.js";

export function createOperation(core: ClientCore, operation: OperationModel): unknown {
  const invoke = (input?: Values, options?: CallOptions) => call(core, operation, input, options);
  Object.defineProperty(invoke, "name", { value: operation.name });
  const { page, lro } = operation.traits;
  return Object.assign(
    invoke,
    page && {
      pages: (input?: Values, options?: PageOptions) => pages(core, operation, page, input, options),
      items: (input?: Values, options?: PageOptions) => items(core, operation, page, input, options),
      all: (input?: Values, options?: PageOptions) => all(core, operation, page, input, options),
    },
    isPresignable(operation.service, operation.traits) && {
      presign: (input?: Values, options?: PresignOptions) => presign(core, operation, input, options),
    },
    lro && {
      untilDone: (input?: Values, options?: UntilDoneOptions) => untilDone(core, operation, input, options),
    },
  );
}
