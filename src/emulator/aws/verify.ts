/** Who signed a request to AWS, by the keys that IAM and STS gave out. */

import { isS3V2, type S3V2Request, verifyS3V2 } from "../../auth/s3-v2-verify.js";
import { parseAmzDate } from "../../auth/sigv4-canonical.js";
import {
  type BadSignature,
  type GoodSignature,
  type KeySecret,
  type Verification,
  verifyV4,
} from "../../auth/sigv4-verify.js";
import { bytesBody } from "../../http/response-body.js";
import { signedBody } from "../chunked-body.js";
import { type Context, EmulatorError, type IncomingRequest, type Verified } from "../service.js";
import { signingTime } from "../signing-time.js";
import { type AccessKey, iamStore, rootOf } from "./iam/store.js";
import { ROOT_ACCOUNT } from "./identity.js";
import { partitionOfRegion } from "./partition.js";
import { bucketOfHost } from "./s3/address.js";

/** Longest body of a request that is not an upload. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;
const DEFAULT_REGION = "us-east-1";

type ErrorOf = (problem: BadSignature, context: Context) => EmulatorError;

/** RPC services: the whole body is at hand and signed. */
export async function verifyQuery(request: IncomingRequest, context: Context): Promise<Verified> {
  return verifyWhole(request, context, queryError);
}

export async function verifyEc2(request: IncomingRequest, context: Context): Promise<Verified> {
  return verifyWhole(request, context, ec2Error);
}

/** For operations that need no signature (web identities): one that is there is looked at all the same. */
export async function verifyOptional(request: IncomingRequest, context: Context): Promise<Verified> {
  if (isSigned(request)) return verifyQuery(request, context);
  return { account: ROOT_ACCOUNT, region: DEFAULT_REGION };
}

async function verifyWhole(request: IncomingRequest, context: Context, errorOf: ErrorOf): Promise<Verified> {
  const body = await request.body.bytes(BODY_BYTES_MAX);
  if (!context.verify) return { ...unverified(request, context), body: bytesBody(body) };
  const found = await check(request, context, body);
  if (!found.ok) throw errorOf(found, context);
  return { ...signedBy(found, context, errorOf), body: bytesBody(body) };
}

/** S3: anonymous requests pass, for the handlers to judge; bodies are checked as they are read. */
export async function verifyS3(request: IncomingRequest, context: Context): Promise<Verified> {
  const stated = request.headers["x-amz-content-sha256"];
  if (!context.verify) {
    return {
      ...unverified(request, context),
      body: signedBody(request, stated?.startsWith("STREAMING-") ? stated : undefined, undefined),
    };
  }
  if (!isSigned(request))
    return { account: ROOT_ACCOUNT, region: DEFAULT_REGION, body: signedBody(request, stated, undefined) };
  if (request.headers.authorization?.startsWith("AWS ")) {
    throw new EmulatorError(
      "InvalidRequest",
      "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
      400,
    );
  }
  if (request.headers.authorization !== undefined && stated === undefined) {
    throw new EmulatorError(
      "InvalidRequest",
      "Missing required header for this request: x-amz-content-sha256",
      400,
    );
  }
  const found = isS3V2(request) ? checkV2(request, context) : await check(request, context, undefined);
  if (!found.ok) throw s3Error(found, context);
  checkSignedHeaders(request);
  return { ...signedBy(found, context, s3Error), body: signedBody(request, found.payloadHash, found) };
}

/** S3 takes no `x-amz-` header that the signature does not cover. URLs are sent with a hash all the same. */
function checkSignedHeaders({ headers, query }: IncomingRequest): void {
  const { authorization } = headers;
  const signed =
    authorization === undefined
      ? new URLSearchParams(query).get("X-Amz-SignedHeaders")
      : /SignedHeaders=([^,]*)/.exec(authorization)?.[1];
  // The old signature covers them all.
  if (signed === undefined || signed === null) return;
  const names = new Set([...signed.split(";"), "x-amz-content-sha256"]);
  const unsigned = Object.keys(headers).filter((name) => name.startsWith("x-amz-") && !names.has(name));
  if (unsigned.length === 0) return;
  const message = "There were headers present in the request which were not signed";
  throw new EmulatorError("AccessDenied", message, 403, { HeadersNotSigned: unsigned.join(", ") });
}

