/** ../shared/vectors/aws/credentials: profile chains, container endpoints, whole providers with files, environment and traffic. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { SourceUnavailable } from "../../src/auth/chain.js";
import type { AwsCredentials } from "../../src/auth/credentials.js";
import { type Environment, emptyEnvironment, systemEnvironment } from "../../src/auth/environment.js";
import type { ProfileFile, Section } from "../../src/aws/config/profile-file.js";
import { SharedFiles } from "../../src/aws/config/shared-files.js";
import { containerUrl } from "../../src/aws/credentials/container.js";
import { type BasePlan, planProfile, type RoleStep } from "../../src/aws/credentials/profile-plan.js";
import { Session } from "../../src/aws/session.js";
import type { HttpRequest, Transport } from "../../src/http/message.js";
import { bytesBody } from "../../src/http/response-body.js";
import { type Case, equal, json, runSuite } from "./case.js";

const FOLDER = "../shared/vectors/aws/credentials";

export const suite = "aws/credentials";

export function run() {
  return runSuite({ suite, cases });
}

export function cases(): Case[] {
  return [...planCases(), ...containerCases(), ...providerCases()];
}

/** What the Rust SDK says, and how ours says the same. */
const MESSAGES: Readonly<Record<string, RegExp>> = {
  "profile must contain `source_profile`": /profile "A" has no source_profile/,
  "profile contained both source_profile and credential_source": /both source_profile and credential_source/,
  "profile missing aws_secret_access_key": /"B": aws_secret_access_key is missing/,
  "profile missing aws_access_key_id": /"B": aws_access_key_id is missing/,
  "profile `B` did not contain credential information": /source_profile "B" has no credentials/,
  "profile `A` did not contain credential information": /profile "A" has none/,
  "could not find source profile B referenced from A": /"A" names source_profile "B", which does not exist/,
  "No profiles were defined": /Cannot find profile "A"/,
  "profile formed an infinite loop": /profiles form a loop: A -> B -> A/,
  "`role_arn` was missing": /profile "A" has no role_arn/,
  "if `sso_role_name` is set, then `sso_account_id` must also be set": /lacks sso_account_id/,
  "if `sso_account_id` is set, then `sso_role_name` must also be set": /lacks sso_role_name/,
  "`sso_region` can only be specified in the [sso-session] config when a session name is given":
    /sso_region of profile "A" differs from \[sso-session A\]/,
  "sso-session named `oops` (referenced by profile `A`) was not found":
    /\[sso-session oops\], which does not exist/,
  "No environment variables were set to configure ECS provider": /^not configured$/,
  "URI did not specify a host": /it names no host/,
  "an error occurred while loading credentials: Error retrieving credentials: external process exited with code exit status: 1":
    /credential_process: it exited with 1/,
  "Error retrieving credentials from external process, could not parse response: invalid JSON in response":
    /credential_process: its output is not JSON/,
  "the credential provider was not enabled": /no source of the chain answered/,
  "could not parse profile file": /Cannot read config file .*Property did not have a name/,
  "selected profile will resolve an access token instead of credentials":
    /the profile gives an access token, not credentials/,
};

async function failsLike(expected: string, act: () => unknown): Promise<void> {
  const pattern = MESSAGES[expected];
  if (pattern === undefined) throw new Error(`no message of ours stands for "${expected}"`);
  try {
    await act();
  } catch (error) {
    if (error instanceof Error && pattern.test(error.message)) return;
    throw error;
  }
  throw new Error(`did not fail with ${pattern}`);
}

interface PlanTest {
  readonly docs: string;
  readonly input: {
    readonly profiles: Record<string, Section>;
    readonly sso_sessions?: Record<string, Section>;
    readonly selected_profile: string;
  };
  readonly output: { readonly ProfileChain?: readonly object[]; readonly Error?: string };
}

const NOTHING: ProfileFile = { profiles: {}, ssoSessions: {}, services: {} };

function planCases(): Case[] {
  const tests = json(`${FOLDER}/assume-role-tests.json`) as PlanTest[];
  return tests.map(({ docs, input, output }, index) => ({
    name: `assume-role ${index}: ${docs}`,
    run: async () => {
      const config = { ...NOTHING, profiles: input.profiles, ssoSessions: input.sso_sessions ?? {} };
      const files = new SharedFiles(config, NOTHING, { config: "config", credentials: "credentials" });
      const plan = () => planProfile(files, input.selected_profile);
      if (output.Error !== undefined) return failsLike(output.Error, plan);
      const { base, roles } = plan();
      equal([inTheirWords(base), ...roles.map(roleInTheirWords)], output.ProfileChain);
    },
  }));
}

function inTheirWords(base: BasePlan): object {
  switch (base.kind) {
    case "static":
      return {
        AccessKey: defined({
          access_key_id: base.accessKeyId,
          secret_access_key: base.secretAccessKey,
          account_id: base.accountId,
        }),
      };
    case "named":
      return { NamedSource: base.source };
    case "web identity":
      return {
        WebIdentityToken: defined({
          role_arn: base.roleArn,
          web_identity_token_file: base.tokenFile,
          role_session_name: base.sessionName,
        }),
      };
    case "sso":
      return {
        Sso: defined({
          sso_session: base.session,
          sso_account_id: base.accountId,
          sso_region: base.region,
          sso_role_name: base.roleName,
          sso_start_url: base.startUrl,
        }),
      };
    default:
      return { [base.kind]: base };
  }
}

