/** Which id and class name each document gets: the preferred version of an API has the API's own name. */
import type { DiscoveryDocument } from "./discovery.js";
import type { Identity } from "./import.js";
import { pascal } from "./shapes.js";

export interface DirectoryItem {
  readonly name: string;
  readonly version: string;
  readonly preferred?: boolean;
}

const STABLE = /^v\d+(\.\d+)?$/;

/** Where the index, which Google no longer keeps current, prefers a version that lacks the main resource. */
const MAIN_VERSIONS: Readonly<Record<string, string>> = {
  // v2 has folders alone; projects are in v3.
  cloudresourcemanager: "v3",
};

/** Identities by `name:version`. `directory` is the index of the documents; it does not list all of them. */
export function identities(
  documents: readonly DiscoveryDocument[],
  directory: readonly DirectoryItem[],
): Map<string, Identity> {
  const versions = new Map<string, string[]>();
  for (const document of documents) {
    const { api, version } = split(document);
    versions.set(api, [...(versions.get(api) ?? []), version]);
  }
  const main = new Map<string, string>();
  for (const [api, known] of versions) {
    const stated = directory.find((item) => item.name === api && item.preferred === true)?.version ?? "";
    const usable = known.includes(stated) && STABLE.test(stated);
    main.set(api, MAIN_VERSIONS[api] ?? (usable ? stated : newest(known)));
  }
  const result = new Map<string, Identity>();
  for (const document of documents) {
    const { api, version } = split(document);
    const name = pascal(api === document.name ? (document.canonicalName ?? api) : api);
    const isMain = main.get(api) === version;
    result.set(`${document.name}:${document.version}`, {
      id: isMain ? api : `${api}-${version.replaceAll(".", "-")}`,
      name: isMain ? name : name + pascal(version),
    });
  }
  return result;
}

/** A version like `directory_v1` is an API of its own under a name that several share. */
function split({ name, version }: DiscoveryDocument): { readonly api: string; readonly version: string } {
  const at = version.lastIndexOf("_");
  return at === -1
    ? { api: name, version }
    : { api: `${name}-${version.slice(0, at)}`, version: version.slice(at + 1) };
}

/** Stable before beta before alpha, then the higher number. */
function newest(versions: string[]): string {
  const rank = (version: string) => {
    const [, number = "0", stage = ""] = /^v?(\d+(?:\.\d+)?)(.*)$/.exec(version) ?? [];
    return (stage === "" ? 2000 : stage.startsWith("beta") ? 1000 : 0) + Number(number);
  };
  return versions.sort((a, b) => rank(b) - rank(a))[0] as string;
}
