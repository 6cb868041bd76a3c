/**
 * Passwords that databases and caches take in place of one of their own: a signed URL without its scheme, made without a call.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
 */
import type { AwsCredentials } from "../../auth/credentials.js";
import { presignV4 } from "../../auth/sigv4.js";
import { encodeStrict } from "../../auth/sigv4-canonical.js";
import type { HttpRequest } from "../../http/message.js";
import { invalidInput } from "../../internal/cloud-error.js";

export interface TokenOptions {
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** Time of signing. Default now. */
  readonly at?: Date | undefined;
}

const EXPIRES_IN_SECONDS = 900;

/** Password of a user of RDS, Aurora, Neptune or DocumentDB with IAM authentication, for a connection within 15 minutes. */
export function rdsAuthToken(
  options: TokenOptions & { readonly hostname: string; readonly port: number; readonly username: string },
): Promise<string> {
  const { hostname, port, username } = options;
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw invalidInput(`options.port must be a whole number from 1 to 65535, is ${port}`);
  }
  const query = `Action=connect&DBUser=${encodeStrict(username)}`;
  return token(`${hostname}:${port}`, query, "rds-db", EXPIRES_IN_SECONDS, options);
}

/** Password of the `admin` role (`DbConnectAdmin`) or of another role (`DbConnect`) of an Aurora DSQL cluster. */
export function dsqlAuthToken(
  options: TokenOptions & {
    readonly hostname: string;
    readonly action: "DbConnect" | "DbConnectAdmin";
    /** Default 900. */
    readonly expiresInSeconds?: number | undefined;
  },
): Promise<string> {
  const { hostname, action, expiresInSeconds = EXPIRES_IN_SECONDS } = options;
  if (action !== "DbConnect" && action !== "DbConnectAdmin") {
    throw invalidInput("options.action must be DbConnect or DbConnectAdmin");
  }
  return token(hostname, `Action=${action}`, "dsql", expiresInSeconds, options);
}

/**
 * Password of a user of an ElastiCache replication group or serverless cache, or of a MemoryDB cluster.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
 */
export function cacheAuthToken(
  options: TokenOptions & {
    readonly service: "elasticache" | "memorydb";
    /** Name of the cache or cluster, not its address. */
    readonly name: string;
    readonly username: string;
    readonly serverless?: boolean | undefined;
  },
): Promise<string> {
  const { service, name, username, serverless } = options;
  const user = `Action=connect&User=${encodeStrict(username)}`;
  const query = serverless === true ? `${user}&ResourceType=ServerlessCache` : user;
  return token(name.toLowerCase(), query, service, EXPIRES_IN_SECONDS, options);
}

async function token(
  host: string,
  query: string,
  service: string,
  expiresInSeconds: number,
  { credentials, region, at }: TokenOptions,
): Promise<string> {
  const request: HttpRequest = { method: "GET", origin: `https://${host}`, path: "/", query, headers: {} };
  const signed = await presignV4(request, { credentials, region, service, expiresInSeconds, at });
  return `${host}${signed.path}?${signed.query}`;
}
