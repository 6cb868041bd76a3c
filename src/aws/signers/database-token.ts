/**
 * Passwords that databases and caches take in place of one of their own: a signed URL without its scheme, made without a call.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
 */
import { presignV4 } from "../../auth/sigv4.js";
import { encodeStrict } from "../../auth/sigv4-canonical.js";
import type { HttpRequest } from "../../http/message.js";
import { invalidInput } from "../../internal/cloud-error.js";
import { regionOf } from "../client-state.js";
import type { Session } from "../session.js";

export interface TokenOptions {
  /** Of the database or cache. Default: the session's. */
  readonly region?: string | undefined;
  /** Time of signing. Default now. */
  readonly at?: Date | undefined;
}

/** Whose credentials sign, in whose region. */
export type SigningSession = Pick<Session, "credentials" | "region">;

export interface RdsTokenOptions extends TokenOptions {
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
}

export interface DsqlTokenOptions extends TokenOptions {
  readonly hostname: string;
  /** `DbConnectAdmin` for the role `admin`, `DbConnect` for every other. */
  readonly action: "DbConnect" | "DbConnectAdmin";
  /** Default 900. */
  readonly expiresInSeconds?: number | undefined;
}

export interface CacheTokenOptions extends TokenOptions {
  readonly service: "elasticache" | "memorydb";
  /** Name of the cache or cluster, not its address. */
  readonly name: string;
  readonly username: string;
  readonly serverless?: boolean | undefined;
}

const EXPIRES_IN_SECONDS = 900;

/**
 * Password of a user of RDS, Aurora, Neptune or DocumentDB with IAM authentication, for a connection within 15 minutes.
 *
 * @throws CloudError `unauthenticated` without credentials, `invalidInput` without a region.
 */
export async function rdsAuthToken(session: SigningSession, options: RdsTokenOptions): Promise<string> {
  const { hostname, port, username } = options;
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw invalidInput(`options.port must be a whole number from 1 to 65535, is ${port}`);
  }
  const query = `Action=connect&DBUser=${encodeStrict(username)}`;
  return token(session, `${hostname}:${port}`, query, "rds-db", options);
}

/** Password of a role of an Aurora DSQL cluster. */
export async function dsqlAuthToken(session: SigningSession, options: DsqlTokenOptions): Promise<string> {
  const { hostname, action } = options;
  if (action !== "DbConnect" && action !== "DbConnectAdmin") {
    throw invalidInput("options.action must be DbConnect or DbConnectAdmin");
  }
  return token(session, hostname, `Action=${action}`, "dsql", options);
}

/**
 * Password of a user of an ElastiCache replication group or serverless cache, or of a MemoryDB cluster.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
 */
export async function cacheAuthToken(session: SigningSession, options: CacheTokenOptions): Promise<string> {
  const { service, name, username, serverless } = options;
  const user = `Action=connect&User=${encodeStrict(username)}`;
  const query = serverless === true ? `${user}&ResourceType=ServerlessCache` : user;
  return token(session, name.toLowerCase(), query, service, options);
}

async function token(
  session: SigningSession,
  host: string,
  query: string,
  service: string,
  options: TokenOptions & Pick<DsqlTokenOptions, "expiresInSeconds">,
): Promise<string> {
  const { expiresInSeconds = EXPIRES_IN_SECONDS, at } = options;
  const region = regionOf({ region: options.region ?? (await session.region()) });
  const credentials = await session.credentials.get();
  const request: HttpRequest = { method: "GET", origin: `https://${host}`, path: "/", query, headers: {} };
  const signed = await presignV4(request, { credentials, region, service, expiresInSeconds, at });
  return `${host}${signed.path}?${signed.query}`;
}
