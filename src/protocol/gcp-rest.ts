/** Google's REST as discovery documents describe it: JSON bodies, media uploaded beside them, media downloaded instead. */
import { createBody } from "../http/body.js";
import type { HttpResponse, RequestBody } from "../http/message.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { Member, Model, OperationModel, Shape } from "../model/model.js";
import { badResponse } from "./codec/bad-response.js";
import { decodeUtf8 } from "./codec/bytes.js";
import { decodeMultipart, encodeRelated } from "./gcp-multipart.js";
import { OperationRouter, PathTemplate } from "./gcp-path.js";
import { fromJson, toJson } from "./gcp-values.js";
import type {
  DecodedError,
  EncodedRequest,
  EncodedResponse,
  ErrorToEncode,
  Protocol,
  ReceivedRequest,
  ServerProtocol,
  Values,
} from "./protocol.js";

/** What a request of an operation is made of. Kept on the operation. */
interface Plan {
  readonly path: PathTemplate;
  /** `alt=media`. */
  readonly query: string;
  readonly upload: PathTemplate | undefined;
  readonly resumable: PathTemplate | undefined;
  readonly queryMembers: readonly Member[];
  readonly headerMembers: readonly Member[];
  /** The member that is the JSON body. */
  readonly body: Member | undefined;
}

const JSON_TYPE = "application/json";

export const gcpRest = {
  encodeRequest,
  decodeResponse,
  decodeError,
} satisfies Protocol;

export const gcpRestServer = {
  route,
  decodeRequest,
  encodeResponse,
  encodeError,
} satisfies ServerProtocol;

function planOf(operation: OperationModel): Plan {
  operation.plan ??= makePlan(operation);
  return operation.plan as Plan;
}

function makePlan(operation: OperationModel): Plan {
  const [path = "/", query = ""] = operation.path.split("?");
  const { input } = operation;
  const members = input?.members ?? [];
  const { simple, resumable } = operation.traits.gcp?.upload ?? {};
  return {
    path: new PathTemplate(path),
    query,
    upload: simple === undefined ? undefined : new PathTemplate(simple),
    resumable: resumable === undefined ? undefined : new PathTemplate(resumable),
    queryMembers: members.filter(({ traits }) => traits.at === "query"),
    headerMembers: members.filter(({ traits }) => traits.at === "header"),
    body: input?.traits.payload === undefined ? undefined : input.member(input.traits.payload),
  };
}

function encodeRequest(operation: OperationModel, input: Values): EncodedRequest {
  const plan = planOf(operation);
  const headers: Record<string, string> = { accept: operation.traits.gcp?.download ? "*/*" : JSON_TYPE };
  for (const { name, wireName } of plan.headerMembers) {
    if (input[name] !== undefined) headers[wireName] = String(input[name]);
  }
  if (plan.upload !== undefined && (input.media !== undefined || input.uploadType !== undefined)) {
    return encodeUpload(operation, plan, plan.upload, input, headers);
  }
  const request: EncodedRequest = {
    method: operation.method,
    path: plan.path.fill(input),
    query: encodeQuery(plan, input, operation.output === undefined ? "" : COMPACT),
    headers,
  };
  const { body } = plan;
  if (body !== undefined && input[body.name] !== undefined) {
    headers["content-type"] = JSON_TYPE;
    request.body = JSON.stringify(toJson(body.shape, input[body.name]));
  } else if (operation.method !== "GET" && operation.method !== "DELETE") {
    // Google's front end refuses a POST without a length.
    headers["content-length"] = "0";
  }
  return request;
}

/** Google indents JSON unless told otherwise. */
const COMPACT = "prettyPrint=false";

function encodeQuery(plan: Plan, input: Values, constant: string, without?: string): string {
  const pairs: string[] = plan.query === "" ? [] : [plan.query];
  for (const { name, wireName } of plan.queryMembers) {
    const value = input[name];
    if (value === undefined || value === null || name === without) continue;
    const key = `${encodeURIComponent(wireName)}=`;
    if (Array.isArray(value)) for (const each of value) pairs.push(key + encodeURIComponent(String(each)));
    else pairs.push(key + encodeURIComponent(String(value)));
  }
  if (constant !== "" && plan.query === "") pairs.push(constant);
  return pairs.join("&");
}

