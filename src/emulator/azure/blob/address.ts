/** Where a request names its account: in the host or as the first part of the path. */
import type { IncomingRequest } from "../../service.js";

const ACCOUNT_HOST = /^([a-z0-9-]+)\.blob\./;

export interface Address {
  readonly account: string;
  /** `/container/blob`, percent-encoded. */
  readonly path: string;
}

export function addressOf({ host, path }: Pick<IncomingRequest, "host" | "path">): Address {
  const named = ACCOUNT_HOST.exec(host)?.[1];
  if (named !== undefined) return { account: named.replace(/-secondary$/, ""), path: trimmed(path) };
  const [, first = "", ...rest] = path.split("/");
  return {
    account: decodeURIComponent(first).replace(/-secondary$/, ""),
    path: trimmed(`/${rest.join("/")}`),
  };
}

/** `/container/` is the container. */
function trimmed(path: string): string {
  return /^\/[^/]+\/$/.test(path) ? path.slice(0, -1) : path;
}
