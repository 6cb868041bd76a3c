/**
 * Bundles src into few files: a cold start pays for each module file that it loads. What all clouds need is one chunk, what
 * one cloud needs is another; what is imported with `import()` stays apart until it is needed.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type Plugin, type PluginContext, rolldown } from "rolldown";
import { parseAst } from "rolldown/parseAst";

/**
 * Entry points whose static imports belong together. A module that two clouds' services reach is everyone's; what only users
 * ask of a session or of the package stays out of what a client loads.
 */
const CHUNKS: Readonly<Record<string, readonly string[]>> = {
  // Few services speak CBOR, or have methods of their own that are more than a few lines.
  "aws-client": [
    ...["aws/service", "aws/extensions/s3"],
    ...["json", "query", "rest-json", "rest-xml"].map((name) => `protocol/aws-${name}`),
  ],
  "azure-client": ["azure/service"],
  "gcp-client": ["gcp/service"],
  "aws-session": ["aws/index"],
  "azure-session": ["azure/index"],
  "gcp-session": ["gcp/index"],
  index: ["index"],
  emulator: ["emulator/index", "cli/emulator"],
};

const CLIENTS: ReadonlySet<string> = new Set(["aws-client", "azure-client", "gcp-client"]);

export interface Entries {
  /** Modules under src, without ending, that are each a file of the package. */
  readonly files: readonly string[];
  /** Modules that services import, from whichever file they are in. */
  readonly parts: readonly string[];
  /** Services, as `aws/s3`: files of the package that are made elsewhere. */
  readonly services: readonly string[];
}

/** Returns the file that each of the parts is exported from. */
export async function bundleSources(
  folder: string,
  { files, parts, services }: Entries,
): Promise<ReadonlyMap<string, string>> {
  const entries = [...files, ...parts];
  const chunks = new Chunks(entries);
  const { chunkOf } = chunks;
  const only =
    (...names: string[]) =>
    (id: string, context: ModuleInfo) => {
      const name = chunkOf(id, context);
      return name !== null && names.includes(name) ? name : null;
    };
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [flatName(entry), `src/${entry}.ts`])),
    platform: "node",
    // A bare name is a package of the user's installation.
    external: [/^node:/, /^[^./]/],
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
    plugins: [servicesApart(new Set(services))],
    checks: { circularDependency: false },
  });
  const { output } = await bundle.generate({
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: ({ name }) => (name === "core" || CLIENTS.has(name) ? "[name].js" : "[name]-[hash].js"),
    minifyInternalExports: false,
    // Functions and classes keep their names: stack traces are read.
    minify: { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
    codeSplitting: {
      groups: [
        // A group takes what its modules import along: who comes first matters.
        { debugName: "core", priority: 3, name: only("core") },
        { debugName: "clouds", priority: 2, name: only(...CLIENTS) },
        { debugName: "later", priority: 1.5, name: chunks.later },
        { debugName: "rest", priority: 1, name: chunkOf },
      ],
    },
  });
  await bundle.close();
  // Only now: a failed bundle leaves the last one in place.
  removeFiles(folder, ".js");
  mkdirSync(folder, { recursive: true });
  const homes = new Map<string, string>();
  const loadedLater = new Set(output.flatMap((file) => (file.type === "chunk" ? file.dynamicImports : [])));
  for (const file of output) {
    if (file.type !== "chunk") continue;
    const part = parts.find((entry) => flatName(entry) === file.name);
    // A file more to load is a millisecond: services import a part's exports from the file that it only passes them on from.
    const passesOn = file.moduleIds.length === 0 && file.imports.length === 1;
    if (part !== undefined) homes.set(part, passesOn ? (file.imports[0] as string) : file.fileName);
    if (part === undefined || !passesOn || loadedLater.has(file.fileName))
      writeFileSync(`${folder}/${file.fileName}`, inLines(file.code));
  }
  return homes;
}

/**
 * A line for each declaration and each member of a class. A cold start reads and scans all white space, so there is none but
 * this: Node prints the line of an error that nobody caught.
 */
function inLines(code: string): string {
  const starts: number[] = [];
  for (const statement of parseAst(code).body) {
    starts.push(statement.start);
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    const values = declaration?.type === "VariableDeclaration" ? declaration.declarations : [];
    for (const each of [declaration, ...values.map(({ init }) => init)]) {
      if (each?.type !== "ClassDeclaration" && each?.type !== "ClassExpression") continue;
      starts.push(...each.body.body.map(({ start }) => start));
    }
  }
  return starts.map((start, index) => code.slice(start, starts[index + 1])).join("\n");
}

