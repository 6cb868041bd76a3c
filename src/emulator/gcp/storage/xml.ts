/**
 * The XML API as far as signed URLs and tools made for S3 use it: an object at `/bucket/object`, read, written, deleted.
 * https://cloud.google.com/storage/docs/xml-api/overview
 */
import { verifyGcsUrl } from "../../../auth/gcs-v4-verify.js";
import type { EncodedResponse, Values } from "../../../protocol/protocol.js";
import { type Context, EmulatorError, type IncomingRequest, type Verified } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { DEFAULT_EMAIL, DEFAULT_PROJECT, identities, projectOf } from "../identity.js";
import { checkConditions } from "./conditions.js";
import { answerForm, isForm } from "./form-upload.js";
import { asAsked, asGoogles } from "./hmac.js";
import { download, insert, select } from "./objects.js";
import { isHmacSigned, isXml } from "./paths.js";
import { checkHolds } from "./retention.js";
import { storageStore } from "./store.js";
import { answerXmlResumable } from "./uploads.js";
import { checkKey, customerKey } from "./write.js";
import { answerXmlBucket } from "./xml-bucket.js";
import { copyXml } from "./xml-copy.js";
import { listXml } from "./xml-list.js";
import { xmlAcl, xmlEtag, xmlMetadata } from "./xml-metadata.js";
import { answerXmlMultipart } from "./xml-multipart.js";

interface Target {
  readonly bucket: string;
  readonly object: string;
}

/** `/bucket/object`, or `/object` at `bucket.storage.googleapis.com`. */
export function targetOf({ host, path }: IncomingRequest): Target {
  const ownHost = /^(.+)\.storage\.googleapis\.com(:\d+)?$/.exec(host)?.[1];
  const whole = ownHost === undefined ? path : `/${ownHost}${path}`;
  const [, bucket = "", object = ""] = /^\/([^/]*)(?:\/(.*))?$/s.exec(whole) ?? [];
  return { bucket: decodeURIComponent(bucket), object: decodeURIComponent(object) };
}

/**
 * Verifies a signed URL; undefined when the request is none.
 *
 * @throws EmulatorError 403 for another signature than the account's key makes, 400 for a URL that is over.
 */
export async function verifySignedUrl(
  request: IncomingRequest,
  context: Context,
): Promise<Verified | undefined> {
  const { method, path, query, headers } = request;
  if (!/(^|&)(X-Goog-Signature|GoogleAccessId)=/i.test(query) || /(^|&)upload_id=/.test(query))
    return undefined;
  const result = await verifyGcsUrl(
    { method, path, query, headers },
    {
      publicKeysOf: (email) =>
        context
          .store(identities)
          .keys(email)
          .map((key) => key.publicKey),
      now: context.clock.date(),
    },
  );
  if (result.ok)
    return {
      caller: { id: result.email, account: projectOf(result.email) },
      account: projectOf(result.email),
    };
  if (!context.verify)
    return { caller: { id: DEFAULT_EMAIL, account: DEFAULT_PROJECT }, account: DEFAULT_PROJECT };
  const [code, status] = PROBLEMS[result.problem] ?? ["SignatureDoesNotMatch", 403];
  throw new EmulatorError(code, result.message, status);
}

const PROBLEMS: Readonly<Record<string, readonly [code: string, status: number]>> = {
  expired: ["ExpiredToken", 400],
  notYetValid: ["AccessDenied", 403],
  malformed: ["AuthenticationRequired", 400],
};

/** Answers a request of the XML API; undefined for others. Errors are XML too. */
export async function answerXml(
  request: IncomingRequest,
  context: Context,
): Promise<EncodedResponse | undefined> {
  if (!isHmacSigned(request) && !isXml(request)) return undefined;
  try {
    return asAsked(request, await answer(asGoogles(request), context));
  } catch (error) {
    if (error instanceof EmulatorError) return xmlError(error);
    throw error;
  }
}

async function answer(request: IncomingRequest, context: Context): Promise<EncodedResponse> {
  const { bucket: bucketName, object: name } = targetOf(request);
  const generation = new URLSearchParams(request.query).get("generation") ?? undefined;
  const selector = { bucket: bucketName, object: name, generation };
  if (isForm(request)) return answerForm(request, context, bucketName);
  if (name === "") {
    if (SUBRESOURCE.test(request.query)) throw notImplemented(request);
    const answered = await answerXmlBucket(request, context, bucketName);
    if (answered !== undefined) return answered;
    if (request.method !== "GET") throw notImplemented(request);
    return listXml(request, context, bucketName);
  }
  if (OBJECT_SUBRESOURCE.test(request.query)) throw notImplemented(request);
  const resumed = await answerXmlResumable(request, context, bucketName, name);
  if (resumed !== undefined) return resumed;
  const multipart = await answerXmlMultipart(request, context, bucketName, name);
  if (multipart !== undefined) return multipart;
  switch (request.method) {
    case "GET":
    case "HEAD": {
      const { object } = select(context, selector, true);
      checkKey(object, customerKey(request.headers));
      const output = download(object, request.headers.range, context);
      return xmlDownload({ ...output, etag: xmlEtag(object.resource) }, context, request);
    }
    case "PUT":
      return put(request, context, bucketName, name);
    case "DELETE": {
      const { bucket, object } = select(context, selector);
      checkHolds(object, context.clock.now());
      bucket.remove(name, generation, context.memory, context.store(storageStore).now());
      return { status: 204, headers: {} };
    }
    default:
      throw notImplemented(request);
  }
}

