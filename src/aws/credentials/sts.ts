/**
 * AssumeRole and its siblings, written by hand: three form posts and five elements of XML, where STS's client would bring its
 * model, the query protocol and the rule engine into every program that only wants credentials.
 */
import type { AwsCredentials } from "../../auth/credentials.js";
import { signV4 } from "../../auth/sigv4.js";
import type { HttpRequest } from "../../http/message.js";
import { CloudError, kindOfStatus } from "../../internal/cloud-error.js";
import type { CredentialContext } from "./context.js";
import { serviceEndpoint } from "./endpoint.js";
import { exchange } from "./http.js";

export interface AssumeRole {
  readonly action: "AssumeRole" | "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML";
  /** Absent for calls that need no signature. */
  readonly credentials?: AwsCredentials;
  /** Members of the operation's input; undefined ones are left out. */
  readonly input: Readonly<Record<string, string | number | undefined>>;
  /** Name of the source in `explain()`. */
  readonly source: string;
  /** In place of STS's own. */
  readonly endpoint?: string | undefined;
}

/** Sends one of STS's operations that answer credentials. */
export async function assumeRole(
  context: CredentialContext,
  call: AssumeRole,
  signal?: AbortSignal,
): Promise<AwsCredentials> {
  const region = context.region ?? "us-east-1";
  const endpoint = serviceEndpoint(context.settings, "STS", region);
  const form = new URLSearchParams({ Action: call.action, Version: "2011-06-15" });
  for (const [name, value] of Object.entries(call.input)) {
    if (value !== undefined) form.set(name, String(value));
  }
  const { credentials } = call;
  const reply = await exchange(
    context.transport,
    {
      method: "POST",
      url: call.endpoint ?? endpoint.url,
      headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
      body: form.toString(),
      timeoutMs: 60_000,
      ...(credentials !== undefined && {
        sign: (request: HttpRequest) =>
          signV4(request, { credentials, service: "sts", region: endpoint.signingRegion }),
      }),
    },
    signal,
  );
  if (reply.status !== 200) throw refused(call.action, reply.status, reply.text);
  return credentialsOf(reply.text, call);
}

function credentialsOf(xml: string, call: AssumeRole): AwsCredentials {
  const accessKeyId = element(xml, "AccessKeyId");
  const secretAccessKey = element(xml, "SecretAccessKey");
  const sessionToken = element(xml, "SessionToken");
  const expiration = element(xml, "Expiration");
  if (!accessKeyId || !secretAccessKey || !sessionToken || !expiration) {
    throw new CloudError(`Cannot assume role: the answer of ${call.action} has no credentials`, {
      kind: "unavailable",
      code: "BadResponse",
    });
  }
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    expiration: new Date(expiration),
    accountId: element(xml, "Arn")?.split(":")[4],
    source: call.source,
  };
}

function refused(action: string, status: number, xml: string): CloudError {
  const code = element(xml, "Code") ?? String(status);
  const kind = /AccessDenied|NotAuthorized/.test(code)
    ? "accessDenied"
    : /Token|SignatureDoesNotMatch|Expired/.test(code)
      ? "unauthenticated"
      : kindOfStatus(status);
  return new CloudError(`Cannot assume role: ${element(xml, "Message") ?? `${action} answered ${status}`}`, {
    kind,
    code,
    status,
    requestId: element(xml, "RequestId"),
    cloud: "aws",
    service: "sts",
    operation: action,
  });
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

/** Text of the first element of that name. */
function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity] as string).trim();
}