/** Bundles lie flat in dist, so that a service is found from every one of them. `aws/index` -> `aws`. */
function flatName(entry: string): string {
  return entry.replace(/\/index$/, "").replaceAll("/", "-");
}

type ModuleInfo = Pick<PluginContext, "getModuleInfo">;

/** Which chunk a module belongs to, by who reaches it. Known once the bundler has read all modules. */
class Chunks {
  readonly #entries: readonly string[];
  #users: Users | undefined;

  constructor(entries: readonly string[]) {
    this.#entries = entries;
  }

  /** The chunk of each module that an entry point of CHUNKS imports; null for the rest, left to the bundler. */
  readonly chunkOf = (id: string, context: ModuleInfo): string | null => {
    const all = this.#usersOf(context).imported.get(id);
    if (all === undefined) return null;
    const clients = all.filter((name) => CLIENTS.has(name));
    // A session's module that another cloud needs too must not make one cloud load the other.
    const owners = new Set(
      all.map((name) => name.replace("-session", "-client")).filter((name) => CLIENTS.has(name)),
    );
    if (owners.size > 1) return "core";
    return clients[0] ?? (all.length === 1 ? (all[0] as string) : null);
  };

  /** What a client may load later must not bring along what only users ask of a session: its modules stay by themselves. */
  readonly later = (id: string, context: ModuleInfo): string | null => {
    const { imported, later } = this.#usersOf(context);
    return imported.has(id) ? (later.get(id) ?? null) : null;
  };

  #usersOf(context: ModuleInfo): Users {
    this.#users ??= usersOf(this.#entries, context);
    return this.#users;
  }
}

interface Users {
  /** Names of CHUNKS from which each module is imported, directly or not, `import()` not counted. */
  readonly imported: ReadonlyMap<string, readonly string[]>;
  /** Modules that a client loads by `import()`, to the name of what it loads: the smallest where there are several. */
  readonly later: ReadonlyMap<string, string>;
}

function usersOf(entries: readonly string[], context: ModuleInfo): Users {
  const imported = new Map<string, string[]>();
  const importsOf = (id: string) => context.getModuleInfo(id)?.importedIds ?? [];
  const loadedBy = (id: string) => context.getModuleInfo(id)?.dynamicallyImportedIds ?? [];
  const loaded = new Set<string>();
  const eager = new Set<string>();
  for (const [name, roots] of Object.entries(CHUNKS)) {
    const files = roots.filter((root) => entries.includes(root)).map((root) => resolve(`src/${root}.ts`));
    const all = reach(files, importsOf);
    for (const id of all) imported.set(id, [...(imported.get(id) ?? []), name]);
    if (!CLIENTS.has(name)) continue;
    for (const id of all) eager.add(id);
    const later = reach(files, (id) => [...importsOf(id), ...loadedBy(id)]);
    for (const id of later) for (const target of loadedBy(id)) loaded.add(target);
  }
  const later = new Map<string, string>();
  const targets = [...loaded].map((id) => [id, reach([id], importsOf)] as const);
  for (const [target, modules] of targets.sort(([, one], [, other]) => one.size - other.size)) {
    for (const id of modules) if (!eager.has(id) && !later.has(id)) later.set(id, basename(target, ".ts"));
  }
  return { imported, later };
}

function reach(roots: readonly string[], next: (id: string) => readonly string[]): Set<string> {
  const open = [...roots];
  const seen = new Set<string>();
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...next(id));
  }
  return seen;
}

/** Services are imported where they lie in dist, never copied into a bundle. Tables (partitions) are small and bundled. */
function servicesApart(services: ReadonlySet<string>): Plugin {
  return {
    name: "services-apart",
    resolveId(source) {
      const name = /\/gen\/((?:aws|azure|gcp)\/[^/]+)\.js$/.exec(source)?.[1];
      return name !== undefined && services.has(name)
        ? { id: `./gen/${name}.js`, external: true }
        : undefined;
    },
  };
}

function removeFiles(folder: string, ending: string): void {
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder)) if (file.endsWith(ending)) rmSync(`${folder}/${file}`);
}
