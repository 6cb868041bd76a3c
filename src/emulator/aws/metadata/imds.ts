/**
 * The instance metadata service, version 2: a token first, then the instance's facts and its role's keys.
 * See https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
import type { EncodedResponse } from "../../../protocol/protocol.js";
import type { Context, EmulatedService, IncomingRequest, StoreKey } from "../../service.js";
import { ROOT_ACCOUNT } from "../identity.js";
import { isoSeconds, keysFor } from "./role-keys.js";

const ROLE = "emulator-instance-role";
const INSTANCE_ID = "i-0123456789abcdef0";
const REGION = "us-east-1";
const ZONE = "us-east-1a";
const TTL_SECONDS_MAX = 21_600;
const TTL_HEADER = "x-aws-ec2-metadata-token-ttl-seconds";

/** Tokens and when they end. */
const tokens: StoreKey<Map<string, number>> = { name: "aws.imds-tokens", create: () => new Map() };

export const imdsService: EmulatedService = {
  cloud: "aws",
  id: "imds",
  answer,
  encodeError: (error) => text(error.status, error.message),
};

function answer(request: IncomingRequest, context: Context): EncodedResponse {
  const { method, path, headers } = request;
  if (path === "/latest/api/token")
    return method === "PUT" ? issueToken(request, context) : text(405, "Method Not Allowed");
  if (method !== "GET") return text(405, "Method Not Allowed");
  const token = headers["x-aws-ec2-metadata-token"];
  const expires = context.store(tokens).get(token ?? "");
  if (context.verify && !(expires !== undefined && expires > context.clock.now()))
    return text(401, "Unauthorized");
  const found = documentAt(path.replace(/^\/latest\//, ""), context);
  return found === undefined ? text(404, "Not Found") : text(200, found);
}

function issueToken({ headers }: IncomingRequest, context: Context): EncodedResponse {
  const seconds = Number(headers[TTL_HEADER] ?? Number.NaN);
  if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= TTL_SECONDS_MAX))
    return text(400, "Bad Request");
  // A request that came through a proxy could hand the token to others.
  if (headers["x-forwarded-for"] !== undefined) return text(403, "Forbidden");
  const token = Buffer.from(crypto.getRandomValues(new Uint8Array(40))).toString("base64url");
  context.store(tokens).set(token, context.clock.now() + seconds * 1000);
  return { ...text(200, token), headers: { "content-type": "text/plain", [TTL_HEADER]: String(seconds) } };
}

function documentAt(path: string, context: Context): string | undefined {
  if (path === "dynamic/instance-identity/document") return identityDocument(context);
  if (!path.startsWith("meta-data")) return undefined;
  const name = path.slice("meta-data".length).replace(/^\//, "");
  if (name === `iam/security-credentials/${ROLE}`) return roleCredentials(context);
  const facts = factsOf(context);
  const value = facts[name];
  if (value !== undefined) return value;
  return directory(Object.keys(facts), name);
}

/** Names below a folder, folders with a slash. */
function directory(names: readonly string[], folder: string): string | undefined {
  const prefix = folder === "" || folder.endsWith("/") ? folder : `${folder}/`;
  const below = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  if (below.length === 0) return undefined;
  return [...new Set(below.map((name) => name.replace(/\/.*/, "/")))].sort().join("\n");
}

function factsOf(context: Context): Readonly<Record<string, string>> {
  return {
    "ami-id": "ami-0abcdef1234567890",
    "ami-launch-index": "0",
    hostname: "ip-172-31-0-10.ec2.internal",
    "instance-action": "none",
    "instance-id": INSTANCE_ID,
    "instance-life-cycle": "on-demand",
    "instance-type": "t3.micro",
    "iam/info": JSON.stringify({
      Code: "Success",
      LastUpdated: isoSeconds(context.clock.date()),
      InstanceProfileArn: `arn:aws:iam::${ROOT_ACCOUNT}:instance-profile/${ROLE}`,
      InstanceProfileId: "AIPAEMULATORINSTANCEP",
    }),
    "iam/security-credentials/": ROLE,
    "local-hostname": "ip-172-31-0-10.ec2.internal",
    "local-ipv4": "172.31.0.10",
    mac: "0a:01:02:03:04:05",
    "placement/availability-zone": ZONE,
    "placement/availability-zone-id": "use1-az1",
    "placement/region": REGION,
    "reservation-id": "r-0123456789abcdef0",
    "security-groups": "default",
    "services/domain": "amazonaws.com",
    "services/partition": "aws",
  };
}

function roleCredentials(context: Context): string {
  const key = keysFor(ROLE, INSTANCE_ID, context);
  return JSON.stringify({
    Code: "Success",
    LastUpdated: isoSeconds(key.created),
    Type: "AWS-HMAC",
    AccessKeyId: key.id,
    SecretAccessKey: key.secret,
    Token: key.sessionToken,
    Expiration: isoSeconds(key.expiration),
  });
}

function identityDocument(context: Context): string {
  return JSON.stringify({
    accountId: ROOT_ACCOUNT,
    architecture: "x86_64",
    availabilityZone: ZONE,
    imageId: "ami-0abcdef1234567890",
    instanceId: INSTANCE_ID,
    instanceType: "t3.micro",
    pendingTime: isoSeconds(context.clock.date()),
    privateIp: "172.31.0.10",
    region: REGION,
    version: "2017-09-30",
  });
}

function text(status: number, body: string): EncodedResponse {
  return { status, headers: { "content-type": "text/plain" }, body };
}
