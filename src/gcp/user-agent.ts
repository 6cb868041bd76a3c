/** How trivet names itself to Google: `x-goog-api-client` and the User-Agent. */
const VERSION = "0.1.0";

export const CLIENT_HEADER: string = `trivet/${VERSION}${/* @__PURE__ */ runtime()}`;

function runtime(): string {
  const versions = (globalThis.process as NodeJS.Process | undefined)?.versions;
  return versions?.node === undefined ? "" : ` gl-node/${versions.node}`;
}
