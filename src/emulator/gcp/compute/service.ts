/** Compute Engine: instances, the operations that change them, and where they may be. */
import { Compute } from "../../../gen/gcp/compute.js";
import { gcpRestServer } from "../../../protocol/gcp-rest.js";
import { type Context, type EmulatedService, eraseHandlers } from "../../service.js";
import { answerBatch } from "../batch.js";
import { verifyKnown } from "../identity.js";
import { partialResponse } from "../partial-response.js";
import { PUBLIC_IMAGES } from "./catalog.js";
import { diskHandlers, seedImages } from "./disks.js";
import { changeHandlers } from "./instance-changes.js";
import { instanceHandlers } from "./instances.js";
import { networkHandlers, seedNetwork } from "./networks.js";
import { operationHandlers } from "./operations.js";
import { placeHandlers } from "./places.js";
import { templateHandlers } from "./templates.js";

const handlers = {
  ...eraseHandlers<Compute>(instanceHandlers, changeHandlers, operationHandlers, placeHandlers),
  ...diskHandlers,
  ...networkHandlers,
  ...templateHandlers,
};

export const computeService: EmulatedService = {
  cloud: "gcp",
  id: "compute",
  model: Compute.serviceModel,
  protocol: gcpRestServer,
  handlers,
  answer(request, context) {
    seed(context);
    return answerBatch({ model: Compute.serviceModel, handlers }, request, context);
  },
  verify: verifyKnown,
  finish: partialResponse,
  malformed: { code: "badRequest", status: 400 },
  throttling: { code: "rateLimitExceeded", message: "Rate Limit Exceeded", status: 403 },
};

/** What the project of a request has from the start. */
function seed(context: Context): void {
  const project = /\/projects\/([^/]+)/.exec(context.request.path)?.[1];
  if (project === undefined) return;
  if (Object.hasOwn(PUBLIC_IMAGES, project)) seedImages(context, project);
  else seedNetwork(context, project);
}
