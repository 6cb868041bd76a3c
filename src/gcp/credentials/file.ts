/** A credentials file by its `type`. */
import { SourceUnavailable } from "../../auth/chain.js";
import { authorizedUser } from "./authorized-user.js";
import type { CredentialsContext, CredentialsFile, GoogleCredentials } from "./credentials.js";
import { externalAccount, externalAccountAuthorizedUser } from "./external-account.js";
import { gdchServiceAccount } from "./gdch.js";
import { impersonatedFile } from "./impersonated.js";
import { serviceAccount } from "./service-account.js";

type Read = (file: CredentialsFile, context: CredentialsContext) => GoogleCredentials;

const TYPES: Readonly<Record<string, Read>> = {
  authorized_user: authorizedUser,
  service_account: serviceAccount,
  external_account: externalAccount,
  external_account_authorized_user: externalAccountAuthorizedUser,
  impersonated_service_account: (file, context) => impersonatedFile(file, context, credentialsOf),
  gdch_service_account: gdchServiceAccount,
};

export function credentialsOf(file: CredentialsFile, context: CredentialsContext): GoogleCredentials {
  const read = TYPES[String(file.type)];
  if (read === undefined) {
    throw new Error(
      `The credentials are of type ${JSON.stringify(file.type)}: expected one of ${Object.keys(TYPES).join(", ")}`,
    );
  }
  return read(file, context);
}

/** Reads a file that somebody named: it must be there. */
export async function readCredentialsFile(
  path: string,
  context: CredentialsContext,
): Promise<GoogleCredentials> {
  const text = await context.environment.readFile(path);
  if (text === undefined) throw new Error(`The file ${path} is not there`);
  return credentialsOf(parseFile(text, path), context);
}

/** The file that `gcloud auth application-default login` writes. */
export async function readGcloudFile(context: CredentialsContext): Promise<GoogleCredentials> {
  const folder = gcloudFolder(context);
  if (folder === undefined) throw new SourceUnavailable("there is no home folder");
  const path = `${folder}/application_default_credentials.json`;
  const text = await context.environment.readFile(path);
  if (text === undefined) throw new SourceUnavailable(`${path} is not there`);
  return credentialsOf(parseFile(text, path), context);
}

export function gcloudFolder({ environment }: CredentialsContext): string | undefined {
  const { env, platform } = environment;
  const own = env.CLOUDSDK_CONFIG;
  if (own) return own;
  if (platform === "windows") return env.APPDATA && `${env.APPDATA}/gcloud`;
  const home = environment.homedir();
  return home && `${home}/.config/gcloud`;
}

function parseFile(text: string, path: string): CredentialsFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`The file ${path} is not JSON`);
  }
  if (typeof value !== "object" || value === null) throw new Error(`The file ${path} holds no JSON object`);
  return value as CredentialsFile;
}
