/** The sovereign clouds: where their services are, told by the host that issues their tokens. https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure */

export interface CloudHosts {
  readonly resourceManager: string;
  /** What tokens for the manager are asked for. */
  readonly audience: string;
  readonly storageSuffix: string;
}

const PUBLIC: CloudHosts = cloud("https://management.azure.com", "core.windows.net");
const CHINA: CloudHosts = cloud("https://management.chinacloudapi.cn", "core.chinacloudapi.cn");

const BY_AUTHORITY: Readonly<Record<string, CloudHosts>> = {
  "login.microsoftonline.us": cloud("https://management.usgovcloudapi.net", "core.usgovcloudapi.net"),
  "login.chinacloudapi.cn": CHINA,
  "login.partner.microsoftonline.cn": CHINA,
};

function cloud(resourceManager: string, storageSuffix: string): CloudHosts {
  return { resourceManager, audience: resourceManager, storageSuffix };
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

export function hostsOf(authorityHost: string | undefined): CloudHosts {
  const host = authorityHost?.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  if (authorityHost === undefined || host === undefined) return PUBLIC;
  // A local emulator issues tokens and answers for the manager at one address.
  if (LOOPBACK.test(host)) return { ...PUBLIC, resourceManager: new URL(authorityHost).origin };
  return BY_AUTHORITY[host] ?? PUBLIC;
}