function roleInTheirWords(role: RoleStep): object {
  return {
    AssumeRole: defined({
      role_arn: role.roleArn,
      role_session_name: role.sessionName,
      external_id: role.externalId,
    }),
  };
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

interface ContainerTest {
  readonly docs: string;
  readonly env: Record<string, string>;
  readonly result: { readonly Ok?: string; readonly ErrorContains?: string };
}

function containerCases(): Case[] {
  const { tests } = json(`${FOLDER}/ecs-tests.json`) as { tests: ContainerTest[] };
  return tests.map(({ docs, env, result }) => ({
    name: `container: ${docs}`,
    run: async () => {
      const url = () => {
        const found = containerUrl(emptyEnvironment(env));
        if (found === undefined) throw new SourceUnavailable("not configured");
        return found;
      };
      if (result.ErrorContains !== undefined) return failsLike(result.ErrorContains, url);
      equal(url(), result.Ok);
    },
  }));
}

interface ProviderTest {
  readonly name: string;
  readonly result: {
    readonly Ok?: {
      readonly access_key_id: string;
      readonly secret_access_key: string;
      readonly session_token: string;
      readonly account_id: string;
      readonly expiry: number;
    };
    readonly ErrorContains?: string;
  };
}

function providerCases(): Case[] {
  const folders = readdirSync(`${FOLDER}/profile-provider`).sort();
  return folders.map((folder) => ({ name: `provider: ${folder}`, run: () => provide(folder) }));
}

async function provide(name: string): Promise<void> {
  const folder = `${FOLDER}/profile-provider/${name}`;
  const { result } = json(`${folder}/test-case.json`) as ProviderTest;
  const traffic = new Traffic(json(`${folder}/http-traffic.json`) as Recording);
  const environment = environmentOf(folder);
  const session = new Session({
    environment,
    transport: traffic,
    // The cases test the profile provider alone: a profile named in code wins over the keys in the environment.
    ...(environment.env.AWS_ACCESS_KEY_ID !== undefined && { profile: "default" }),
  });
  if (result.ErrorContains !== undefined)
    return failsLike(result.ErrorContains, () => session.credentials.get());
  equal(inTheirForm(await session.credentials.get()), result.Ok);
  equal(traffic.left, 0);
}

function inTheirForm(credentials: AwsCredentials): object {
  return {
    access_key_id: credentials.accessKeyId,
    secret_access_key: credentials.secretAccessKey,
    session_token: credentials.sessionToken,
    account_id: credentials.accountId,
    expiry: credentials.expiration && credentials.expiration.getTime() / 1000,
  };
}

/** The case's own variables and files; commands run for real. Nothing is an EC2 instance. */
function environmentOf(folder: string): Environment {
  const env = {
    AWS_EC2_METADATA_DISABLED: "true",
    ...(json(`${folder}/env.json`) as Record<string, string>),
  };
  return {
    ...emptyEnvironment(env),
    readFile: async (path) => {
      const file = `${folder}/fs${path}`;
      return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    },
    run: systemEnvironment().run,
  };
}

interface Recording {
  readonly events: readonly {
    readonly action: {
      readonly Request?: { readonly request: { readonly uri: string; readonly method: string } };
      readonly Response?: { readonly response: { readonly Ok?: { readonly status: number } } };
      readonly Data?: {
        readonly direction: "Request" | "Response";
        readonly data: { readonly Utf8: string };
      };
    };
  }[];
}

interface Exchanged {
  uri: string;
  method: string;
  sent: string;
  status: number;
  received: string;
}

/** Answers as recorded, and holds each request to the recorded one. */
class Traffic implements Transport {
  readonly #exchanges: Exchanged[] = [];

  constructor({ events }: Recording) {
    for (const { action } of events) {
      if (action.Request) {
        this.#exchanges.push({ ...action.Request.request, sent: "", status: 0, received: "" });
      }
      const last = this.#exchanges.at(-1);
      if (last === undefined) continue;
      if (action.Response?.response.Ok) last.status = action.Response.response.Ok.status;
      if (action.Data?.direction === "Request") last.sent += action.Data.data.Utf8;
      if (action.Data?.direction === "Response") last.received += action.Data.data.Utf8;
    }
  }

  get left(): number {
    return this.#exchanges.length;
  }

  async send(request: HttpRequest) {
    const recorded = this.#exchanges.shift();
    if (recorded === undefined)
      throw new Error(`an unexpected ${request.method} ${request.origin}${request.path}`);
    const url = `${request.origin}${request.path}${request.query === "" ? "" : `?${request.query}`}`;
    equal([request.method, new URL(url).href], [recorded.method, new URL(recorded.uri).href]);
    equal(form(String(request.body ?? "")), form(recorded.sent));
    const body = bytesBody(new TextEncoder().encode(recorded.received));
    return { status: recorded.status, headers: {}, body };
  }
}

/** Form fields in order of their names; the session's name is each SDK's own. */
function form(text: string): string[][] {
  const fields = new URLSearchParams(text);
  if (fields.has("RoleSessionName")) fields.set("RoleSessionName", "");
  return [...fields].sort();
}
