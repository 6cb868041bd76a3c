/** `models/SOURCES.json`: which package, at which version and hash, each model was made from. */
import { readFileSync, writeFileSync } from "node:fs";

export interface Source {
  /** `PyPI` or `npm`. */
  readonly registry: string;
  readonly version: string;
  /** Of the archive as the registry serves it; npm publishes the longer one. */
  readonly sha256?: string;
  readonly sha512?: string;
}

type Sources = { [cloud: string]: { [name: string]: Source } };

const FILE = "models/SOURCES.json";

export function readSources(): Sources {
  try {
    return JSON.parse(readFileSync(FILE, "utf8")) as Sources;
  } catch {
    return {};
  }
}

/** The recorded version; refuses an archive whose hash is not the recorded one. */
export function verifySource(cloud: string, name: string, version: string, sha256: string): void {
  const known = readSources()[cloud]?.[name];
  if (known !== undefined && known.version === version && known.sha256 !== sha256) {
    throw new Error(`Cannot use ${name} ${version}: its sha256 is ${sha256}, recorded is ${known.sha256}`);
  }
}

export function recordSource(cloud: string, name: string, source: Source): void {
  const all = readSources();
  const table = Object.entries({ ...all[cloud], [name]: source }).sort(([a], [b]) => (a < b ? -1 : 1));
  const sorted = Object.entries({ ...all, [cloud]: Object.fromEntries(table) }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}
