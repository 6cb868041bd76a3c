/** Cloud Storage: its JSON API, uploads, and the XML API as far as signed URLs use it. */
import { Storage } from "../../../gen/gcp/storage.js";
import { gcpRest } from "../../../protocol/gcp-rest.js";
import type { EncodedResponse } from "../../../protocol/protocol.js";
import {
  type Context,
  type EmulatedService,
  EmulatorError,
  eraseHandlers,
  type IncomingRequest,
  type Verified,
} from "../../service.js";
import { answerBatch } from "../batch.js";
import { verifyBearer } from "../identity.js";
import { aclHandlers } from "./acl.js";
import { bucketHandlers, isPublic, projectHandlers } from "./buckets.js";
import { objectHandlers } from "./objects.js";
import { isBareJson, isXml } from "./paths.js";
import { storageStore } from "./store.js";
import { answerUpload } from "./uploads.js";
import { answerXml, verifySignedUrl, xmlError } from "./xml.js";

const handlers = {
  ...eraseHandlers<Storage>(bucketHandlers, objectHandlers, aclHandlers),
  ...projectHandlers,
};

export const storageService: EmulatedService = {
  cloud: "gcp",
  id: "storage",
  model: Storage.serviceModel,
  protocol: gcpRest,
  handlers,
  verify,
  localize: ({ path, query }) => ({ path: isBareJson(path) ? `/storage/v1${path}` : path, query }),
  async answer(request, context) {
    return (
      (await answerBatch({ model: Storage.serviceModel, handlers }, request, context)) ??
      (await answerUpload(request, context)) ??
      (await answerXml(request, context))
    );
  },
  encodeError,
  malformed: { code: "invalid", status: 400 },
  throttling: {
    code: "rateLimitExceeded",
    message: "The object exceeded the rate limit for object mutation operations.",
    status: 429,
  },
};

/** Signed URLs speak XML, their errors too. */
function encodeError(error: EmulatorError, context: Context): EncodedResponse {
  if (isXml(context.request)) return xmlError(error);
  const { code, message, status, body } = error;
  return gcpRest.encodeError(Storage.serviceModel, context.operation, {
    code,
    message,
    status,
    body,
    requestId: context.requestId,
  });
}

async function verify(request: IncomingRequest, context: Context): Promise<Verified> {
  const signed = await verifySignedUrl(request, context);
  if (signed !== undefined) return signed;
  const verified = await verifyBearer(request, context);
  if (verified.caller !== undefined || !context.verify || isAnonymousAllowed(request, context))
    return verified;
  throw new EmulatorError(
    "required",
    "Anonymous caller does not have storage access to this resource.",
    401,
    undefined,
    { "www-authenticate": 'Bearer realm="https://accounts.google.com/"' },
  );
}

/**
 * Without credentials: public buckets are read. Clients that STORAGE_EMULATOR_HOST points here send none, by Google's own
 * convention, so on any host but Google's they are taken for the project's owner.
 */
function isAnonymousAllowed(request: IncomingRequest, context: Context): boolean {
  const { host, path, query, method } = request;
  if (/upload_id=/.test(query)) return true;
  const isOwnClient = !isXml(request) || "x-goog-api-client" in request.headers;
  if (isOwnClient && !host.endsWith("googleapis.com")) return true;
  if (method !== "GET" && method !== "HEAD") return false;
  const name = /^\/(?:download\/)?storage\/v1\/b\/([^/]+)\/o/.exec(path)?.[1] ?? xmlBucket(request);
  return isPublic(context.store(storageStore).buckets.get(decodeURIComponent(name ?? "")));
}

function xmlBucket(request: IncomingRequest): string | undefined {
  return isXml(request) ? /^\/([^/]+)/.exec(request.path)?.[1] : undefined;
}
