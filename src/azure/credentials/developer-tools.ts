/** What Azure CLI, Azure PowerShell and the Azure Developer CLI signed in with. */
import type { AccessToken } from "../../auth/credentials.js";
import type { RunResult } from "../../auth/environment.js";
import {
  checkedScope,
  checkedTenant,
  parseObject,
  resourceOf,
  type TokenContext,
  type TokenSource,
  textOf,
  unavailable,
} from "./context.js";

const TIMEOUT_MS = 13_000;
const NOT_FOUND = /not found|not recognized|ENOENT|No such file/i;

/** `az login` */
export const azureCliSource: TokenSource = {
  name: "Azure CLI",
  async provide(context, signal) {
    const resource = checkedScope(resourceOf(context));
    const tenant = context.tenantId ? ` --tenant ${checkedTenant(context.tenantId)}` : "";
    const result = await run(
      context,
      `az account get-access-token --output json --resource ${resource}${tenant}`,
      signal,
    );
    if (result.code !== 0) throw failed(result, "az", "Azure CLI", "az login");
    const json = parseObject(result.stdout);
    // `expires_on` is exact, `expiresOn` local time without an offset: older versions have it alone.
    const expiresAt =
      json?.expires_on === undefined ? dateOf(json?.expiresOn) : new Date(Number(json.expires_on) * 1000);
    return answerOf(json?.accessToken, expiresAt, "Azure CLI");
  },
};

/** `azd auth login` */
export const azureDeveloperCliSource: TokenSource = {
  name: "Azure Developer CLI",
  async provide(context, signal) {
    const scopes = context.scopes.map((scope) => ` --scope ${checkedScope(scope)}`).join("");
    const tenant = context.tenantId ? ` --tenant-id ${checkedTenant(context.tenantId)}` : "";
    const result = await run(context, `azd auth token --output json --no-prompt${scopes}${tenant}`, signal);
    if (result.code !== 0) throw failed(result, "azd", "Azure Developer CLI", "azd auth login");
    const json = parseObject(result.stdout);
    return answerOf(json?.token, dateOf(json?.expiresOn), "Azure Developer CLI");
  },
};

/** `Connect-AzAccount` */
export const azurePowerShellSource: TokenSource = {
  name: "Azure PowerShell",
  async provide(context, signal) {
    const script = powerShellScript(
      checkedScope(resourceOf(context)),
      context.tenantId && checkedTenant(context.tenantId),
    );
    const encoded = utf16Base64(script);
    const shells = context.environment.platform === "windows" ? ["pwsh", "powershell"] : ["pwsh"];
    let result: RunResult | undefined;
    for (const shell of shells) {
      result = await run(context, `${shell} -NoProfile -NonInteractive -EncodedCommand ${encoded}`, signal);
      if (result.code === 0 || !isMissing(result)) break;
    }
    if (result?.code !== 0) throw failed(result, "pwsh", "Azure PowerShell", "Connect-AzAccount");
    const json = parseObject(result.stdout);
    return answerOf(json?.token, dateOf(json?.expiresOn), "Azure PowerShell");
  },
};

/** Newer modules answer a SecureString, older ones text. */
function powerShellScript(resource: string, tenantId: string | undefined): string {
  const tenant = tenantId ? ` -TenantId '${tenantId}'` : "";
  return [
    "$ErrorActionPreference = 'Stop'",
    "Import-Module Az.Accounts -MinimumVersion 2.2.0",
    `$t = Get-AzAccessToken -ResourceUrl '${resource}'${tenant}`,
    "$v = $t.Token",
    "if ($v -is [System.Security.SecureString]) { $v = [System.Net.NetworkCredential]::new('', $v).Password }",
    "@{ token = $v; expiresOn = $t.ExpiresOn.ToUniversalTime().ToString('o') } | ConvertTo-Json -Compress",
  ].join("; ");
}

function utf16Base64(text: string): string {
  let bytes = "";
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    bytes += String.fromCharCode(code & 255, code >> 8);
  }
  return btoa(bytes);
}

function run({ environment }: TokenContext, command: string, signal?: AbortSignal): Promise<RunResult> {
  return environment.run(command, { timeoutMs: TIMEOUT_MS, signal });
}

function isMissing({ code, stderr }: RunResult): boolean {
  return code === 127 || (code !== 0 && NOT_FOUND.test(stderr));
}

function failed(result: RunResult | undefined, command: string, name: string, login: string): Error {
  if (result === undefined || isMissing(result)) return unavailable(`${command} is not installed`);
  if (result.code === undefined) return unavailable(`${name} did not answer within ${TIMEOUT_MS} ms`);
  const [line = ""] = result.stderr.trim().split(/\r?\n/);
  return unavailable(`${name} is not signed in (${login}): ${line.slice(0, 300)}`);
}

function answerOf(token: unknown, expiresAt: Date | undefined, name: string): AccessToken {
  const text = textOf(token);
  if (text === undefined || expiresAt === undefined) throw unavailable(`${name} answered no token`);
  return { token: text, expiresAt };
}

function dateOf(value: unknown): Date | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms);
}
