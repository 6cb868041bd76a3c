/**
 * S3's old signature by HMAC-SHA1, verified only: boto3 still signs URLs and POST forms by it unless told otherwise.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
 */
import type { HeaderMap } from "../http/message.js";
import { CloudError } from "../internal/cloud-error.js";
import { nodeCrypto, sameSignature } from "./digest.js";
import { brokenCondition, parsePostPolicy } from "./post-policy.js";
import type { PostVerification } from "./s3-post.js";
import { decodeForm } from "./sigv4-canonical.js";
import type {
  BadSignature,
  GoodSignature,
  KeySecret,
  SignatureProblem,
  VerifyOptions,
} from "./sigv4-verify.js";

export interface S3V2Request {
  readonly method: string;
  /** The whole path with the bucket in front, as sent, also where the bucket is in the host. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<HeaderMap>;
}

/** Parts of a query that name what is asked for, and so are signed. */
const SUBRESOURCES: ReadonlySet<string> = /* @__PURE__ */ new Set(
  (
    "accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics notification " +
    "object-lock partNumber policy replication requestPayment response-cache-control response-content-disposition " +
    "response-content-encoding response-content-language response-content-type response-expires restore select " +
    "select-type storageClass tagging torrent uploadId uploads versionId versioning versions website"
  ).split(" "),
);

const SKEW_MS = 15 * 60_000;

/** True where the request is signed this way: whoever verifies asks this first. */
export function isS3V2({ query, headers }: Pick<S3V2Request, "query" | "headers">): boolean {
  return headers.authorization?.startsWith("AWS ") === true || /(?:^|&)AWSAccessKeyId=/.test(query);
}

export function verifyS3V2(request: S3V2Request, options: VerifyOptions): GoodSignature | BadSignature {
  const { authorization } = request.headers;
  const query = queryFields(request.query);
  const [, headerId, headerSignature] = /^AWS ([^:\s]+):(\S+)$/.exec(authorization ?? "") ?? [];
  const presigned = authorization === undefined;
  const accessKeyId = presigned ? query.get("AWSAccessKeyId") : headerId;
  const signature = presigned ? query.get("Signature")?.replaceAll(" ", "+") : headerSignature;
  if (accessKeyId === undefined || signature === undefined) {
    return bad(presigned ? "missing" : "malformed", "The request has no access key or no signature");
  }
  const time = presigned ? query.get("Expires") : (request.headers["x-amz-date"] ?? request.headers.date);
  const signedAt = presigned ? new Date(1000 * Number(time)) : new Date(time ?? "");
  if (time === undefined || Number.isNaN(signedAt.getTime()))
    return bad("malformed", "Date or Expires cannot be read");
  const secret = options.secretOf(accessKeyId);
  if (secret === undefined) return bad("unknownKey", "The access key does not exist", accessKeyId);
  const early = checkTime(presigned, signedAt, options);
  if (early !== undefined) return { ...early, accessKeyId };
  const headers = presigned ? withQueryHeaders(request.headers, query) : request.headers;
  if (tokenDiffers(secret, headers["x-amz-security-token"])) {
    return bad("badToken", "The session token is not the one of the access key", accessKeyId);
  }
  const dated = presigned ? time : headers["x-amz-date"] === undefined ? time : "";
  const text = stringToSign(request, headers, dated);
  if (!sameSignature(hmacSha1(secret.secretAccessKey, text), signature)) {
    const message = "The signature is not the one that the secret key gives for this request";
    return { ...bad("mismatch", message, accessKeyId), stringToSign: text };
  }
  return {
    ok: true,
    accessKeyId,
    region: undefined,
    service: "s3",
    signedAt,
    presigned,
    payloadHash: "UNSIGNED-PAYLOAD",
  };
}

function checkTime(presigned: boolean, at: Date, options: VerifyOptions): BadSignature | undefined {
  const aheadMs = at.getTime() - options.now.getTime();
  if (presigned) return aheadMs < 0 ? bad("expired", "The request has expired") : undefined;
  if (Math.abs(aheadMs) <= (options.skewMs ?? SKEW_MS)) return undefined;
  return bad("skewed", "The difference between the request's time and the server's is too large");
}

/** A URL carries in its query the headers that were signed with it. */
function withQueryHeaders(headers: Readonly<HeaderMap>, query: ReadonlyMap<string, string>): HeaderMap {
  const all: HeaderMap = { ...headers };
  for (const [name, value] of query) {
    const lower = name.toLowerCase();
    if (lower.startsWith("x-amz-") || lower === "content-md5" || lower === "content-type") all[lower] = value;
  }
  return all;
}

function stringToSign(request: S3V2Request, headers: Readonly<HeaderMap>, date: string): string {
  const names = Object.keys(headers).filter((name) => name.startsWith("x-amz-"));
  const lines = names.sort().map((name) => `${name}:${headers[name]?.trim()}\n`);
  const fixed = [
    request.method,
    headers["content-md5"]?.trim() ?? "",
    headers["content-type"]?.trim() ?? "",
    date,
  ];
  return `${fixed.join("\n")}\n${lines.join("")}${request.path}${subresources(request.query)}`;
}

function subresources(query: string): string {
  const pairs = query.split("&").filter((pair) => SUBRESOURCES.has(pair.split("=", 1)[0] as string));
  if (pairs.length === 0) return "";
  const decoded = pairs.map((pair) => {
    const at = pair.indexOf("=");
    return at === -1 ? pair : `${pair.slice(0, at)}=${decodeForm(pair.slice(at + 1))}`;
  });
  return `?${decoded.sort().join("&")}`;
}

function queryFields(query: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const pair of query.split("&")) {
    const at = pair.indexOf("=");
    if (at > 0) fields.set(decodeForm(pair.slice(0, at)), decodeForm(pair.slice(at + 1)));
  }
  return fields;
}

