/** Tokens of other identity providers, each from where a credentials file says that it lies. */
import { CloudError } from "../../internal/cloud-error.js";
import { awsSubjectToken } from "./aws-subject-token.js";
import { type CredentialsContext, type CredentialsFile, optionalText, requiredText } from "./credentials.js";
import { send } from "./token-request.js";

export interface SubjectToken {
  readonly token: string;
  /** Where the provider says another than the file does. */
  readonly type?: string | undefined;
}

export type GetSubjectToken = (signal?: AbortSignal) => Promise<SubjectToken>;

/** The reader for a file's `credential_source`. */
export function subjectTokenSource(file: CredentialsFile, context: CredentialsContext): GetSubjectToken {
  const source = objectOf(file.credential_source);
  if (source === undefined) throw new Error('The external_account credentials lack "credential_source"');
  if (typeof source.environment_id === "string") {
    const audience = requiredText(file, "audience", "external_account");
    return (signal) => awsSubjectToken(source, audience, context, signal);
  }
  if (typeof source.file === "string") return () => fromFile(source, context);
  if (typeof source.url === "string") return (signal) => fromUrl(source, context, signal);
  if (source.executable !== undefined) return (signal) => fromExecutable(file, source, context, signal);
  if (source.certificate !== undefined) return noCertificates;
  throw new Error("The credential_source of the external_account credentials is of an unknown kind");
}

async function noCertificates(): Promise<never> {
  throw new CloudError(
    "X.509 workload identity needs a client certificate on the connection: not built yet",
    {
      kind: "notImplemented",
      code: "NotImplemented",
    },
  );
}

async function fromFile(source: CredentialsFile, { environment }: CredentialsContext): Promise<SubjectToken> {
  const path = requiredText(source, "file", "external_account");
  const text = await environment.readFile(path);
  if (text === undefined) throw new Error(`The subject token's file ${path} is not there`);
  return { token: extract(text, source, path) };
}

async function fromUrl(
  source: CredentialsFile,
  context: CredentialsContext,
  signal: AbortSignal | undefined,
): Promise<SubjectToken> {
  const url = requiredText(source, "url", "external_account");
  const headers = Object.fromEntries(
    Object.entries(objectOf(source.headers) ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      String(value),
    ]),
  );
  const answer = await send(context, { url, headers }, signal);
  if (answer.status !== 200) throw new Error(`The subject token's URL answered status ${answer.status}`);
  return { token: extract(answer.text, source, "the URL's answer") };
}

/** The text itself, or one member of it, as `format` says. */
function extract(text: string, source: CredentialsFile, where: string): string {
  const format = objectOf(source.format) ?? {};
  if (format.type !== "json") {
    const token = text.trim();
    if (token === "") throw new Error(`There is no subject token in ${where}`);
    return token;
  }
  const field = requiredText(format, "subject_token_field_name", "external_account");
  return requiredText(parseObject(text, where), field, `JSON of ${where}:`);
}

const EXECUTABLE_TIMEOUT_MS = 30_000;

/**
 * Runs a command that prints the token. Off unless the environment allows it: a credentials file from elsewhere would
 * otherwise run what it likes.
 */
async function fromExecutable(
  file: CredentialsFile,
  source: CredentialsFile,
  { environment }: CredentialsContext,
  signal: AbortSignal | undefined,
): Promise<SubjectToken> {
  if (environment.env.GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES !== "1") {
    throw new Error("Executables are not allowed: GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES is not 1");
  }
  const executable = objectOf(source.executable) ?? {};
  const command = requiredText(executable, "command", "external_account");
  const outputFile = optionalText(executable, "output_file");
  if (outputFile !== undefined) {
    const cached = await environment.readFile(outputFile);
    const token = cached === undefined ? undefined : cachedToken(cached, environment.now());
    if (token !== undefined) return token;
  }
  const variables = {
    GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE: requiredText(file, "audience", "external_account"),
    GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE: requiredText(file, "subject_token_type", "external_account"),
    GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE: "0",
    ...(outputFile !== undefined && { GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE: outputFile }),
  };
  const timeoutMs = Number(executable.timeout_millis) || EXECUTABLE_TIMEOUT_MS;
  const result = await environment.run(withVariables(command, variables, environment.platform), {
    timeoutMs,
    signal,
  });
  if (result.code !== 0)
    throw new Error(`The credentials' executable failed with code ${result.code ?? "none"}`);
  return executableToken(parseObject(result.stdout, "the executable's output"));
}

function withVariables(
  command: string,
  variables: Readonly<Record<string, string>>,
  platform: "windows" | "posix",
): string {
  const pairs = Object.entries(variables);
  if (platform === "windows")
    return [...pairs.map(([name, value]) => `set "${name}=${value}"`), command].join(" && ");
  return [...pairs.map(([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'`), command].join(" ");
}

function cachedToken(text: string, now: number): SubjectToken | undefined {
  let json: CredentialsFile;
  try {
    json = parseObject(text, "the executable's cache");
  } catch {
    return undefined;
  }
  const expiry = json.expiration_time;
  if (json.success !== true || typeof expiry !== "number" || expiry * 1000 <= now) return undefined;
  return executableToken(json);
}

function executableToken(json: CredentialsFile): SubjectToken {
  if (json.success !== true) {
    throw new Error(`The credentials' executable answered ${String(json.code)}: ${String(json.message)}`);
  }
  const type = optionalText(json, "token_type");
  const saml = type === "urn:ietf:params:oauth:token-type:saml2";
  return { token: requiredText(json, saml ? "saml_response" : "id_token", "executable's"), type };
}

export function objectOf(value: unknown): CredentialsFile | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as CredentialsFile)
    : undefined;
}

function parseObject(text: string, where: string): CredentialsFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`There is no JSON in ${where}`);
  }
  const object = objectOf(value);
  if (object === undefined) throw new Error(`There is no JSON object in ${where}`);
  return object;
}
