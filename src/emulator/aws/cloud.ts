/** AWS in the emulator: which service a request is for, and the services there are. */
import type { EncodedResponse } from "../../protocol/protocol.js";
import type { Context, EmulatedCloud, EmulatorError, IncomingRequest } from "../service.js";
import { ROOT_ACCESS_KEY_ID, ROOT_SECRET_ACCESS_KEY } from "./identity.js";

export const awsCloud: EmulatedCloud = {
  name: "aws",
  claim,
  services: {
    s3: async () => (await import("./s3/service.js")).s3Service,
    sts: async () => (await import("./sts/service.js")).stsService,
    ec2: async () => (await import("./ec2/service.js")).ec2Service,
    sso: async () => (await import("./sso/portal.js")).portalService,
    "sso-oidc": async () => (await import("./sso/oidc.js")).oidcService,
    imds: async () => (await import("./metadata/imds.js")).imdsService,
    container: async () => (await import("./metadata/container.js")).containerService,
    iam: async () => (await import("./iam/service.js")).iamService,
  },
  encodeUnknown,
  environment: (url) => ({
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: ROOT_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: ROOT_SECRET_ACCESS_KEY,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
  }),
};

/** Signing names that differ from the service's id. */
const SERVICE_OF_SCOPE: ReadonlyMap<string, string> = new Map([
  ["s3express", "s3"],
  ["s3-object-lambda", "s3"],
  ["awsssoportal", "sso"],
  ["sso-oauth", "sso-oidc"],
]);

/** A request without a signature that names another service is S3's: anonymous reads, POST uploads. */
function claim(request: IncomingRequest): string {
  const scope = scopeOf(request);
  if (scope !== undefined) return SERVICE_OF_SCOPE.get(scope) ?? scope;
  return metadataEndpoint(request) ?? unsignedService(request) ?? serviceOfHost(request.host) ?? "s3";
}

/** Service of the SigV4 credential scope: `.../20260101/us-east-1/ec2/aws4_request`. */
function scopeOf({ headers, query }: IncomingRequest): string | undefined {
  const authorization = headers.authorization;
  if (authorization?.startsWith("AWS4-")) {
    return /Credential=[^,]*\/([^/,]+)\/aws4_request/.exec(authorization)?.[1];
  }
  if (authorization?.startsWith("AWS ")) return "s3";
  const credential = /(?:^|&)X-Amz-Credential=([^&]*)/i.exec(query)?.[1];
  if (credential === undefined) return undefined;
  return credential.replace(/%2F/gi, "/").split("/").at(-2);
}

function metadataEndpoint({ host, path }: IncomingRequest): string | undefined {
  if (/^\/latest\/(api\/token|meta-data|dynamic|user-data)(\/|$)/.test(path)) return "imds";
  if (host.startsWith("169.254.169.254") || host.startsWith("[fd00:ec2::254]")) return "imds";
  if (/^\/v2\/credentials(\/|$)/.test(path) || host.startsWith("169.254.170.2")) return "container";
  return undefined;
}

/** Operations that need no signature, told by what they carry. */
function unsignedService({ method, path, query, headers }: IncomingRequest): string | undefined {
  if ("x-amz-sso_bearer_token" in headers) return "sso";
  const type = headers["content-type"] ?? "";
  if (method === "POST" && /^\/(token|client\/register|device_authorization)$/.test(path)) return "sso-oidc";
  if (method === "GET" && path === "/sso/device") return "sso-oidc";
  if (path === "/" && method === "POST" && type.startsWith("application/x-www-form-urlencoded")) return "sts";
  return path === "/" && /(^|&)Action=/.test(query) ? "sts" : undefined;
}

/** `sts.eu-west-1.amazonaws.com`, `portal.sso.eu-west-1.amazonaws.com`, `bucket.s3.amazonaws.com`. */
function serviceOfHost(host: string): string | undefined {
  const labels = /^(.+)\.(amazonaws\.com(\.cn)?|api\.aws)(:\d+)?$/.exec(host)?.[1]?.split(".");
  if (labels === undefined) return undefined;
  if (labels.some((label) => /^s3([-.]|$)/.test(label))) return "s3";
  if (labels[0] === "oidc") return "sso-oidc";
  if (labels[0] === "portal") return "sso";
  // Where an account's tokens for others are issued: `<id>.tokens.sts.global.api.aws`.
  if (labels[1] === "tokens") return labels[2];
  return labels[0];
}

/** Every AWS client reads one of two forms. */
function encodeUnknown(_service: string, error: EmulatorError, context: Context): EncodedResponse {
  const { headers } = context.request;
  const type = headers["content-type"] ?? "";
  if ("x-amz-target" in headers || type.includes("json")) {
    return {
      status: error.status,
      headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": error.code },
      body: JSON.stringify({ __type: error.code, message: error.message }),
    };
  }
  return {
    status: error.status,
    headers: { "content-type": "text/xml" },
    body:
      `<ErrorResponse><Error><Type>Receiver</Type><Code>${error.code}</Code>` +
      `<Message>${error.message.replace(/[<&>]/g, "")}</Message></Error>` +
      `<RequestId>${context.requestId}</RequestId></ErrorResponse>`,
  };
}