function isSigned(request: IncomingRequest): boolean {
  const { headers, query } = request;
  return (
    headers.authorization !== undefined || /(^|&)X-Amz-(Signature|Algorithm)=/i.test(query) || isS3V2(request)
  );
}

/** A bucket alone is signed as `/bucket` by its path, as `/bucket/` by botocore: S3 takes both. */
function checkV2(request: IncomingRequest, context: Context): Verification {
  const options = { secretOf: secretsOf(context), now: context.clock.date() };
  const named = withBucket(request);
  const found = verifyS3V2(named, options);
  if (found.ok || /.\//.test(named.path)) return found;
  const slashed = verifyS3V2({ ...named, path: `${named.path}/` }, options);
  return slashed.ok ? slashed : found;
}

/** The old signature covers the bucket as part of the path, wherever the request names it. */
function withBucket({ method, host, path, query, headers }: IncomingRequest): S3V2Request {
  const bucket = bucketOfHost(host);
  return { method, path: bucket === undefined ? path : `/${bucket}${path}`, query, headers };
}

/** Of the active keys. */
export function secretsOf(context: Context): (id: string) => KeySecret | undefined {
  const { keys } = context.store(iamStore);
  return (id) => {
    const key = keys.get(id);
    if (key === undefined || !key.active) return undefined;
    return { secretAccessKey: key.secret, sessionToken: key.sessionToken };
  };
}

async function check(
  request: IncomingRequest,
  context: Context,
  body: Uint8Array | undefined,
): Promise<Verification> {
  const { method, path, query, headers } = request;
  const received = { method, path, query, headers, body };
  const options = { secretOf: secretsOf(context), now: signingTime(request, context.clock) };
  if (!isAsymmetric(request)) return verifyV4(received, options);
  const { verifyV4a } = await import("../../auth/sigv4a-verify.js");
  return verifyV4a(received, options);
}

function isAsymmetric({ headers, query }: IncomingRequest): boolean {
  return headers.authorization?.startsWith("AWS4-ECDSA") ?? query.includes("X-Amz-Algorithm=AWS4-ECDSA");
}

function signedBy(found: GoodSignature, context: Context, errorOf: ErrorOf): Verified {
  const key = context.store(iamStore).keys.get(found.accessKeyId) as AccessKey;
  if (key.expiration !== undefined && key.expiration.getTime() <= context.clock.now()) {
    throw expiredToken(errorOf);
  }
  // A session of a directory bucket signs for it alone.
  if (key.bucketSession !== undefined && found.service !== "s3express") {
    const message = "The access key is a session of a directory bucket";
    throw errorOf({ ok: false, problem: "unknownKey", message, accessKeyId: key.id }, context);
  }
  const region = found.region ?? DEFAULT_REGION;
  context.store(iamStore).noteUse(key, found.service, region, context.operation?.name);
  return { ...callerOf(key, region), region };
}

function callerOf(key: AccessKey, region: string): Verified {
  const { id, account, userId } = key;
  // The root user's key is of the account in every partition.
  const arn = userId === account ? rootOf(account, partitionOfRegion(region)).arn : key.arn;
  return { caller: { id: arn, account, userId, accessKeyId: id }, account };
}

/** Signatures are not looked at: the key's own account where it is known, else the root user's. */
function unverified({ headers, query }: IncomingRequest, context: Context): Verified {
  const text = headers.authorization ?? decodeURIComponent(query);
  const [, id = "", region = DEFAULT_REGION, service] =
    /Credential=([^/,&]+)\/\d{8}\/([^/]+)\/([^/]+)\//.exec(text) ?? /AWSAccessKeyId=([^&]+)/.exec(text) ?? [];
  const store = context.store(iamStore);
  const key = store.keys.get(id);
  if (key !== undefined) store.noteUse(key, service ?? context.service, region, context.operation?.name);
  // A key of twelve digits names its account, as other emulators have it.
  const account = /^\d{12}$/.test(id) ? id : ROOT_ACCOUNT;
  const caller = key
    ? callerOf(key, region)
    : { caller: { ...rootCaller(account, region), accessKeyId: id }, account };
  return { ...caller, region };
}

function rootCaller(account: string, region: string) {
  const { arn, userId } = rootOf(account, partitionOfRegion(region));
  return { id: arn, account, userId };
}

const INVALID_TOKEN = "The security token included in the request is invalid.";

function expiredToken(errorOf: ErrorOf): EmulatorError {
  if (errorOf === ec2Error) return new EmulatorError("RequestExpired", "Request has expired.", 400);
  return errorOf === s3Error
    ? new EmulatorError("ExpiredToken", "The provided token has expired.", 400)
    : new EmulatorError("ExpiredToken", "The security token included in the request is expired", 403);
}

const MISMATCH =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

function queryError({ problem, message }: BadSignature): EmulatorError {
  switch (problem) {
    case "missing":
      return new EmulatorError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
    case "malformed":
      return new EmulatorError("IncompleteSignature", message, 400);
    case "unknownKey":
    case "badToken":
      return new EmulatorError("InvalidClientTokenId", INVALID_TOKEN, 403);
    case "expired":
    case "skewed":
      return new EmulatorError("SignatureDoesNotMatch", `Signature expired: ${message}`, 403);
    default:
      return new EmulatorError("SignatureDoesNotMatch", MISMATCH, 403);
  }
}

/** EC2 has codes of its own: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
function ec2Error({ problem, message }: BadSignature): EmulatorError {
  switch (problem) {
    case "missing":
      return new EmulatorError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
    case "malformed":
      return new EmulatorError("IncompleteSignature", message, 400);
    case "expired":
    case "skewed":
      return new EmulatorError("RequestExpired", "Request has expired.", 400);
    default:
      return new EmulatorError(
        "AuthFailure",
        "AWS was not able to validate the provided access credentials",
        401,
      );
  }
}

function s3Error(bad: BadSignature, context: Context): EmulatorError {
  const { problem, message, accessKeyId = "" } = bad;
  switch (problem) {
    case "unknownKey":
      return unknownKey(accessKeyId);
    case "badToken":
      // Without its token a temporary key is no key.
      return hasToken(context.request)
        ? new EmulatorError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400)
        : unknownKey(accessKeyId);
    case "expired":
      return new EmulatorError("AccessDenied", "Request has expired", 403, expiryDetails(context));
    case "skewed":
      if (context.request.headers.authorization === undefined)
        return new EmulatorError("AccessDenied", "Request is not valid yet", 403);
      return new EmulatorError(
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
        403,
        { ServerTime: new Date().toISOString(), MaxAllowedSkewMilliseconds: "900000" },
      );
    case "missing":
    case "malformed": {
      const presigned = context.request.headers.authorization === undefined;
      return presigned
        ? new EmulatorError("AuthorizationQueryParametersError", message, 400)
        : new EmulatorError("AuthorizationHeaderMalformed", message, 400);
    }
    default:
      return new EmulatorError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        403,
        {
          AWSAccessKeyId: accessKeyId,
          ...(bad.stringToSign !== undefined && { StringToSign: bad.stringToSign }),
          ...(bad.canonicalRequest !== undefined && { CanonicalRequest: bad.canonicalRequest }),
        },
      );
  }
}

function unknownKey(accessKeyId: string): EmulatorError {
  return new EmulatorError(
    "InvalidAccessKeyId",
    "The AWS Access Key Id you provided does not exist in our records.",
    403,
    { AWSAccessKeyId: accessKeyId },
  );
}

function hasToken({ headers, query }: IncomingRequest): boolean {
  return "x-amz-security-token" in headers || /(^|&)X-Amz-Security-Token=/i.test(query);
}

function expiryDetails({ request, clock }: Context): Record<string, string> {
  const parameters = new Map(
    Array.from(new URLSearchParams(request.query), ([name, value]) => [name.toLowerCase(), value]),
  );
  const ServerTime = clock.date().toISOString();
  const end = parameters.get("expires");
  if (end !== undefined) return { Expires: new Date(Number(end) * 1000).toISOString(), ServerTime };
  const seconds = parameters.get("x-amz-expires") ?? "0";
  const signedAt = parseAmzDate(parameters.get("x-amz-date") ?? "") ?? new Date(0);
  return {
    "X-Amz-Expires": seconds,
    Expires: new Date(signedAt.getTime() + Number(seconds) * 1000).toISOString(),
    ServerTime,
  };
}
