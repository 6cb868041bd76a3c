/**
 * Broken requests against the emulator's server. Whatever comes, it answers in the protocol's own form, with a 4xx or 501 where
 * it refuses, and goes on serving. A failure prints the seed and the case; `TRIVET_FUZZ_SEED` and `TRIVET_FUZZ_CASES` repeat it.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Emulator } from "../../src/emulator/emulator.js";
import { Random } from "../oracle/random.js";
import { MUTATIONS, type Mutation } from "./mutations.js";
import { exchange, type RawAnswer, type RawResponse } from "./raw-http.js";
import { type ErrorForm, type Sample, samples } from "./requests.js";

const SEED = Number(process.env.TRIVET_FUZZ_SEED ?? 20_260_704);
const CASES_PER_MUTATION = Number(process.env.TRIVET_FUZZ_CASES ?? 60);

interface Target {
  readonly cloud: Emulator;
  readonly port: number;
  readonly good: readonly Sample[];
}

/** With signatures checked, and without: then what is broken gets as far as the handlers. */
const targets = new Map<boolean, Target>();
const failures: unknown[] = [];
const fail = (error: unknown) => failures.push(error);

before(async () => {
  for (const verify of [true, false]) {
    const cloud = await Emulator.start({ verify });
    const good = await samples(cloud);
    const { port } = await cloud.listen();
    targets.set(verify, { cloud, port, good });
  }
  process.on("unhandledRejection", fail);
  process.on("uncaughtException", fail);
});

after(async () => {
  process.off("unhandledRejection", fail);
  process.off("uncaughtException", fail);
  for (const { cloud } of targets.values()) await cloud.close();
});

for (const [name, mutation] of Object.entries(MUTATIONS)) {
  for (const verify of [true, false]) {
    test(`the server answers: ${name}${verify ? "" : ", nothing verified"}`, () =>
      run(name, mutation, targets.get(verify) as Target));
  }
}

async function run(name: string, mutation: Mutation, { port, good }: Target): Promise<void> {
  const random = new Random(SEED + name.length * 7919);
  for (let index = 0; index < CASES_PER_MUTATION; index++) {
    const sample = random.pick(good);
    const wire = mutation.make(sample.request, random);
    const methods = wire.methods ?? [sample.request.method];
    const what = `seed ${SEED}, case ${index}: ${sample.name}\n${show(wire.pieces)}`;
    const end = wire.end ?? true;
    const answer = await exchange(wire.pieces, { port, methods, end }).catch((cause: unknown) => {
      throw new Error(`${String(cause)}: ${what}`, { cause });
    });
    check(answer, methods, mutation.reroutes ? undefined : sample.form, what);
    assert.deepEqual(failures, [], what);
  }
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).headers.get("content-type"), "application/xml");
}

function show(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString("latin1").slice(0, 2000);
}

function check(
  { responses, rest }: RawAnswer,
  methods: readonly string[],
  form: ErrorForm | undefined,
  what: string,
): void {
  assert.ok(responses.length > 0, `No answer: ${what}`);
  // What was a body may be read as the next request.
  if (form !== undefined)
    assert.ok(responses.length <= methods.length, `More answers than requests: ${what}`);
  // Of what cannot be parsed the server does not know that it was a HEAD.
  if (methods.at(-1) !== "HEAD" || responses.at(-1)?.headers.get("connection") !== "close")
    assert.equal(rest, "", what);
  for (const [index, response] of responses.entries()) {
    const { status, body } = response;
    assert.ok(status < 500 || status === 501, `${status}: ${body.slice(0, 800)}\n${what}`);
    if (status < 400 || methods[index] === "HEAD") continue;
    const forms = form === undefined ? ANY : [form];
    assert.ok(
      forms.some((each) => isOfForm(each, response)),
      `Not of form ${form}: ${status} ${JSON.stringify([...response.headers])} ${body.slice(0, 800)}\n${what}`,
    );
  }
}

const ANY: readonly ErrorForm[] = [
  "aws-json",
  "s3",
  "query",
  "ec2",
  "azure-xml",
  "azure-json",
  "google-json",
  "oauth",
  "plain",
];

function isOfForm(form: ErrorForm, { status, headers, body }: RawResponse): boolean {
  const type = headers.get("content-type") ?? "";
  switch (form) {
    case "s3":
      return /xml/.test(type) && /^<\?xml[^>]*>\s*<Error>.*<Code>\w+<\/Code>.*<\/Error>$/s.test(body);
    case "query":
      return /<ErrorResponse[ >].*<Code>[\w.]+<\/Code>.*<\/ErrorResponse>\s*$/s.test(body);
    case "ec2":
      return /<Response><Errors><Error><Code>[\w.]+<\/Code>.*<\/Response>\s*$/s.test(body);
    case "azure-xml":
      return headers.has("x-ms-error-code") && /<Error>.*<Code>\w+<\/Code>/s.test(body);
    case "azure-json":
      return (
        typeof jsonOf(body)?.error?.code === "string" && typeof jsonOf(body)?.error?.message === "string"
      );
    case "google-json":
      // Signed URLs and bare paths speak XML.
      return jsonOf(body)?.error?.code === status || /<Error><Code>\w+<\/Code>/.test(body);
    case "aws-json":
      return headers.has("x-amzn-errortype") && typeof jsonOf(body) === "object";
    case "plain":
      // Metadata servers.
      return /text/.test(type) && body !== "";
    case "oauth":
      return typeof jsonOf(body)?.error === "string";
  }
}

// biome-ignore lint/suspicious/noExplicitAny: whatever came
function jsonOf(body: string): any {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
