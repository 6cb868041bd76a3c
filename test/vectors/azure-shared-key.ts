/** ../shared/vectors/azure/shared-key.json: requests that the official SDK signed, signed again and verified. */
import { signSharedKey, verifySharedKey } from "../../src/auth/azure-shared-key.js";
import { type Case, equal, json, runSuite } from "./case.js";

const FILE = "../shared/vectors/azure/shared-key.json";

interface File {
  readonly account: string;
  readonly accountKey: string;
  readonly cases: readonly {
    readonly name: string;
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  }[];
}

export const suite = "azure/shared-key";

export function run() {
  return runSuite({ suite, cases });
}

export function cases(): Case[] {
  const file = json(FILE) as File;
  return file.cases.map((each) => ({ name: each.name, run: () => check(file, each) }));
}

function check({ account, accountKey }: File, { method, url, headers }: File["cases"][number]): void {
  const { authorization, ...others } = headers;
  const at = new Date(headers["x-ms-date"] as string);
  const [path = "", query = ""] = url.split("?");
  const request = { method, origin: "http://127.0.0.1:10000", path, query, headers: others };
  equal(signSharedKey(request, { account, accountKey, at }).headers.authorization, authorization);
  const received = { method, path, query, headers };
  equal(verifySharedKey(received, { keysOf: () => ["b3RoZXI=", accountKey], now: at }), {
    ok: true,
    account,
  });
  equal(verifySharedKey(received, { keysOf: () => ["b3RoZXI="], now: at }).ok, false);
}