function encodeUpload(
  operation: OperationModel,
  plan: Plan,
  template: PathTemplate,
  input: Values,
  headers: Record<string, string>,
): EncodedRequest {
  const media = input.media as RequestBody | undefined;
  const metadata = plan.body === undefined ? undefined : (input[plan.body.name] as Values | undefined);
  const mediaType = mediaTypeOf(metadata);
  const uploadType = input.uploadType ?? (metadata === undefined ? "media" : "multipart");
  const query = `uploadType=${String(uploadType)}&${encodeQuery(plan, input, COMPACT, "uploadType")}`;
  const request: EncodedRequest = { method: operation.method, path: template.fill(input), query, headers };
  const json = metadata === undefined ? "{}" : JSON.stringify(toJson((plan.body as Member).shape, metadata));
  if (uploadType === "resumable") {
    if (media !== undefined) {
      throw invalidInput(
        "input.media must be absent: a resumable upload sends its media to the URL that this call answers",
      );
    }
    headers["content-type"] = JSON_TYPE;
    headers["x-upload-content-type"] = mediaType;
    return { ...request, body: json };
  }
  if (media === undefined)
    throw invalidInput(`input.media is required for an upload of type ${String(uploadType)}`);
  if (uploadType === "media") {
    headers["content-type"] = mediaType;
    return { ...request, body: media };
  }
  const multipart = encodeRelated(json, media, mediaType);
  headers["content-type"] = multipart.contentType;
  return { ...request, body: multipart.body };
}

/** Storage and Drive name the media's type in the metadata, each by its own word. */
function mediaTypeOf(metadata: Values | undefined): string {
  const type = metadata?.contentType ?? metadata?.mimeType;
  return typeof type === "string" ? type : "application/octet-stream";
}

async function decodeResponse(operation: OperationModel, response: HttpResponse): Promise<Values> {
  const { output } = operation;
  const payload = output?.traits.payload;
  if (output !== undefined && payload !== undefined) {
    const values = headerValues(output, response.headers);
    const length = response.headers["content-length"];
    values[payload] = createBody(response.body, length === undefined ? undefined : Number(length));
    return values;
  }
  const bytes = await response.body.bytes();
  if (output === undefined || response.status === 204) return {};
  if (bytes.length === 0) {
    if (output.members.length === 0 || startsUpload(operation, response)) return {};
    throw badResponse(`${operation.name} answered status ${response.status} with an empty body`);
  }
  const value = fromJson(output, parse(decodeUtf8(bytes)));
  if (typeof value !== "object" || value === null) {
    throw badResponse(`${operation.name} answered JSON that is not an object`);
  }
  return value as Values;
}

/** The first answer of a resumable upload is a URL in a header. */
function startsUpload(operation: OperationModel, response: HttpResponse): boolean {
  return operation.traits.gcp?.upload !== undefined && response.headers.location !== undefined;
}

function headerValues(shape: Shape, headers: Readonly<Record<string, string>>): Values {
  const values: Values = {};
  for (const { name, wireName, traits } of shape.members) {
    const value = traits.at === "header" ? headers[wireName] : undefined;
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badResponse("The response is not JSON", cause);
  }
}

function decodeError(operation: OperationModel, response: HttpResponse, body: Uint8Array): DecodedError {
  const { headers } = response;
  const requestId = headers["x-guploader-uploadid"] ?? headers["x-cloud-trace-context"];
  const text = decodeUtf8(body);
  const parsed = tryParse(text);
  // Methods that stream their answer put the error into a list.
  const [first] = Array.isArray(parsed) ? parsed : [parsed];
  const error = isObject(first) ? first.error : undefined;
  if (isObject(error)) {
    return { code: codeOf(error), message: textOf(error.message), requestId, body: error };
  }
  if (typeof error === "string") {
    const message = textOf((first as Values).error_description) || error;
    return { code: error, message, requestId, body: first };
  }
  // Downloads say what is wrong in plain text.
  if (
    operation.traits.gcp?.download &&
    text !== "" &&
    /^text\/(plain|html)/.test(headers["content-type"] ?? "") &&
    !text.startsWith("<")
  ) {
    return { code: "", message: text, requestId };
  }
  return { code: "", message: "", requestId, foreign: true };
}

