/** The sovereign clouds: where their services are, told by the host that issues their tokens. https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure */

export interface CloudHosts {
  readonly resourceManager: string;
  readonly storageSuffix: string;
}

const PUBLIC: CloudHosts = {
  resourceManager: "https://management.azure.com",
  storageSuffix: "core.windows.net",
};

const BY_AUTHORITY: Readonly<Record<string, CloudHosts>> = {
  "login.microsoftonline.us": {
    resourceManager: "https://management.usgovcloudapi.net",
    storageSuffix: "core.usgovcloudapi.net",
  },
  "login.chinacloudapi.cn": {
    resourceManager: "https://management.chinacloudapi.cn",
    storageSuffix: "core.chinacloudapi.cn",
  },
  "login.partner.microsoftonline.cn": {
    resourceManager: "https://management.chinacloudapi.cn",
    storageSuffix: "core.chinacloudapi.cn",
  },
};

export function hostsOf(authorityHost: string | undefined): CloudHosts {
  const host = authorityHost?.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return (host !== undefined && BY_AUTHORITY[host]) || PUBLIC;
}
