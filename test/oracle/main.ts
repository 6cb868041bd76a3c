/**
 * `npm run oracle:aws`: botocore and trivet side by side on generated calls, docs/oracle.md.
 *
 *     --services s3,ec2   these alone           --seed N        repeat a run
 *     --sample            in random order       --seconds N     stop after so long
 *     --json              {agreed, total, byProtocol, differences}
 *     --endpoints         the engines of endpoint rules alone, every service's rules over a grid of parameters
 */
import { readdirSync } from "node:fs";
import { venv } from "../../tools/venv.js";
import { Botocore } from "./botocore.js";
import { runEndpoints } from "./endpoints/run.js";
import { KNOWN_DIFFERENCES } from "./known-differences.js";
import { Random } from "./random.js";
import { type Difference, runService } from "./service-run.js";

const BOTOCORE = "1.43.67";
/** Interpreters that are fed at once. */
const WORKERS = 2;

const argument = (name: string) => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? undefined : process.argv[at + 1];
};
const json = process.argv.includes("--json");
const sample = process.argv.includes("--sample");
/** Everything, to its end. */
const isWhole = !sample && argument("services") === undefined && argument("seconds") === undefined;
const seed = Number(argument("seed") ?? Date.now() % 1_000_000);

const byProtocol: Record<string, { agreed: number; total: number }> = {};
const differences: Difference[] = [];

const python = interpreter();
if (python === undefined) {
  console.error("oracle: did not run, Python 3 is absent");
  process.exitCode = 1;
} else {
  // Seed first: a run that is cut short can be repeated all the same.
  console.error(`oracle: botocore ${BOTOCORE}, seed ${seed}`);
  if (process.argv.includes("--endpoints")) await endpoints(python);
  else {
    await run(python, Date.now() + Number(argument("seconds") ?? 36_000) * 1000);
    report();
  }
}

/** With botocore's native extension, which signs SigV4a; where that cannot be installed, without. */
function interpreter(): string | undefined {
  try {
    return venv("oracle", [`botocore[crt]==${BOTOCORE}`]);
  } catch (error) {
    console.error(`oracle: ${error instanceof Error ? error.message : error}; going on without awscrt`);
    return venv("oracle-plain", [`botocore==${BOTOCORE}`]);
  }
}

async function run(python: string, until: number): Promise<void> {
  const services = serviceOrder();
  const isOver = () => Date.now() > until;
  const work = async () => {
    const botocore = new Botocore(python);
    try {
      for (let service = services.shift(); service !== undefined && !isOver(); service = services.shift()) {
        // Each service has numbers of its own: its cases are the same whatever else runs.
        const options = { random: new Random(seedOf(service)), sample, isOver };
        for await (const { protocol, differences: found } of runService(botocore, service, options)) {
          byProtocol[protocol] ??= { agreed: 0, total: 0 };
          byProtocol[protocol].total++;
          if (found.length === 0) byProtocol[protocol].agreed++;
          else differences.push(...found);
        }
      }
    } finally {
      botocore.stop();
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
}

async function endpoints(python: string): Promise<void> {
  const found = await runEndpoints(python, serviceOrder(), seedOf);
  const { services, agreed, total, rulesMet, rules, crashed, differences: differing } = found;
  if (json) console.log(JSON.stringify(found));
  else {
    console.log(
      `endpoints of ${services} services: ${agreed} / ${total}, ${rulesMet} of ${rules} rules gave an answer; ${crashed} more cases at which botocore fell over`,
    );
    for (const each of differing) console.log(`  ${each}`);
  }
  process.exitCode = total === 0 || differing.length > 0 ? 1 : 0;
}

function seedOf(service: string): number {
  return [...service].reduce((sum, each) => Math.imul(sum, 31) + each.charCodeAt(0), seed);
}

function serviceOrder(): string[] {
  const all = readdirSync("models/aws")
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -5))
    .filter((id) => !["partitions", "defaults", "regions"].includes(id));
  const asked = argument("services")?.split(",");
  const unknown = asked?.filter((id) => !all.includes(id)) ?? [];
  if (unknown.length > 0) throw new Error(`Cannot ask: AWS has no service ${unknown.join(", ")}`);
  const chosen = asked ?? all;
  return sample ? new Random(seed).shuffled(chosen) : chosen;
}

function report(): void {
  const total = Object.values(byProtocol).reduce((sum, each) => sum + each.total, 0);
  const agreed = Object.values(byProtocol).reduce((sum, each) => sum + each.agreed, 0);
  differences.sort((a, b) => (a.case < b.case ? -1 : a.case > b.case ? 1 : 0));
  const unexplained = differences.filter((each) => each.known === undefined);
  const stale = isWhole ? staleEntries() : [];
  if (json)
    console.log(JSON.stringify({ agreed, total, byProtocol, differences: differences.map(shown), stale }));
  else {
    console.log(`oracle: botocore ${BOTOCORE}, seed ${seed}`);
    for (const [protocol, counts] of Object.entries(byProtocol))
      console.log(`${protocol.padEnd(16)} ${counts.agreed} / ${counts.total}`);
    const explained = differences.length - unexplained.length;
    console.log(
      `${"all".padEnd(16)} ${agreed} / ${total}; differences: ${explained} explained, ${unexplained.length} not`,
    );
    for (const { case: name, protocol, difference, known } of differences)
      console.log(`  ${name} [${protocol}] ${difference}${known === undefined ? "" : ` (${known.reason})`}`);
    for (const reason of stale) console.log(`  stale, no case met it: ${reason}`);
  }
  process.exitCode = total === 0 || unexplained.length > 0 || stale.length > 0 ? 1 : 0;
}

function shown({ known, ...difference }: Difference): Omit<Difference, "known"> & { reason?: string } {
  return { ...difference, ...(known !== undefined && { reason: known.reason }) };
}

/** Explanations of what no longer differs. Only a run of everything can tell. */
function staleEntries(): string[] {
  const met = new Set(differences.map(({ known }) => known));
  return KNOWN_DIFFERENCES.filter((each) => !met.has(each) && each.rare !== true).map(
    ({ where, difference, reason }) => `${where} ${difference}: ${reason}`,
  );
}
