/**
 * Requests signed by HMAC keys, under AWS's names or Google's, as tools made for S3 send them.
 * https://cloud.google.com/storage/docs/aws-simple-migration
 */
import type { SigV4Vendor } from "../../../auth/sigv4.js";
import { type BadSignature, verifyV4 } from "../../../auth/sigv4-verify.js";
import type { HeaderMap } from "../../../http/message.js";
import type { EncodedResponse } from "../../../protocol/protocol.js";
import { signedBody } from "../../chunked-body.js";
import { type Context, EmulatorError, type IncomingRequest, type Verified } from "../../service.js";
import { signingTime } from "../../signing-time.js";
import { DEFAULT_EMAIL, projectOf } from "../identity.js";
import { storageStore } from "./store.js";

/** @throws EmulatorError 403 for an unknown or inactive key and for another signature, 501 for one of version 2. */
export function verifyHmac(request: IncomingRequest, context: Context): Verified {
  const vendor = vendorOf(request);
  if (vendor === undefined)
    throw new EmulatorError("NotImplemented", "The emulator knows HMAC keys by signatures of version 4", 501);
  const { hmacKeys } = context.store(storageStore);
  const secretOf = (id: string) => {
    const key = hmacKeys.get(id);
    return key?.metadata.state === "ACTIVE" ? { secretAccessKey: key.secret } : undefined;
  };
  const options = { secretOf, now: signingTime(request, context.clock) };
  // The body is held against its hash as it is read.
  const { method, path, query, headers } = request;
  const found = verifyV4({ method, path, query, headers }, options, vendor);
  if (!found.ok && context.verify) throw refusal(found);
  const accessId = found.accessKeyId ?? "";
  const id = hmacKeys.get(accessId)?.metadata.serviceAccountEmail ?? DEFAULT_EMAIL;
  const account = projectOf(id);
  const stated = headers["x-amz-content-sha256"] ?? headers["x-goog-content-sha256"];
  const body = found.ok
    ? signedBody(request, found.payloadHash, found)
    : signedBody(request, stated?.startsWith("STREAMING-") ? stated : undefined, undefined);
  return { caller: { id, account, accessKeyId: accessId }, account, body };
}

function vendorOf({ headers, query }: IncomingRequest): SigV4Vendor | undefined {
  const text = headers.authorization ?? /(?:^|&)X-(?:Amz|Goog)-Algorithm=([^&]+)/i.exec(query)?.[1] ?? "";
  return /^(AWS4|GOOG4)-HMAC-SHA256\b/.exec(text)?.[1] as SigV4Vendor | undefined;
}

/** https://cloud.google.com/storage/docs/xml-api/reference-status */
function refusal({ problem, message }: BadSignature): EmulatorError {
  switch (problem) {
    case "missing":
    case "malformed":
      return new EmulatorError("AuthenticationRequired", message, 400);
    case "unknownKey":
      return new EmulatorError("InvalidAccessKeyId", message, 403);
    case "expired":
      return new EmulatorError("ExpiredToken", message, 400);
    case "skewed":
      return new EmulatorError("RequestTimeTooSkewed", message, 403);
    default:
      return new EmulatorError("SignatureDoesNotMatch", message, 403);
  }
}

/** Under AWS's signature Cloud Storage takes the `x-amz-` headers that have an equal of its own. */
export function asGoogles(request: IncomingRequest): IncomingRequest {
  if (!isUnderAwsNames(request)) return request;
  const headers: HeaderMap = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.includes("server-side-encryption"))
      throw new EmulatorError(
        "NotImplemented",
        `The emulator's Cloud Storage does not implement ${name}`,
        501,
      );
    headers[name.replace(/^x-amz-/, "x-goog-")] = value;
  }
  const codings = (headers["content-encoding"] ?? "").split(",").map((each) => each.trim());
  const kept = codings.filter((each) => each !== "aws-chunked").join(",");
  if (kept === "") delete headers["content-encoding"];
  else headers["content-encoding"] = kept;
  return { ...request, headers };
}

/** What S3's tools read of an answer has the names that they know. */
export function asAsked(request: IncomingRequest, response: EncodedResponse): EncodedResponse {
  if (!isUnderAwsNames(request)) return response;
  const named = Object.entries(response.headers).map(([name, value]) => [
    name.replace(/^x-goog-meta-/, "x-amz-meta-"),
    value,
  ]);
  return { ...response, headers: Object.fromEntries(named) as HeaderMap };
}

function isUnderAwsNames(request: IncomingRequest): boolean {
  return vendorOf(request) === "AWS4";
}
