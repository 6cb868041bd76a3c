/** Signs attempts and URLs by the scheme that was chosen for the call. */
import type { AwsCredentials } from "../auth/credentials.js";
import {
  presignV4,
  SIGNED_CHUNKS,
  SIGNED_EVENTS,
  type SigV4Options,
  signV4,
  signWithSeed,
} from "../auth/sigv4.js";
import { encodeStrict, UNSIGNED_PAYLOAD } from "../auth/sigv4-canonical.js";
import type { PresignOptions } from "../client/backend.js";
import { inChunks } from "../http/checksum/trailer.js";
import type { HttpRequest, RequestBody } from "../http/message.js";
import { isReplayable } from "../http/request-body.js";
import type { AuthScheme } from "./auth-scheme.js";
import { trailerOf } from "./request-checksum.js";
import { chunkSigner } from "./signers/chunks.js";

const EXPIRES_IN_SECONDS = 900;

export function sign(
  request: HttpRequest,
  scheme: AuthScheme,
  credentials: AwsCredentials,
  at: Date,
): HttpRequest | Promise<HttpRequest> {
  const payload = payloadOf(request, scheme);
  const options = { ...optionsOf(scheme, credentials, at), region: scheme.signingRegion };
  return payload?.startsWith(SIGNED_CHUNKS)
    ? signChunked(request, { ...options, payload })
    : signV4(request, { ...options, payload });
}

/** What the forms of sigv4 have in common. */
function optionsOf(scheme: AuthScheme, credentials: AwsCredentials, at: Date | undefined) {
  return {
    credentials,
    service: scheme.signingName,
    at,
    pathAsSent: scheme.pathAsSent,
    tokenHeader: scheme.name === "sigv4-s3express" ? "x-amz-s3session-token" : undefined,
  };
}

/** The head, and each chunk of the body by a signature chained to the one before. */
function signChunked(
  request: HttpRequest,
  options: SigV4Options & { readonly payload: string },
): HttpRequest {
  const { request: signed, seed } = signWithSeed(request, options);
  const body = inChunks(request.body as RequestBody, trailerOf(request.headers), chunkSigner(seed));
  return { ...signed, body };
}

/** The head, and each event of the body by a signature chained to the one before. */
export async function signEventStream(
  request: HttpRequest,
  scheme: AuthScheme,
  credentials: AwsCredentials,
  now: () => Date,
): Promise<HttpRequest> {
  const { signEvents } = await import("./signers/event-stream.js");
  const { request: signed, seed } = signWithSeed(request, {
    ...optionsOf(scheme, credentials, now()),
    region: scheme.signingRegion,
    payload: SIGNED_EVENTS,
  });
  return { ...signed, body: signEvents(signed.body as AsyncIterable<Uint8Array> | undefined, seed, now) };
}

/** Undefined: the signer hashes the body. */
function payloadOf(request: HttpRequest, scheme: AuthScheme): string | undefined {
  const given = request.headers["x-amz-content-sha256"];
  if (given !== undefined) return given;
  if (scheme.unsignedBody && request.origin.startsWith("https:")) return UNSIGNED_PAYLOAD;
  // A stream can be read once, and that once is for sending it.
  return request.body === undefined || isReplayable(request.body) ? undefined : UNSIGNED_PAYLOAD;
}

/** sigv2, loaded for the few old services that know no later one. */
export async function signForm(
  request: HttpRequest,
  credentials: AwsCredentials,
  at: Date,
): Promise<HttpRequest> {
  const { signV2 } = await import("../auth/sigv2.js");
  return signV2(request, credentials, at);
}

/** sigv4a, loaded when a multi-region access point or the like first asks for it. */
export async function signForRegions(
  request: HttpRequest,
  scheme: AuthScheme,
  credentials: AwsCredentials,
  at: Date,
): Promise<HttpRequest> {
  const { signV4a } = await import("../auth/sigv4a.js");
  return signV4a(request, {
    ...optionsOf(scheme, credentials, at),
    regions: scheme.signingRegion.split(","),
    payload: payloadOf(request, scheme),
  });
}

export async function presign(
  request: HttpRequest,
  scheme: AuthScheme,
  credentials: AwsCredentials,
  { expiresInSeconds = EXPIRES_IN_SECONDS, at }: PresignOptions,
): Promise<string> {
  const common = { ...optionsOf(scheme, credentials, at), expiresInSeconds };
  const link = asLink(request);
  const signed =
    scheme.name === "sigv4a"
      ? await (await import("../auth/sigv4a.js")).presignV4a(link, {
          ...common,
          regions: scheme.signingRegion.split(","),
        })
      : await presignV4(link, { ...common, region: scheme.signingRegion });
  return `${signed.origin}${signed.path}?${signed.query}`;
}

/**
 * A form goes into the query of a GET, the members of a JSON body into the query too, as botocore has it: a URL has no body.
 * Of other bodies S3 wants none signed; elsewhere whoever uses the URL must send the one that was.
 */
function asLink(request: HttpRequest): HttpRequest {
  const { body, ...rest } = request;
  const { "content-type": type = "", ...headers } = request.headers;
  if (typeof body !== "string") return request;
  if (type.startsWith("application/x-www-form-urlencoded")) {
    return { ...rest, method: "GET", headers, query: joined(request.query, body) };
  }
  if (!/^application\/(x-amz-)?json/.test(type)) return request;
  return { ...rest, query: joined(request.query, queryOfJson(body)) };
}

function queryOfJson(body: string): string {
  const values = JSON.parse(body.replace(TOKENS, quotedLong)) as Readonly<Record<string, unknown>>;
  const pairs = Object.entries(values).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (each) => `${encodeStrict(name)}=${encodeStrict(textOf(each))}`,
    ),
  );
  return pairs.join("&");
}

/** Texts, so that none within is taken for a number, and whole numbers that JSON.parse may round. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;
/** Marks a number kept as text. No name and no text of a service begins with this character. */
const LONG = "\\u0000";

function quotedLong(token: string): string {
  return token.startsWith('"') ? token : `"${LONG}${token}"`;
}

function textOf(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value).replace(/"\\u0000(-?\d+)"/g, "$1");
  return text.replace(/^\0/, "");
}

function joined(...queries: string[]): string {
  return queries.filter((query) => query !== "").join("&");
}
