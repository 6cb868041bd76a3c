/** Where a request names its account: in the host or as the first part of the path. */
import type { IncomingRequest } from "../../service.js";

const ACCOUNT_HOST = /^([a-z0-9-]+)\.blob\./;
const SECONDARY = /-secondary$/;

export interface Address {
  readonly account: string;
  /** At the account's second location, to read from. */
  readonly isSecondary: boolean;
  /** `/container/blob`, percent-encoded. */
  readonly path: string;
}

export function addressOf({ host, path, query }: Pick<IncomingRequest, "host" | "path" | "query">): Address {
  const named = ACCOUNT_HOST.exec(host)?.[1];
  if (named !== undefined) return addressIn(named, path, query);
  const [, first = "", ...rest] = path.split("/");
  return addressIn(decodeURIComponent(first), `/${rest.join("/")}`, query);
}

function addressIn(account: string, path: string, query: string): Address {
  return {
    account: account.replace(SECONDARY, ""),
    isSecondary: SECONDARY.test(account),
    path: inRoot(path.replaceAll(/\\|%5C/gi, "/"), query),
  };
}

/** `/container/` is the container; `/blob` is in the root container. https://learn.microsoft.com/rest/api/storageservices/working-with-the-root-container */
function inRoot(path: string, query: string): string {
  const [, name, end] = /^\/([^/]+)(\/?)$/.exec(path) ?? [];
  if (name === undefined) return path;
  const isContainer = end === "/" || /(^|&)restype=container(&|$)/.test(query);
  return isContainer ? `/${name}` : `/$root/${name}`;
}
