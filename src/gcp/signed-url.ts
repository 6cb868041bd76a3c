/**
 * Signed URLs of objects. They go to the XML API, whatever operation they stand for.
 * https://cloud.google.com/storage/docs/access-control/signed-urls
 */
import {
  type GcsUrlRequest,
  gcsAddress,
  type PolicyCondition,
  signGcsPostPolicy,
  signGcsUrl,
  signGcsUrlV2,
} from "../auth/gcs-v4.js";
import { encodeStrict } from "../auth/sigv4-canonical.js";
import type { PresignOptions } from "../client/backend.js";
import { coreOf } from "../client/service.js";
import type { Storage } from "../gen/gcp/storage.js";
import type { HeaderMap, HttpRequest } from "../http/message.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { OperationModel } from "../model/model.js";
import type { Values } from "../protocol/protocol.js";
import type { Session } from "./session.js";

const EXPIRES_SECONDS = 900;

export interface SignedUrlOptions extends PresignOptions {
  /** Default GET. POST starts a resumable upload. */
  readonly method?: "GET" | "HEAD" | "PUT" | "POST" | "DELETE" | undefined;
  /** Type that the URL's user must send. */
  readonly contentType?: string | undefined;
  /** Further headers that the URL's user must send. */
  readonly headers?: Readonly<HeaderMap> | undefined;
  /** Further parameters, by V4 signed with the URL: `response-content-disposition`. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** `virtual`: the bucket is in the host; `bound`: `origin` is the bucket's own host name. Default `path`. */
  readonly style?: "path" | "virtual" | "bound" | undefined;
  /** Where the URL goes instead of the client's endpoint: `https://cdn.example.com`. */
  readonly origin?: string | undefined;
  /**
   * Default `v4`. `v2` is the older signature, of a URL that lives for more than seven days: its bucket is in the path, and
   * whoever has it may change the parameters. https://cloud.google.com/storage/docs/access-control/signed-urls-v2
   */
  readonly version?: "v4" | "v2" | undefined;
}

export interface SignedObject {
  readonly bucket: string;
  readonly object: string;
  readonly generation?: string | undefined;
}

export async function signedUrl(
  storage: Storage,
  { bucket, object, generation }: SignedObject,
  options: SignedUrlOptions = {},
): Promise<string> {
  const core = coreOf(storage);
  const { method = "GET", contentType, style, version } = options;
  if (version === "v2" && (style ?? "path") !== "path")
    throw invalidInput(`options.style must be path where options.version is v2, is ${style}`);
  const headers: HeaderMap = {
    ...options.headers,
    ...(contentType !== undefined && { "content-type": contentType }),
    ...(method === "POST" && { "x-goog-resumable": "start" }),
  };
  const parameters = { ...options.query, ...(generation !== undefined && { generation }) };
  const origin = options.origin ?? (await originOf(storage));
  const address = gcsAddress({ bucket, object, origin, style });
  const request = { method, ...address, query: queryOf(parameters), headers };
  return sign(core.session as Session, request, options, version === "v2" ? signGcsUrlV2 : signGcsUrl);
}

export interface SignedPostOptions
  extends Pick<SignedUrlOptions, "expiresInSeconds" | "at" | "style" | "origin"> {
  /** Further fields of the form, which the policy demands as they are: `acl`, `content-type`, `success_action_status`... */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** What else the policy demands: `["content-length-range", 0, 1024]`, `["starts-with", "$content-type", "image/"]`. */
  readonly conditions?: readonly PolicyCondition[] | undefined;
}

export interface SignedPost {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

export async function signedPost(
  storage: Storage,
  { bucket, object }: SignedObject,
  { expiresInSeconds = EXPIRES_SECONDS, at, style, origin, fields, conditions }: SignedPostOptions,
): Promise<SignedPost> {
  const session = coreOf(storage).session as Session;
  return signGcsPostPolicy({
    signer: await session.credentials.signer(),
    location: { bucket, object, origin: origin ?? (await originOf(storage)), style },
    expiresInSeconds,
    at: at ?? new Date(session.environment.now()),
    fields,
    conditions,
  });
}

async function originOf(storage: Storage): Promise<string> {
  const core = coreOf(storage);
  const operation = core.model.operation("objects.getMedia") as OperationModel;
  const call = { operation, input: {}, options: core.options, signal: undefined, presign: true } as const;
  return (await core.backend.resolve(call)).origin;
}

const METHODS: Readonly<Record<string, string>> = {
  "objects.get": "GET",
  "objects.getMedia": "GET",
  "objects.insert": "PUT",
  "objects.delete": "DELETE",
};

/** The URL that `.presign()` makes of an operation on an object. `request` says where to. */
export function presignStorage(
  session: Session,
  operation: OperationModel,
  input: Values,
  request: HttpRequest,
  options: PresignOptions,
): Promise<string> {
  const method = METHODS[operation.name] as string;
  const body = (input.body ?? {}) as Values;
  const object = input.object ?? input.name ?? body.name;
  if (typeof object !== "string") throw invalidInput("input.name is required: a signed URL is of one object");
  const address = gcsAddress({ bucket: String(input.bucket), object, origin: request.origin });
  const generation = input.generation;
  const query = queryOf(generation === undefined ? {} : { generation: String(generation) });
  return sign(session, { method, ...address, query, headers: headersOf(input, body) }, options);
}

/** What the XML API takes as headers, so that its user must send it. */
function headersOf(input: Values, body: Values): HeaderMap {
  const named: Record<string, unknown> = {
    "content-type": body.contentType,
    "content-encoding": body.contentEncoding,
    "cache-control": body.cacheControl,
    "content-disposition": body.contentDisposition,
    "x-goog-storage-class": body.storageClass,
    "x-goog-if-generation-match": input.ifGenerationMatch,
    "x-goog-if-metageneration-match": input.ifMetagenerationMatch,
  };
  const metadata = (body.metadata ?? {}) as Values;
  for (const [name, value] of Object.entries(metadata)) named[`x-goog-meta-${name.toLowerCase()}`] = value;
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name, String(value)]],
    ),
  );
}

async function sign(
  session: Session,
  request: GcsUrlRequest,
  options: PresignOptions,
  signUrl = signGcsUrl,
): Promise<string> {
  const signer = await session.credentials.signer();
  const { expiresInSeconds = EXPIRES_SECONDS, at } = options;
  return signUrl(request, { signer, expiresInSeconds, at: at ?? new Date(session.environment.now()) });
}

function queryOf(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${encodeStrict(name)}=${encodeStrict(value)}`)
    .join("&");
}
