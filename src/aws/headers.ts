/** Headers that say who calls, and which attempts are of one call. */
import { amzDate, encodeStrict } from "../auth/sigv4-canonical.js";
import type { AttemptNumber } from "../client/backend.js";
import type { HeaderMap } from "../http/message.js";
import type { ServiceTraits } from "../model/ir.js";

const APP_ID_LENGTH_MAX = 50;

/** `trivet os/linux lang/js#v20.20.0 api/s3#2006-03-01 app/my-app`. */
export function userAgent(service: ServiceTraits, appId: string | undefined): string {
  const node = globalThis.process as NodeJS.Process | undefined;
  const platform = node?.platform ?? "browser";
  const version = node?.version ?? "";
  const parts = ["trivet", `os/${platform}`, `lang/js#${version}`, `api/${service.id}#${service.apiVersion}`];
  if (appId !== undefined)
    parts.push(`app/${appId.slice(0, APP_ID_LENGTH_MAX).replace(/[^!#$%&'*+\-.^_`|~0-9A-Za-z]/g, "-")}`);
  return parts.join(" ");
}

/** `ttl=20260101T000100Z; attempt=2; max=3`: a service need not work on what its caller gave up. */
export function attemptHeader({ attempt, maxAttempts }: AttemptNumber, givesUpAt: Date | undefined): string {
  const ttl = givesUpAt === undefined ? "" : `ttl=${amzDate(givesUpAt)}; `;
  return `${ttl}attempt=${attempt}; max=${maxAttempts}`;
}

/** Lambda hands the trace on to what it calls; what may stand in one is botocore's choice. https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html */
export function addTraceHeader(headers: HeaderMap, env: Readonly<Record<string, string | undefined>>): void {
  const trace = env._X_AMZN_TRACE_ID;
  if (trace && env.AWS_LAMBDA_FUNCTION_NAME)
    headers["x-amzn-trace-id"] ??= trace.replace(/[^-\w.~=;:+&[\]{}"',]+/g, encodeStrict);
}
