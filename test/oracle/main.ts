/**
 * `npm run oracle:aws`: botocore and trivet side by side on generated calls. For each operation three inputs (minimal, full,
 * odd), each with a generated output or error that both decode: requests and outcomes must agree.
 *
 *     --services s3,ec2   these alone           --seed N        repeat a run
 *     --sample            in random order       --seconds N     stop after so long
 *     --json              {agreed, total, byProtocol, differences}
 */
import { readdirSync } from "node:fs";
import { type Client, coreOf, errorCode } from "../../src/client/service.js";
import { type openBody, readBody } from "../../src/http/request-body.js";
import type { OperationModel, Shape } from "../../src/model/model.js";
import { venv } from "../../tools/venv.js";
import { Botocore } from "./botocore.js";
import { outcomeDifference, requestDifference } from "./compare.js";
import { knownDifference } from "./known-differences.js";
import { Random } from "./random.js";
import { type Flavour, Maker, tag } from "./values.js";
import { type Answer, Wire, withoutMessage } from "./wire.js";

const BOTOCORE = "1.43.67";
const FLAVOURS: readonly Flavour[] = ["minimal", "full", "odd"];

interface Difference {
  readonly case: string;
  readonly protocol: string;
  readonly difference: string;
  /** Why it stands, where it is known and meant. */
  readonly reason?: string;
}

const argument = (name: string) => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? undefined : process.argv[at + 1];
};
const json = process.argv.includes("--json");
const seed = Number(argument("seed") ?? Date.now() % 1_000_000);
const until = Date.now() + Number(argument("seconds") ?? 36_000) * 1000;
const random = new Random(seed);

const byProtocol: Record<string, { agreed: number; total: number }> = {};
const differences: Difference[] = [];

const python = venv("oracle", [`botocore==${BOTOCORE}`]);
if (python === undefined) {
  console.log("oracle: did not run, Python 3 is absent");
} else {
  const botocore = new Botocore(python);
  try {
    for (const service of serviceOrder()) {
      if (Date.now() > until) break;
      await compareService(botocore, service);
    }
  } finally {
    botocore.stop();
  }
  report();
}

function serviceOrder(): string[] {
  const chosen = argument("services")?.split(",");
  const all =
    chosen ??
    readdirSync("models/aws")
      .filter((file) => file.endsWith(".json"))
      .map((file) => file.slice(0, -5))
      .filter((id) => !["partitions", "defaults", "regions"].includes(id));
  if (!process.argv.includes("--sample")) return all;
  return all
    .map((id) => ({ id, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ id }) => id);
}

async function compareService(botocore: Botocore, service: string): Promise<void> {
  const wire = new Wire();
  const client = wire.client(service);
  const { model } = coreOf(client);
  const names = process.argv.includes("--sample") ? sampled(model.operationNames, 12) : model.operationNames;
  for (const name of names) {
    const operation = model.operation(name) as OperationModel;
    if (hasEventInput(operation)) continue;
    for (const flavour of FLAVOURS) {
      if (Date.now() > until) return;
      await compareCase(botocore, wire, client, operation, flavour);
    }
  }
}

/** A few operations of each service see more of what services differ in than all of a few. */
function sampled(names: readonly string[], count: number): string[] {
  return [...names]
    .map((name) => ({ name, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, count)
    .map(({ name }) => name);
}

async function compareCase(
  botocore: Botocore,
  wire: Wire,
  client: Client,
  operation: OperationModel,
  flavour: Flavour,
): Promise<void> {
  const { service, name } = operation;
  byProtocol[service.protocol] ??= { agreed: 0, total: 0 };
  const counts = byProtocol[service.protocol] as { agreed: number; total: number };
  counts.total++;
  const difference = await differenceOf(botocore, wire, client, operation, flavour);
  if (difference === undefined) {
    counts.agreed++;
    return;
  }
  const reason = knownDifference(service.id, name, difference);
  differences.push({
    case: `${service.id}.${name} ${flavour}`,
    protocol: service.protocol,
    difference,
    ...(reason && { reason }),
  });
}

async function differenceOf(
  botocore: Botocore,
  wire: Wire,
  client: Client,
  operation: OperationModel,
  flavour: Flavour,
): Promise<string | undefined> {
  const { service, name } = operation;
  const input = operation.input ? new Maker(random, flavour, "input").structure(operation.input) : {};
  let answer: Answer;
  try {
    answer = await makeAnswer(client, operation, flavour);
  } catch (error) {
    return `answer: cannot be encoded: ${error instanceof Error ? error.message : error}`;
  }
  const [theirs, ours] = await Promise.all([
    botocore.call({ service: service.id, operation: name, input: tag(input), response: encoded(answer) }),
    wire.call(client, operation, input, answer),
  ]);
  return requestDifference(theirs.request, ours.request) ?? outcomeDifference(theirs, ours);
}

/** An output, or for half of the odd ones a modelled error, as the service would send it. */
async function makeAnswer(client: Client, operation: OperationModel, flavour: Flavour): Promise<Answer> {
  const { protocol, model } = coreOf(client);
  const errors = operation.errors;
  if (flavour === "odd" && errors.length > 0 && random.chance(0.5)) {
    const shape = random.pick(errors);
    const body = withoutMessage(new Maker(random, "full", "output").structure(shape));
    const status = shape.traits.error?.status ?? 400;
    const message = "Something went wrong";
    return read(
      protocol.encodeError(model, operation, {
        code: errorCode(shape),
        message,
        status,
        requestId: "request-1",
        body,
      }),
    );
  }
  const output =
    operation.output && !hasEvents(operation.output)
      ? new Maker(random, flavour, "output").structure(operation.output)
      : {};
  return read(protocol.encodeResponse(operation, output, "request-1"));
}

async function read(response: {
  status: number;
  headers: Record<string, string>;
  body?: Parameters<typeof openBody>[0];
}): Promise<Answer> {
  return { status: response.status, headers: response.headers, body: await readBody(response.body) };
}

function encoded({ status, headers, body }: Answer) {
  return { status, headers, body: Buffer.from(body).toString("base64") };
}

function hasEvents(shape: Shape): boolean {
  return shape.members.some((member) => member.shape.traits.eventStream);
}

/** botocore has no client for event streams to the service. */
function hasEventInput(operation: OperationModel): boolean {
  return operation.input !== undefined && hasEvents(operation.input);
}

function report(): void {
  const total = Object.values(byProtocol).reduce((sum, each) => sum + each.total, 0);
  const agreed = Object.values(byProtocol).reduce((sum, each) => sum + each.agreed, 0);
  const unexplained = differences.filter((each) => each.reason === undefined);
  if (json) console.log(JSON.stringify({ agreed, total, byProtocol, differences }));
  else {
    console.log(`oracle: botocore ${BOTOCORE}, seed ${seed}`);
    for (const [protocol, counts] of Object.entries(byProtocol))
      console.log(`${protocol.padEnd(16)} ${counts.agreed} / ${counts.total}`);
    console.log(
      `${"all".padEnd(16)} ${agreed} / ${total}; differences: ${differences.length - unexplained.length} explained, ${unexplained.length} not`,
    );
    for (const each of differences)
      console.log(
        `  ${each.case} [${each.protocol}] ${each.difference}${each.reason ? ` (${each.reason})` : ""}`,
      );
  }
  process.exitCode = unexplained.length > 0 || total === 0 ? 1 : 0;
}
