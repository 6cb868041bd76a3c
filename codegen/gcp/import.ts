/** One discovery document as a service of the IR. Facts only: no description is kept. */
import type { MemberTraits, OperationTraits, ServiceModel, ShapeTraits } from "../../src/model/ir.js";
import { type DiscoveryDocument, eachMethod, type Method, type Parameter } from "./discovery.js";
import { LongRunningStyles, pageOf } from "./paging.js";
import { pascal, ShapeTable } from "./shapes.js";

export interface Identity {
  readonly id: string;
  readonly name: string;
}

export function importDocument(document: DiscoveryDocument, { id, name }: Identity): ServiceModel {
  const table = new ShapeTable(document.schemas ?? {});
  const styles = new LongRunningStyles(document);
  const operations: Record<string, OperationTraits> = {};
  // A few APIs have a method and a resource of one name: `responses` and `responses.list`.
  const namespaces = new Set<string>();
  eachMethod(document, (path) => {
    for (let length = 1; length < path.length; length++) namespaces.add(path.slice(0, length).join("."));
  });
  eachMethod(document, (path, method) => {
    const context: MethodContext = { document, path, method, table };
    const plain = path.join(".");
    const operationName = namespaces.has(plain) ? `${plain}.call` : plain;
    operations[operationName] = operation(context, styles);
    if (method.supportsMediaDownload === true) operations[`${operationName}Media`] = download(context);
  });
  return {
    service: {
      cloud: "gcp",
      id,
      name,
      ...(document.title !== undefined && { title: document.title }),
      apiVersion: document.version,
      protocol: "gcp-rest",
      gcp: {
        rootUrl: document.rootUrl,
        servicePath: document.servicePath,
        ...(document.batchPath !== undefined && { batchPath: document.batchPath }),
        scopes: serviceScopes(document),
      },
    },
    operations,
    shapes: table.shapes,
  };
}

interface MethodContext {
  readonly document: DiscoveryDocument;
  readonly path: readonly string[];
  readonly method: Method;
  readonly table: ShapeTable;
}

/** The scope that Google advises for servers, where the API takes it: access is IAM's matter then. */
const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

function serviceScopes(document: DiscoveryDocument): string[] {
  const scopes = Object.keys(document.auth?.oauth2?.scopes ?? {});
  return scopes.includes(CLOUD_PLATFORM) ? [CLOUD_PLATFORM] : scopes;
}

function operation(context: MethodContext, styles: LongRunningStyles): OperationTraits {
  const { document, path, method, table } = context;
  const upload = method.mediaUpload?.protocols;
  const page = pageOf(method, path.at(-2) ?? "", table.shapes);
  const lro = styles.of(path, method);
  const flat = method.path.includes("{+") ? flatPath(document, method) : undefined;
  return {
    method: method.httpMethod,
    path: fullPath(document, method),
    input: inputShape(context, pascalPath(path), upload !== undefined),
    ...(method.response && { output: table.of(method.response, pascalPath(path), "response") }),
    ...(page && { page }),
    ...(lro && { lro }),
    ...(method.deprecated === true && { deprecated: true as const }),
    gcp: {
      id: method.id,
      ...(flat !== undefined && { flat }),
      ...(upload && { upload: uploadPaths(upload) }),
      ...ownScopes(document, method),
    },
  };
}

/** The same method with `alt=media`: it answers bytes instead of JSON. */
function download(context: MethodContext): OperationTraits {
  const { document, path, method, table } = context;
  const name = `${pascalPath(path)}Media`;
  const stream = table.add("MediaBody", { type: "blob", streaming: true });
  const string = table.add("String", { type: "string" });
  const output = table.add(`${name}Response`, {
    type: "structure",
    payload: "media",
    members: {
      media: { shape: stream, streaming: true, required: true },
      contentType: { shape: string, at: "header", name: "content-type" },
      contentRange: { shape: string, at: "header", name: "content-range" },
      etag: { shape: string, at: "header" },
    },
  });
  const flat = method.path.includes("{+") ? flatPath(document, method) : undefined;
  return {
    method: method.httpMethod,
    path: `${fullPath(document, method)}?alt=media`,
    input: inputShape(context, name, false, { range: { shape: string, at: "header" } }),
    output,
    ...(method.deprecated === true && { deprecated: true as const }),
    gcp: {
      id: method.id,
      ...(flat !== undefined && { flat }),
      download: true,
      ...ownScopes(document, method),
    },
  };
}