/** Storage's and Compute's word is the reason; newer APIs have the canonical status alone. */
function codeOf(error: Values): string {
  const [first] = Array.isArray(error.errors) ? (error.errors as unknown[]) : [];
  const reason = isObject(first) ? textOf(first.reason) : "";
  return reason || textOf(error.status);
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

const routers = new WeakMap<Model, OperationRouter>();

function route(model: Model, request: ReceivedRequest): OperationModel | undefined {
  let router = routers.get(model);
  if (router === undefined) {
    router = new OperationRouter(model);
    routers.set(model, router);
  }
  const method = request.headers["x-http-method-override"] ?? request.method;
  const path = withoutDownload(request.path);
  const name = router.find(method === "HEAD" ? "GET" : method, path);
  if (name === undefined) return undefined;
  const wantsMedia = /(^|&)alt=media(&|$)/.test(request.query);
  return (wantsMedia ? model.operation(`${name}Media`) : undefined) ?? model.operation(name);
}

/** `mediaLink` of an object and some clients put it before the path of a download. */
function withoutDownload(path: string): string {
  return path.startsWith("/download/") ? path.slice("/download".length) : path;
}

function decodeRequest(operation: OperationModel, request: ReceivedRequest): Values {
  const plan = planOf(operation);
  const path = withoutDownload(request.path);
  const upload = plan.upload?.read(path) ?? plan.resumable?.read(path);
  const input: Values = { ...(upload ?? plan.path.read(path)) };
  const query = new URLSearchParams(request.query);
  for (const { name, wireName, shape } of plan.queryMembers) {
    const texts = query.getAll(wireName);
    const [text] = texts;
    if (text === undefined) continue;
    input[name] =
      shape.type === "list"
        ? texts.map((each) => scalar((shape.element as Member).shape, each, name))
        : scalar(shape, text, name);
  }
  for (const { name, wireName } of plan.headerMembers) {
    const value = request.headers[wireName];
    if (value !== undefined) input[name] = value;
  }
  if (upload === undefined) {
    if (plan.body && request.body.length > 0) input[plan.body.name] = decodeBody(plan.body, request.body);
    return input;
  }
  return { ...input, ...decodeUpload(plan, request, query.get("uploadType")) };
}

function scalar(shape: Shape, text: string, name: string): unknown {
  // Google's Python client writes "True".
  if (shape.type === "boolean") return text === "" || text.toLowerCase() === "true";
  if (shape.type !== "integer" && shape.type !== "double" && shape.type !== "float") return text;
  const number = Number(text);
  if (text === "" || Number.isNaN(number)) throw invalidInput(`${name} must be a number: ${text}`);
  return number;
}

function decodeBody(member: Member, bytes: Uint8Array): unknown {
  const value = tryParse(decodeUtf8(bytes));
  if (value === undefined) throw invalidInput("The request body is not JSON");
  return fromJson(member.shape, value);
}

function decodeUpload(plan: Plan, request: ReceivedRequest, uploadType: string | null): Values {
  const contentType = request.headers["content-type"];
  if (uploadType === "multipart") {
    const [metadata, media, ...more] = decodeMultipart(contentType ?? "", request.body);
    if (metadata === undefined || media === undefined || more.length > 0) {
      throw invalidInput("A multipart upload has two parts: metadata and media");
    }
    const body = plan.body && decodeBody(plan.body, metadata.body);
    return { body: withType(plan, body, media.headers["content-type"]), media: media.body };
  }
  if (uploadType === "resumable") {
    const body = plan.body && request.body.length > 0 ? decodeBody(plan.body, request.body) : undefined;
    return { body: withType(plan, body, request.headers["x-upload-content-type"]) };
  }
  return { body: withType(plan, undefined, contentType), media: request.body };
}

/** The media's own type counts where the metadata states none. */
function withType(plan: Plan, body: unknown, type: string | undefined): Values {
  const values = isObject(body) ? body : {};
  const name = ["contentType", "mimeType"].find((each) => plan.body?.shape.member(each) !== undefined);
  if (name === undefined || type === undefined || values[name] !== undefined) return values;
  return { ...values, [name]: type };
}

function encodeResponse(operation: OperationModel, output: Values, requestId: string): EncodedResponse {
  const shape = operation.output;
  const headers: Record<string, string> = { "x-guploader-uploadid": requestId };
  if (shape === undefined) return { status: 204, headers };
  const { payload } = shape.traits;
  if (payload === undefined) {
    headers["content-type"] = `${JSON_TYPE}; charset=UTF-8`;
    return { status: 200, headers, body: JSON.stringify(toJson(shape, output)) };
  }
  for (const { name, wireName, traits } of shape.members) {
    if (traits.at === "header" && output[name] !== undefined) headers[wireName] = String(output[name]);
  }
  const body = output[payload] as RequestBody | undefined;
  const status = headers["content-range"] === undefined ? 200 : 206;
  return { status, headers, ...(body !== undefined && { body }) };
}

/** https://cloud.google.com/apis/design/errors#handling_errors */
const CANONICAL: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  409: "ALREADY_EXISTS",
  412: "FAILED_PRECONDITION",
  416: "OUT_OF_RANGE",
  429: "RESOURCE_EXHAUSTED",
  499: "CANCELLED",
  500: "INTERNAL",
  501: "UNIMPLEMENTED",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

function encodeError(
  _model: Model,
  _operation: OperationModel | undefined,
  error: ErrorToEncode,
): EncodedResponse {
  const { code, message, status, requestId, body } = error;
  const canonical = CANONICAL[status];
  const details = {
    code: status,
    message,
    ...(canonical !== undefined && { status: canonical }),
    errors: [{ message, domain: "global", reason: code }],
    ...body,
  };
  return {
    status,
    headers: { "content-type": `${JSON_TYPE}; charset=UTF-8`, "x-guploader-uploadid": requestId },
    body: JSON.stringify({ error: details }),
  };
}
