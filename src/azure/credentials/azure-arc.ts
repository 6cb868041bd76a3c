/** Azure Arc: who can read a file that only root and its group can is the machine. https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication */
import type { AccessToken } from "../../auth/credentials.js";
import { exchange, refused, type TokenContext, tokenOf } from "./context.js";

const SECRET_BYTES_MAX = 4096;

export async function arcToken(
  context: TokenContext,
  endpoint: string,
  resource: string,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const url = `${endpoint}?${new URLSearchParams({ "api-version": "2019-11-01", resource })}`;
  const challenge = await exchange(context, { url, headers: { metadata: "true" } }, signal);
  const path = /^Basic realm=(.+)$/i.exec(challenge.headers["www-authenticate"] ?? "")?.[1]?.trim();
  if (challenge.status !== 401 || path === undefined) {
    throw refused(
      `Cannot get a token from Azure Arc: no challenge, status ${challenge.status}`,
      "ArcChallenge",
    );
  }
  const secret = await readSecret(context, path);
  const reply = await exchange(
    context,
    { url, headers: { metadata: "true", authorization: `Basic ${secret}` } },
    signal,
  );
  const token = tokenOf(reply.json, context.environment.now());
  if (token === undefined)
    throw refused(`Cannot get a token from Azure Arc: status ${reply.status}`, String(reply.status));
  return token;
}

/** Only where the agent puts it: else whoever listens at the endpoint could have any file read. */
async function readSecret({ environment }: TokenContext, path: string): Promise<string> {
  const folder =
    environment.platform === "windows"
      ? `${environment.env.ProgramData ?? "C:\\ProgramData"}\\AzureConnectedMachineAgent\\Tokens\\`
      : "/var/opt/azcmagent/tokens/";
  const name = path.slice(folder.length);
  if (!path.startsWith(folder) || !/^[\w.-]+\.key$/.test(name)) {
    throw refused(`Cannot get a token from Azure Arc: the secret must be in ${folder}`, "ArcSecret");
  }
  const secret = await environment.readFile(path);
  if (secret === undefined || secret.length > SECRET_BYTES_MAX) {
    throw refused("Cannot get a token from Azure Arc: the secret file is missing or too long", "ArcSecret");
  }
  return secret.trim();
}