function inputShape(
  context: MethodContext,
  name: string,
  media: boolean,
  extra: Readonly<Record<string, MemberTraits>> = {},
): string {
  const { document, method, path, table } = context;
  const members: Record<string, MemberTraits> = {};
  const parameters = method.parameters ?? {};
  const order = [...(method.parameterOrder ?? []), ...Object.keys(parameters)];
  for (const parameter of new Set(order)) {
    const schema = parameters[parameter];
    if (schema !== undefined) members[parameter] = parameterTraits(parameter, schema, path, table, name);
  }
  if (document.parameters?.fields !== undefined && members.fields === undefined) {
    members.fields = { shape: table.add("String", { type: "string" }), at: "query" };
  }
  Object.assign(members, extra);
  if (method.request) members.body = { shape: table.of(method.request, name, "body") };
  if (media) {
    members.uploadType = {
      shape: table.add("UploadType", { type: "string", enum: ["media", "multipart", "resumable"] }),
      at: "query",
    };
    members.media = { shape: table.add("MediaBody", { type: "blob", streaming: true }), streaming: true };
  }
  const shape: ShapeTraits = { type: "structure", ...(method.request && { payload: "body" }), members };
  return table.add(`${name}Request`, shape);
}

function parameterTraits(
  name: string,
  schema: Parameter,
  path: readonly string[],
  table: ShapeTable,
  operation: string,
): MemberTraits {
  const inPath = schema.location === "path";
  const element = table.of(schema, operation + pascal(name), name);
  const session = inPath ? sessionValue(name, schema, path) : requiredProject(name, schema);
  const uuid = name === "requestId" && !inPath && /UUID/.test(schema.description ?? "");
  return {
    shape: schema.repeated === true ? table.list(element) : element,
    at: inPath ? "path" : "query",
    ...(schema.required === true && { required: true as const }),
    ...(session !== undefined && { session }),
    ...(uuid && { idempotencyToken: true as const }),
    ...(schema.deprecated === true && { deprecated: true as const }),
  };
}

/** `project` comes from the session when absent; where the API wants `projects/<project>`, in that form. */
function sessionValue(name: string, schema: Parameter, path: readonly string[]): string | undefined {
  if (name === "project")
    return schema.pattern?.startsWith("^projects/") === true ? "projectName" : "project";
  // A method on projects themselves must name the one that it means.
  const onProjects = path.at(-2) === "projects";
  return name === "projectId" && !onProjects ? "project" : undefined;
}

function requiredProject(name: string, schema: Parameter): string | undefined {
  return name === "project" && schema.required === true ? "project" : undefined;
}

function fullPath(document: DiscoveryDocument, method: Method): string {
  return absolute(document.servicePath + method.path.replace(/\{\+([^}]*)\}/g, "{$1+}"));
}

/** Which names a greedy parameter stands for: the emulator tells operations apart by it. */
function flatPath(document: DiscoveryDocument, method: Method): string | undefined {
  if (method.flatPath === undefined || method.flatPath === method.path) return undefined;
  return absolute(document.servicePath + method.flatPath.replace(/\{[^}]*\}/g, "{}"));
}

function uploadPaths(protocols: NonNullable<NonNullable<Method["mediaUpload"]>["protocols"]>): {
  simple?: string;
  resumable?: string;
} {
  const path = (text: string) => absolute(text.replace(/\{\+([^}]*)\}/g, "{$1+}"));
  return {
    ...(protocols.simple && { simple: path(protocols.simple.path) }),
    ...(protocols.resumable && { resumable: path(protocols.resumable.path) }),
  };
}

function ownScopes(document: DiscoveryDocument, method: Method): { scopes?: string[] } {
  const service = serviceScopes(document);
  const scopes = method.scopes ?? [];
  if (scopes.length === 0 || service.some((scope) => scopes.includes(scope))) return {};
  return { scopes: [...scopes] };
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

function pascalPath(path: readonly string[]): string {
  return path.map(pascal).join("");
}
