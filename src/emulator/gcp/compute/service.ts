/** Compute Engine: instances, the operations that change them, and where they may be. */
import { Compute } from "../../../gen/gcp/compute.js";
import { gcpRestServer } from "../../../protocol/gcp-rest.js";
import { type EmulatedService, eraseHandlers } from "../../service.js";
import { answerBatch } from "../batch.js";
import { verifyKnown } from "../identity.js";
import { partialResponse } from "../partial-response.js";
import { changeHandlers } from "./instance-changes.js";
import { instanceHandlers } from "./instances.js";
import { operationHandlers } from "./operations.js";
import { placeHandlers } from "./places.js";

const handlers = eraseHandlers<Compute>(instanceHandlers, changeHandlers, operationHandlers, placeHandlers);

export const computeService: EmulatedService = {
  cloud: "gcp",
  id: "compute",
  model: Compute.serviceModel,
  protocol: gcpRestServer,
  handlers,
  answer: (request, context) => answerBatch({ model: Compute.serviceModel, handlers }, request, context),
  verify: verifyKnown,
  finish: partialResponse,
  malformed: { code: "badRequest", status: 400 },
  throttling: { code: "rateLimitExceeded", message: "Rate Limit Exceeded", status: 403 },
};
