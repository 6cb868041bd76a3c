/** Azure Blob Storage in the emulator. */
import { Blob } from "../../../gen/azure/blob.js";
import { azureXmlServer } from "../../../protocol/azure-xml.js";
import { type EmulatedService, eraseHandlers } from "../../service.js";
import { accountHandlers } from "./account.js";
import { addressOf } from "./address.js";
import { authorize } from "./authorize.js";
import { answerBatch } from "./batch.js";
import { blobHandlers } from "./blobs.js";
import { blockHandlers } from "./blocks.js";
import { containerHandlers } from "./containers.js";
import { copyHandlers } from "./copy.js";
import { corsHeaders, preflight } from "./cors.js";
import { deletedContainerHandlers } from "./deleted-containers.js";
import { leaseHandlers } from "./leases.js";
import { listHandlers } from "./list.js";
import { pageHandlers } from "./pages.js";
import { queryHandlers } from "./query.js";

const handlers = eraseHandlers<Blob>(
  accountHandlers,
  containerHandlers,
  deletedContainerHandlers,
  listHandlers,
  blobHandlers,
  blockHandlers,
  pageHandlers,
  copyHandlers,
  leaseHandlers,
  queryHandlers,
);

export const blobService: EmulatedService = {
  cloud: "azure",
  id: "blob",
  model: Blob.serviceModel,
  protocol: azureXmlServer,
  handlers,
  localize: (request) => ({ path: addressOf(request).path, query: request.query }),
  verify: authorize,
  answer: async (request, context) =>
    preflight(request, context) ?? answerBatch({ model: Blob.serviceModel, handlers }, request, context),
  finish: (response, context) => {
    const { requestId, request, clock } = context;
    const { "x-ms-version": version, "x-ms-client-request-id": clientRequestId } = request.headers;
    // A response of these statuses has no body to speak of.
    const { body, ...bare } = response;
    const noBody = response.status === 304 || response.status === 204;
    const isFailedHead = request.method === "HEAD" && response.status >= 400;
    const { "content-type": contentType, ...headers } = response.headers;
    return {
      ...bare,
      ...(body !== undefined && !noBody && { body }),
      headers: {
        server: "Windows-Azure-Blob/1.0",
        date: clock.date().toUTCString(),
        ...corsHeaders({ request, store: (key) => context.store(key) }),
        ...headers,
        ...(contentType !== undefined && !isFailedHead && { "content-type": contentType }),
        "x-ms-request-id": requestId,
        "x-ms-version": version ?? Blob.serviceModel.service.apiVersion,
        ...(clientRequestId && { "x-ms-client-request-id": clientRequestId }),
      },
    };
  },
  malformed: {
    code: "InvalidXmlDocument",
    status: 400,
    message: "XML specified is not syntactically valid.",
  },
  throttling: {
    code: "ServerBusy",
    message: "The server is currently unable to receive requests.",
    status: 503,
  },
};
