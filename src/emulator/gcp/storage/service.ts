/** Cloud Storage: its JSON API, uploads, and the XML API as far as signed URLs and tools made for S3 use it. */
import { Storage } from "../../../gen/gcp/storage.js";
import { gcpRestServer } from "../../../protocol/gcp-rest.js";
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
import { partialResponse } from "../partial-response.js";
import { aclHandlers } from "./acl.js";
import { bucketHandlers, isPublic, projectHandlers } from "./buckets.js";
import { corsHeaders, preflight } from "./cors.js";
import { folderHandlers, operationHandlers } from "./folders.js";
import { isForm } from "./form-upload.js";
import { verifyHmac } from "./hmac.js";
import { managedFolderHandlers } from "./managed-folders.js";
import { objectHandlers } from "./objects.js";
import { isBareJson, isHmacSigned, isXml } from "./paths.js";
import { storageStore } from "./store.js";
import { answerUpload } from "./uploads.js";
import { answerXml, targetOf, verifySignedUrl, xmlError } from "./xml.js";

const handlers = {
  ...eraseHandlers<Storage>(
    bucketHandlers,
    objectHandlers,
    aclHandlers,
    folderHandlers,
    managedFolderHandlers,
    operationHandlers,
  ),
  ...projectHandlers,
};

export const storageService: EmulatedService = {
  cloud: "gcp",
  id: "storage",
  model: Storage.serviceModel,
  protocol: gcpRestServer,
  handlers,
  verify,
  localize: ({ path, query }) => ({ path: isBareJson(path) ? `/storage/v1${path}` : path, query }),
  async answer(request, context) {
    return (
      preflight(request, context) ??
      (await answerBatch({ model: Storage.serviceModel, handlers }, request, context)) ??
      (await answerUpload(request, context)) ??
      (await answerXml(request, context))
    );
  },
  encodeError,
  finish: (response, context) => {
    const shown = partialResponse(response, context);
    return { ...shown, headers: { ...shown.headers, ...corsHeaders(context) } };
  },
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
  return gcpRestServer.encodeError(Storage.serviceModel, context.operation, {
    code,
    message,
    status,
    body,
    requestId: context.requestId,
  });
}

async function verify(request: IncomingRequest, context: Context): Promise<Verified> {
  if (isHmacSigned(request)) return verifyHmac(request, context);
  const signed = await verifySignedUrl(request, context);
  if (signed !== undefined) return signed;
  const verified = await verifyBearer(request, context);
  if (verified.caller !== undefined || !context.verify || isAnonymousAllowed(request, context))
    return verified;
  // A browser that reads by the object's address is refused, a client of the JSON API told to bring a token.
  if (isXml(request))
    throw new EmulatorError(
      "AccessDenied",
      "Anonymous caller does not have storage access to this resource.",
      403,
    );
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
  const { host, path, query, method, headers } = request;
  // An upload's address is its own credential; a form has one in its fields, which the upload looks at.
  if (/upload_id=/.test(query) || method === "OPTIONS" || isForm(request)) return true;
  const isOwnClient = !isXml(request) || "x-goog-api-client" in headers || "authorization" in headers;
  if (isOwnClient && !host.endsWith("googleapis.com")) return true;
  if (method !== "GET" && method !== "HEAD") return false;
  const target = isXml(request) ? targetOf(request) : jsonTarget(path);
  const bucket = context.store(storageStore).buckets.get(target.bucket);
  return isPublic(bucket) || bucket?.find(target.object)?.acl.has("allUsers") === true;
}

function jsonTarget(path: string): { readonly bucket: string; readonly object: string } {
  const [, bucket = "", object = ""] =
    /^\/(?:download\/)?storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?/.exec(path) ?? [];
  return { bucket: decodeURIComponent(bucket), object: decodeURIComponent(object) };
}
