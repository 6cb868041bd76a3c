/** The code of the documentation, type-checked against the built package as a reader would have it. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";

/** Names that any block may use without making them: sessions, clients, the emulator. */
const CONTEXT = "tools/docs-context.d.ts";

export interface Block {
  readonly page: string;
  /** Of its first line of code in the page, from 1. */
  readonly line: number;
  /** Of several in one line, from 1. */
  readonly part?: number;
  readonly code: string;
}

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; code: string[] } | undefined;
  for (const [index, text] of readFileSync(page, "utf8").split("\n").entries()) {
    if (open === undefined) {
      if (text === "```ts") open = { line: index + 2, code: [] };
    } else if (text === "```") {
      blocks.push({ page, line: open.line, code: open.code.join("\n") });
      open = undefined;
    } else open.code.push(text);
    if (open === undefined && IDIOMS.test(page)) blocks.push(...callsOf(page, index + 1, text));
  }
  if (open !== undefined) throw new Error(`${page}:${open.line - 1}: the block does not end`);
  return blocks;
}

/** Pages whose tables have an idiom of another SDK on the left and ours on the right. */
const IDIOMS = /from-(boto3|aws-sdk-v3)\.md$/;

/** Calls in the last cell of a table's row: code that can stand alone. Options and types cannot. */
function callsOf(page: string, line: number, row: string): Block[] {
  if (!row.startsWith("| ")) return [];
  const cell = row.split(/(?<!\\)\|/).at(-2) ?? "";
  return [...cell.matchAll(/`((?:for await )?[^`]*\([^`]*)`/g)].flatMap(([, code = ""], index) =>
    /^[.{]|\.\.\.$/.test(code)
      ? []
      : [{ page, line, part: index + 1, code: code.startsWith("for ") ? `${code};` : `void (${code});` }],
  );
}

/** What tsc says of the pages' blocks, each as `page:line: message`. */
export function checkBlocks(pages: readonly string[]): string[] {
  if (!existsSync("dist/index.d.ts")) throw new Error("Cannot check the documentation: npm run build first");
  const folder = resolve(".cache", `docs-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    cpSync(CONTEXT, `${folder}/context.d.ts`);
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(CONFIG));
    for (const page of pages) {
      const imports = new Map<string, string>();
      for (const block of blocksOf(page))
        writeFileSync(`${folder}/${fileOf(block)}`, sourceOf(block, imports));
    }
    const tsc = resolve("node_modules/typescript/lib/tsc.js");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    // What goes on under an error is indented.
    const lines = stdout.split("\n").filter((line) => /^\S/.test(line));
    if (status !== 0 && lines.length === 0) throw new Error(`tsc ended with status ${status}`);
    return [...new Set(lines.map((line) => named(line, pages)))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const CONFIG = {
  extends: "../../tsconfig.check.json",
  compilerOptions: { rootDir: "../.." },
  include: ["."],
  exclude: [],
};

function fileOf({ page, line, part = 0 }: Block): string {
  return `${basename(page, ".md")}.${line}.${part}.ts`;
}

/** A table's cells name classes that the page need not import. */
const IMPORTS = [
  'import { isCloudError, stub } from "trivet";',
  'import { rdsAuthToken, Session, signCloudFrontUrl } from "trivet/aws";',
  'import { Attr, DynamoDB, marshall } from "trivet/aws/dynamodb";',
  'import { EC2 } from "trivet/aws/ec2";',
  'import { S3 } from "trivet/aws/s3";',
  'import { Emulator } from "trivet/emulator";',
].join(" ");

/**
 * The block at its own line numbers. What the page imported before it is imported for it too: `imports` holds that by name,
 * the latest first choice.
 */
function sourceOf({ line, part, code }: Block, imports: Map<string, string>): string {
  const before = new Map(imports);
  for (const [statement, list = "", from = ""] of code.matchAll(
    /^import (?:type )?\{([^}]*)\} from "([^"]+)";/gm,
  )) {
    for (const specifier of list.split(",")) {
      const name = specifier.trim().split(/\s+/).at(-1) as string;
      const kind = statement.startsWith("import type") ? "import type" : "import";
      imports.set(name, `${kind} { ${specifier.trim()} } from "${from}";`);
      before.delete(name);
    }
  }
  for (const [, name = ""] of code.matchAll(/^(?:const|let|class|function|async function|interface) (\w+)/gm))
    before.delete(name);
  const inherited = part === undefined ? [...before.values()].join(" ") : IMPORTS;
  return `${inherited}${"\n".repeat(line - 1)}${code}\nexport {};\n`;
}

/** `.../errors.12.ts(14,3): error TS...` as `docs/errors.md:14: TS...`. */
function named(line: string, pages: readonly string[]): string {
  const [, name, at, what] = /([^/\\]+)\.\d+\.\d+\.ts\((\d+),\d+\): error (.*)$/.exec(line) ?? [];
  const page = pages.find((each) => basename(each, ".md") === name);
  return page === undefined ? line : `${page}:${at}: ${what}`;
}