/** A POST form with `awsaccesskeyid` and `signature`. Names in lower case, `bucket` among them; `bytes` is the file's length. */
export function verifyS3V2Post(
  fields: Readonly<Record<string, string>>,
  bytes: number,
  options: VerifyOptions,
): PostVerification {
  const { policy: encoded, signature, awsaccesskeyid: accessKeyId } = fields;
  if (encoded === undefined || signature === undefined || accessKeyId === undefined) {
    return { ok: false, problem: "missing", message: "The form is not signed" };
  }
  const policy = parsePostPolicy(encoded);
  if (policy === undefined) return { ok: false, problem: "malformed", message: "The policy cannot be read" };
  const secret = options.secretOf(accessKeyId);
  if (secret === undefined)
    return { ok: false, problem: "unknownKey", message: "The access key does not exist" };
  if (tokenDiffers(secret, fields["x-amz-security-token"])) {
    return { ok: false, problem: "badToken", message: "The session token is not the one of the access key" };
  }
  if (!sameSignature(hmacSha1(secret.secretAccessKey, encoded), signature)) {
    return { ok: false, problem: "mismatch", message: "The signature is not the one of the secret key" };
  }
  if (options.now >= policy.expiration)
    return { ok: false, problem: "expired", message: "The policy has expired" };
  const broken = brokenCondition(policy, fields, bytes);
  if (broken !== undefined)
    return { ok: false, problem: "policy", message: `The form breaks its policy: ${broken}` };
  return { ok: true, accessKeyId, region: "" };
}

function tokenDiffers({ sessionToken }: KeySecret, sent: string | undefined): boolean {
  return sessionToken !== undefined && !sameSignature(sessionToken, sent ?? "");
}

function hmacSha1(secret: string, text: string): string {
  const node = nodeCrypto();
  if (node !== undefined) return node.createHmac("sha1", secret).update(text).digest("base64");
  throw new CloudError("Cannot verify an S3 signature of version 2: this runtime has no node:crypto", {
    kind: "notImplemented",
    code: "NotImplemented",
  });
}

function bad(problem: SignatureProblem, message: string, accessKeyId?: string): BadSignature {
  return { ok: false, problem, message, accessKeyId };
}