/** What an object has beside its bytes. */
const OBJECT_SUBRESOURCE =
  /(^|&)(acl|attributes|compose|encryption|legal-hold|restore|retention|select|tagging|torrent)(=|&|$)/;

/** Settings of a bucket that the XML API reads by a word in the query. */
const SUBRESOURCE =
  /(^|&)(acl|billing|compose|cors|defaultObjectAcl|delete|encryptionConfig|lifecycle|location|logging|storageClass|tagging|uploads|versioning|versions|website)(=|&|$)/;

function notImplemented({ method, path }: IncomingRequest): EmulatorError {
  return new EmulatorError(
    "NotImplemented",
    `The emulator does not implement storage's XML ${method} ${path}`,
    501,
  );
}

function xmlDownload(
  output: ReturnType<typeof download> & { readonly etag: string },
  context: Context,
  request: IncomingRequest,
): EncodedResponse {
  const query = new URLSearchParams(request.query);
  const headers: Record<string, string> = {
    ...context.responseHeaders,
    "content-type": query.get("response-content-type") ?? output.contentType ?? "application/octet-stream",
    etag: output.etag,
    "last-modified": output.lastModified,
    "x-goog-generation": output.generation,
    "x-goog-metageneration": output.metageneration,
    "x-goog-hash": output.hash,
    "x-goog-stored-content-encoding": output.storedContentEncoding,
    "x-goog-stored-content-length": output.storedContentLength,
  };
  const optional = {
    "content-encoding": output.contentEncoding,
    "content-disposition": query.get("response-content-disposition") ?? output.contentDisposition,
    "content-language": output.contentLanguage,
    "cache-control": output.cacheControl,
    "content-range": output.contentRange,
  };
  for (const [name, value] of Object.entries(output.custom)) headers[`x-goog-meta-${name}`] = String(value);
  for (const [header, value] of Object.entries(optional))
    if (value !== undefined && value !== null) headers[header] = value;
  const status = output.contentRange === undefined ? 200 : 206;
  return { status, headers, ...(request.method === "GET" && { body: output.media }) };
}

async function put(
  request: IncomingRequest,
  context: Context,
  bucketName: string,
  name: string,
): Promise<EncodedResponse> {
  const { headers } = request;
  if (headers["x-goog-copy-source"] !== undefined) return copyXml(request, context, bucketName, name);
  const bucket = context.store(storageStore).bucket(bucketName);
  const conditions = {
    ifGenerationMatch: headers["x-goog-if-generation-match"],
    ifMetagenerationMatch: headers["x-goog-if-metageneration-match"],
  };
  checkConditions(bucket.find(name), conditions);
  const limit = /^(\d+),(\d+)$/.exec(headers["x-goog-content-length-range"] ?? "");
  const bytes = await StoredBytes.read(request.body, context.memory);
  if (limit && (bytes.length < Number(limit[1]) || bytes.length > Number(limit[2]))) {
    context.memory.release(bytes.length);
    throw new EmulatorError("EntityTooLarge", "Your proposed upload is not within the allowed range.", 400);
  }
  const stated = headers["content-md5"] ?? /(?:^|,)md5=([^,]+)/.exec(headers["x-goog-hash"] ?? "")?.[1];
  const crc32c = /(?:^|,)crc32c=([^,]+)/.exec(headers["x-goog-hash"] ?? "")?.[1];
  const body: Values = { ...xmlMetadata(headers), md5Hash: stated, crc32c };
  const input = {
    ...conditions,
    name,
    predefinedAcl: xmlAcl(headers["x-goog-acl"]),
    kmsKeyName: headers["x-goog-encryption-kms-key-name"],
  };
  const { resource, generation } = insert(context, bucket, input, body, bytes);
  return {
    status: 200,
    headers: {
      etag: xmlEtag(resource),
      "x-goog-generation": generation,
      "x-goog-metageneration": "1",
      "x-goog-hash": `crc32c=${resource.crc32c},md5=${resource.md5Hash}`,
      "content-length": "0",
    },
  };
}

/** Codes of the XML API for the JSON API's reasons. */
const CODES: Readonly<Record<string, string>> = {
  retentionPolicyNotMet: "AccessDenied",
  conditionNotMet: "PreconditionFailed",
  requestedRangeNotSatisfiable: "InvalidRange",
  required: "AccessDenied",
  invalid: "InvalidArgument",
  forbidden: "AccessDenied",
};

/** One reason of the JSON API's is two codes of the XML API's: its message tells which. */
const TOLD_APART: Readonly<Record<string, (message: string) => string>> = {
  notFound: (message) => (message.startsWith("No such object") ? "NoSuchKey" : "NoSuchBucket"),
  conflict: (message) => (message.endsWith("not empty.") ? "BucketNotEmpty" : "BucketAlreadyOwnedByYou"),
};

export function xmlError({ code, message, status, headers }: EmulatorError): EncodedResponse {
  const name = TOLD_APART[code]?.(message) ?? CODES[code] ?? code;
  const body = `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${name}</Code><Message>${escapeXml(message)}</Message></Error>`;
  return { status, headers: { ...headers, "content-type": "application/xml; charset=UTF-8" }, body };
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
