/**
 * Cloud Storage's signed URLs, V4 and V2, and POST policies, by a service account's key or by whatever signs for it.
 * https://cloud.google.com/storage/docs/authentication/signatures
 */
import type { HeaderMap, HttpRequest } from "../http/message.js";
import { invalidInput } from "../internal/cloud-error.js";
import { sha256Hex, toBase64, toBytes, toHex } from "./digest.js";
import { rsaSign } from "./rsa.js";
import {
  amzDate,
  type CanonicalHeaders,
  canonicalQuery,
  canonicalRequest,
  encodeStrict,
  hostOf,
  signedHeaders,
  UNSIGNED_PAYLOAD,
} from "./sigv4-canonical.js";

export const GCS_ALGORITHM = "GOOG4-RSA-SHA256";
const EXPIRES_SECONDS_MAX = 604_800;

/** Signs in the name of a service account: by its key, or by IAM's `signBlob`. RSA PKCS #1 v1.5 with SHA-256. */
export interface BlobSigner {
  readonly email: string;
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** `privateKey` is PEM, as in a service account's key file. */
export function keySigner(email: string, privateKey: string): BlobSigner {
  return { email, sign: (bytes) => rsaSign(privateKey, bytes) };
}

export interface GcsUrlOptions {
  readonly signer: BlobSigner;
  /** 1 to 604,800 by V4, 1 or more by V2. */
  readonly expiresInSeconds: number;
  /** Start of validity. Default now. */
  readonly at?: Date | undefined;
}

/** What a URL is for: the parts of a request. Whoever uses the URL must send the headers. */
export type GcsUrlRequest = Pick<HttpRequest, "method" | "origin" | "path" | "query"> & {
  readonly headers?: Readonly<HeaderMap> | undefined;
};

/** A V4 signed URL. */
export async function signGcsUrl(request: GcsUrlRequest, options: GcsUrlOptions): Promise<string> {
  const { signer, expiresInSeconds } = options;
  if (
    !(Number.isInteger(expiresInSeconds) && expiresInSeconds >= 1 && expiresInSeconds <= EXPIRES_SECONDS_MAX)
  ) {
    throw invalidInput(
      `options.expiresInSeconds must be a whole number from 1 to 604800, is ${expiresInSeconds}`,
    );
  }
  const date = amzDate(options.at ?? new Date());
  const scope = gcsScope(date);
  const headers = lowerCase(request.headers ?? {});
  const covered = signedHeaders(headers, hostWithoutPort(hostOf(request.origin)));
  const parameters = [
    `X-Goog-Algorithm=${GCS_ALGORITHM}`,
    `X-Goog-Credential=${encodeStrict(`${signer.email}/${scope}`)}`,
    `X-Goog-Date=${date}`,
    `X-Goog-Expires=${expiresInSeconds}`,
    `X-Goog-SignedHeaders=${encodeStrict(covered.names)}`,
  ];
  const query = canonicalQuery(
    (request.query === "" ? parameters : [request.query, ...parameters]).join("&"),
  );
  const text = gcsStringToSign(request, query, covered, headers, date, scope);
  const signature = toHex(await signer.sign(toBytes(text)));
  return `${request.origin}${request.path}?${query}&X-Goog-Signature=${signature}`;
}

/** `query` is canonical and without the signature. */
export function gcsStringToSign(
  request: Pick<HttpRequest, "method" | "path">,
  query: string,
  covered: CanonicalHeaders,
  headers: Readonly<HeaderMap>,
  date: string,
  scope: string,
): string {
  const payload = headers["x-goog-content-sha256"] ?? UNSIGNED_PAYLOAD;
  const canonical = canonicalRequest(request, request.path, query, covered, payload);
  return `${GCS_ALGORITHM}\n${date}\n${scope}\n${sha256Hex(canonical)}`;
}

/** The region does not matter to the service. */
function gcsScope(date: string): string {
  return `${date.slice(0, 8)}/auto/storage/goog4_request`;
}

/** Cloud Storage signs the host alone. */
export function hostWithoutPort(host: string): string {
  return host.replace(/:\d+$/, "");
}

function lowerCase(headers: Readonly<HeaderMap>): HeaderMap {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/**
 * A V2 signed URL: of the request's path, which is `/bucket/object`. It may live for years. Its parameters are not signed.
 * https://cloud.google.com/storage/docs/access-control/signed-urls-v2
 */
export async function signGcsUrlV2(request: GcsUrlRequest, options: GcsUrlOptions): Promise<string> {
  const { signer, expiresInSeconds, at = new Date() } = options;
  if (!(Number.isInteger(expiresInSeconds) && expiresInSeconds >= 1)) {
    throw invalidInput(
      `options.expiresInSeconds must be a whole number of at least 1, is ${expiresInSeconds}`,
    );
  }
  const expires = Math.floor(at.getTime() / 1000) + expiresInSeconds;
  const text = gcsV2Text(request.method, lowerCase(request.headers ?? {}), expires, request.path);
  const signature = toBase64(await signer.sign(toBytes(text)));
  const parameters = [
    `GoogleAccessId=${encodeStrict(signer.email)}`,
    `Expires=${expires}`,
    `Signature=${encodeStrict(signature)}`,
  ];
  const query = (request.query === "" ? parameters : [request.query, ...parameters]).join("&");
  return `${request.origin}${request.path}?${query}`;
}

export function gcsV2Text(
  method: string,
  headers: Readonly<HeaderMap>,
  expires: number,
  resource: string,
): string {
  const names = Object.keys(headers).filter(
    // The key itself is left out: whoever has the URL must not learn it, nor may it be bound to it.
    (name) => name.startsWith("x-goog-") && !/^x-goog-encryption-(key|key-sha256)$/.test(name),
  );
  const lines = names.sort().map((name) => `${name}:${headers[name]?.trim().replace(/\s*\n\s*/g, " ")}\n`);
  const fixed = [method, headers["content-md5"] ?? "", headers["content-type"] ?? "", expires];
  return `${fixed.join("\n")}\n${lines.join("")}${resource}`;
}

export interface GcsLocation {
  readonly bucket: string;
  /** Absent: the bucket. */
  readonly object?: string | undefined;
  /** Default `https://storage.googleapis.com`. */
  readonly origin?: string | undefined;
  /** `virtual`: the bucket is in the host; `bound`: `origin` is the bucket's own host name. Default `path`. */
  readonly style?: "path" | "virtual" | "bound" | undefined;
}

/** Origin and path of a bucket or an object. Slashes of a name stay. */
export function gcsAddress(location: GcsLocation): { readonly origin: string; readonly path: string } {
  const { bucket, object, origin = "https://storage.googleapis.com", style = "path" } = location;
  const name = object === undefined ? "" : `/${object.split("/").map(encodeStrict).join("/")}`;
  if (style === "path") return { origin, path: `/${bucket}${name}` };
  return {
    origin: style === "virtual" ? origin.replace("://", `://${bucket}.`) : origin,
    path: name === "" ? "/" : name,
  };
}

/** `["starts-with", "$acl", "public"]`, `["content-length-range", 1, 9]`, `["eq", "$x", "y"]`, `{ acl: "private" }`. */
export type PolicyCondition = readonly (string | number)[] | Readonly<Record<string, string>>;

export interface GcsPostOptions extends GcsUrlOptions {
  readonly location: GcsLocation;
  /** Fields that the form has and that the policy demands: `acl`, `content-type`, `success_action_status`... */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly conditions?: readonly PolicyCondition[] | undefined;
}

/** Address and hidden fields of an HTML form that uploads an object. The file's field comes last. */
export async function signGcsPostPolicy(
  options: GcsPostOptions,
): Promise<{ readonly url: string; readonly fields: Record<string, string> }> {
  const { location, signer, expiresInSeconds, at = new Date(), fields = {}, conditions = [] } = options;
  const date = amzDate(at);
  const named: Record<string, string> = {
    key: location.object ?? "",
    "x-goog-date": date,
    "x-goog-credential": `${signer.email}/${gcsScope(date)}`,
    "x-goog-algorithm": GCS_ALGORITHM,
  };
  const demanded = Object.entries({ ...fields, bucket: location.bucket, ...named });
  const policy = {
    conditions: [...conditions, ...demanded.map(([name, value]) => ({ [name]: value }))],
    expiration: `${new Date(at.getTime() + 1000 * expiresInSeconds).toISOString().slice(0, 19)}Z`,
  };
  const encoded = toBase64(toBytes(asciiJson(policy)));
  const signature = toHex(await signer.sign(toBytes(encoded)));
  const { origin, path } = gcsAddress({ ...location, object: undefined });
  return {
    url: `${origin}${path.endsWith("/") ? path : `${path}/`}`,
    fields: { ...named, ...fields, "x-goog-signature": signature, policy: encoded },
  };
}

/** The service reads a policy as ASCII: everything else is escaped. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\0-\x7f]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
