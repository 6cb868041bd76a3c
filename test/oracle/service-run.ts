/** All cases of one service, both sides at once. */
import { type Client, coreOf } from "../../src/client/service.js";
import type { OperationModel, Shape } from "../../src/model/model.js";
import { isPresignable } from "../../src/model/names.js";
import { errorAnswer, faultAnswer, outputAnswer } from "./answers.js";
import type { Botocore, OracleCase } from "./botocore.js";
import { differencesOf, type Outcome } from "./compare.js";
import { type KnownDifference, knownDifference } from "./known-differences.js";
import { postInput } from "./post.js";
import type { Random } from "./random.js";
import { type Flavour, Maker, tagInput, type Vocabulary } from "./values.js";
import { type Answer, Wire } from "./wire.js";

export interface Difference {
  /** `s3.PutObject full` */
  readonly case: string;
  readonly protocol: string;
  readonly difference: string;
  /** Why it stands, where it is known and meant. */
  readonly known?: KnownDifference;
}

export interface CaseResult {
  readonly protocol: string;
  /** None: both sides agree. */
  readonly differences: readonly Difference[];
}

/** `error` is answered with a modelled error, `fault` with what no model has, `url` is presigned. */
type Kind = Flavour | "error" | "fault" | "url";

/** botocore may be this many cases behind. */
const PENDING_MAX = 64;
const SAMPLE_OPERATIONS = 12;
/** Share of operations that get a case: each asks the same few lines of both clients. */
const FAULT_SHARE = 0.5;
const URL_SHARE = 0.25;
const POSTS = 100;
/** botocore asks for another endpoint and tries again, without end when the answer stays. */
const ENDLESS = "InvalidEndpointException";

export interface RunOptions {
  readonly random: Random;
  /** A few operations of each service see more of what services differ in than all of a few. */
  readonly sample: boolean;
  /** No further case begins then. */
  readonly isOver: () => boolean;
}

/** What the cases of one service share. */
interface Bench {
  readonly botocore: Botocore;
  readonly wire: Wire;
  readonly client: Client;
  readonly words: Vocabulary;
  readonly random: Random;
  /** Names of errors that had their turn. */
  readonly errorsSeen: Set<string>;
}

/** Ours is done when its promise settles, botocore's when the result does: it works while the next case is made. */
type Started = Promise<{ readonly result: Promise<CaseResult> }>;

export async function* runService(
  botocore: Botocore,
  service: string,
  options: RunOptions,
): AsyncGenerator<CaseResult, void, undefined> {
  const wire = new Wire();
  const { client, words } = wire.client(service);
  const bench: Bench = { botocore, wire, client, words, random: options.random, errorsSeen: new Set() };
  const pending: Promise<CaseResult>[] = [];
  for (const start of startsOf(bench, options)) {
    if (options.isOver()) break;
    pending.push((await start()).result);
    if (pending.length >= PENDING_MAX) yield pending.shift() as Promise<CaseResult>;
  }
  yield* pending;
}

function* startsOf(bench: Bench, { sample, random }: RunOptions): Generator<() => Started> {
  const { model } = coreOf(bench.client);
  const names = sample
    ? random.shuffled(model.operationNames).slice(0, SAMPLE_OPERATIONS)
    : model.operationNames;
  for (const name of names) {
    const operation = model.operation(name) as OperationModel;
    if (hasEventInput(operation)) continue;
    for (const kind of kindsOf(operation, random)) yield () => startCase(bench, operation, kind);
  }
  if (model.service.id === "s3") for (let index = 0; index < POSTS; index++) yield () => startPost(bench);
}

function kindsOf(operation: OperationModel, random: Random): readonly Kind[] {
  const kinds: Kind[] = ["minimal", "full", "odd"];
  if (errorsOf(operation).length > 0) kinds.push("error");
  if (random.chance(FAULT_SHARE)) kinds.push("fault");
  // Each of S3's: they are what URLs are signed for.
  const { service, traits } = operation;
  if (isPresignable(service, traits) && (service.id === "s3" || random.chance(URL_SHARE))) kinds.push("url");
  return kinds;
}

async function startCase(bench: Bench, operation: OperationModel, kind: Kind): Started {
  const { wire, client, random, words } = bench;
  const { service, name } = operation;
  const result = resultOf(operation, kind);
  const flavour = kind === "error" || kind === "fault" ? "minimal" : kind === "url" ? "odd" : kind;
  const input = operation.input ? new Maker(random, words, flavour, "input").structure(operation.input) : {};
  if (kind === "url") giveTokens(operation, input);
  const common = { service: service.id, operation: name, input: tagInput(input) };
  if (kind === "url") {
    return compared(
      bench,
      { kind: "presign", ...common },
      () => wire.presign(client, operation, input),
      result,
    );
  }
  let answer: Answer;
  try {
    answer = await answerOf(bench, operation, kind);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    return { result: Promise.resolve(result([`answer: cannot be encoded: ${why}`])) };
  }
  const { status, headers, body } = answer;
  const response = { status, headers, body: Buffer.from(body).toString("base64") };
  return compared(
    bench,
    { kind: "call", ...common, response },
    () => wire.call(client, operation, input, answer),
    result,
  );
}

function startPost({ wire, client, botocore, random }: Bench): Started {
  const input = postInput(random);
  const operation = coreOf(client).model.operation("PutObject") as OperationModel;
  return compared(
    { botocore },
    { kind: "post", service: "s3", input },
    () => wire.post(client, input),
    resultOf(operation, "post"),
  );
}

async function compared(
  { botocore }: Pick<Bench, "botocore">,
  asked: OracleCase,
  ask: () => Promise<Outcome>,
  result: (found: readonly string[]) => CaseResult,
): Started {
  const theirs = botocore.call(asked);
  const ours = await ask();
  const operation = asked.kind === "post" ? "PutObject" : asked.operation;
  return { result: theirs.then((outcome) => result(differencesOf(outcome, ours, operation))) };
}

function resultOf({ service, name }: OperationModel, kind: string): (found: readonly string[]) => CaseResult {
  return (found) => ({
    protocol: service.protocol,
    differences: found.map((difference) => {
      const known = knownDifference(service.id, name, difference);
      return {
        case: `${service.id}.${name} ${kind}`,
        protocol: service.protocol,
        difference,
        ...(known !== undefined && { known }),
      };
    }),
  });
}

function answerOf(
  { words, random, errorsSeen }: Bench,
  operation: OperationModel,
  kind: Exclude<Kind, "url">,
): Promise<Answer> {
  if (kind === "error") {
    const errors = errorsOf(operation);
    // Each of a service's errors has its turn before any has its second.
    const shape = (errors.find(({ name }) => !errorsSeen.has(name)) ?? random.pick(errors)) as Shape;
    errorsSeen.add(shape.name);
    return errorAnswer(operation, shape, new Maker(random, words, "odd", "output"));
  }
  if (kind === "fault") return faultAnswer(operation, random);
  return outputAnswer(operation, new Maker(random, words, kind, "output"));
}

/** Made ones are random, and part of what is signed. */
function giveTokens({ input: shape }: OperationModel, input: Record<string, unknown>): void {
  for (const { name, traits } of shape?.members ?? [])
    if (traits.idempotencyToken) input[name] = "given-token";
}

function errorsOf({ errors }: OperationModel): readonly Shape[] {
  return errors.filter(({ name }) => name !== ENDLESS);
}

/** botocore has no client for event streams to the service. */
function hasEventInput({ input }: OperationModel): boolean {
  return input?.members.some((member) => member.shape.traits.eventStream) === true;
}
