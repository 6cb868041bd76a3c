/** Azure Resource Manager in the emulator. Resources of other providers are kept as they are said; what else their providers do answers 501. */

import { bearerOf } from "../../../auth/bearer.js";
import { Resources } from "../../../gen/azure/resources.js";
import { azureJsonServer } from "../../../protocol/azure-json.js";
import type { EncodedResponse } from "../../../protocol/protocol.js";
import { withRequired } from "../../required.js";
import {
  type Context,
  type EmulatedService,
  EmulatorError,
  eraseHandlers,
  type IncomingRequest,
} from "../../service.js";
import { verifyToken } from "../tokens.js";
import { deploymentHandlers, deploymentStatus } from "./deployments.js";
import { resourceGroupHandlers } from "./groups.js";
import { providerHandlers } from "./providers.js";
import { resourceHandlers } from "./resources.js";
import { managerStore, originOf, settle } from "./store.js";
import { subscriptionHandlers } from "./subscriptions.js";
import { tagHandlers } from "./tags.js";

const AUDIENCES = [
  "https://management.azure.com",
  "https://management.core.windows.net",
  "https://management.usgovcloudapi.net",
  "https://management.chinacloudapi.cn",
];

/** Tags of a resource, whose own path fits the operations of resources better. */
const TAGS_PATH = /\/providers\/microsoft\.resources\/tags\/default$/i;
const TAG_OPERATIONS: Readonly<Record<string, string>> = {
  GET: "tags.getAtScope",
  PUT: "tags.createOrUpdateAtScope",
  PATCH: "tags.updateAtScope",
  DELETE: "tags.deleteAtScope",
};

export const resourcesService: EmulatedService = {
  cloud: "azure",
  id: "resources",
  model: Resources.serviceModel,
  protocol: {
    ...withRequired(azureJsonServer, (path) =>
      path === "parameters"
        ? new EmulatorError(
            "MissingRequestBody",
            "The request body is missing. Please provide a valid request body.",
            400,
          )
        : undefined,
    ),
    route: (model, request) =>
      (TAGS_PATH.test(request.path) ? model.operation(TAG_OPERATIONS[request.method] ?? "") : undefined) ??
      azureJsonServer.route(model, request),
  },
  handlers: eraseHandlers<Resources>(
    resourceGroupHandlers,
    subscriptionHandlers,
    providerHandlers,
    tagHandlers,
    resourceHandlers,
    deploymentHandlers,
  ),
  verify(request, context) {
    const token = bearerOf(request.headers);
    if (token === undefined) {
      if (!context.verify) return {};
      throw new EmulatorError(
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
        401,
        undefined,
        {
          "www-authenticate": 'Bearer authorization_uri="https://login.microsoftonline.com/"',
        },
      );
    }
    const audiences = context.verify ? [...AUDIENCES, request.origin] : AUDIENCES;
    const claims = verifyToken(token, context, audiences);
    return { caller: { id: String(claims.oid), account: String(claims.tid), claims } };
  },
  answer: operationResult,
  finish: (response, { requestId, request }) => ({
    ...response,
    headers: {
      ...response.headers,
      "x-ms-request-id": requestId,
      "x-ms-correlation-request-id": requestId,
      ...(request.headers["x-ms-client-request-id"] && {
        "x-ms-client-request-id": request.headers["x-ms-client-request-id"],
      }),
    },
  }),
  malformed: { code: "InvalidRequestContent", status: 400 },
  throttling: { code: "TooManyRequests", message: "The request is being throttled.", status: 429 },
};

/** Where a long-running operation is watched: 202 until it has ended, 200 from then on. */
function operationResult(request: IncomingRequest, context: Context): EncodedResponse | undefined {
  const status = request.method === "GET" ? deploymentStatus(request.path, context) : undefined;
  if (status !== undefined) {
    const headers = { "content-type": "application/json; charset=utf-8", "retry-after": "1" };
    return { status: 200, headers, body: JSON.stringify(status) };
  }
  const id = /^\/subscriptions\/[^/]+\/operationresults\/([^/]+)$/i.exec(request.path)?.[1];
  if (id === undefined || request.method !== "GET") return undefined;
  const store = context.store(managerStore);
  settle(store, context.clock.now());
  const operation = store.operations.get(id);
  if (operation === undefined)
    throw new EmulatorError("NotFound", `The operation '${id}' could not be found.`, 404);
  if (operation.finished) return { status: 200, headers: {} };
  const location = `${originOf(request)}${request.path}?${request.query}`;
  return { status: 202, headers: { location, "retry-after": "1" } };
}
