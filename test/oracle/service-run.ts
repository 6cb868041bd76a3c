/** All cases of one service, both sides at once. */
import { type Client, coreOf } from "../../src/client/service.js";
import type { OperationModel } from "../../src/model/model.js";
import { makeAnswer } from "./answers.js";
import type { Botocore } from "./botocore.js";
import { differencesOf } from "./compare.js";
import { knownDifference } from "./known-differences.js";
import type { Random } from "./random.js";
import { type Flavour, Maker, tag } from "./values.js";
import { type Answer, Wire } from "./wire.js";

export interface Difference {
  /** `s3.PutObject full` */
  readonly case: string;
  readonly protocol: string;
  readonly difference: string;
  /** Why it stands, where it is known and meant. */
  readonly reason?: string;
}

export interface CaseResult {
  readonly protocol: string;
  /** None: both sides agree. */
  readonly differences: readonly Difference[];
}

const FLAVOURS: readonly Flavour[] = ["minimal", "full", "odd"];
/** botocore may be this many cases behind. */
const PENDING_MAX = 64;
const SAMPLE_OPERATIONS = 12;

export interface RunOptions {
  readonly random: Random;
  /** A few operations of each service see more of what services differ in than all of a few. */
  readonly sample: boolean;
  /** No further case begins then. */
  readonly isOver: () => boolean;
}

export async function* runService(
  botocore: Botocore,
  service: string,
  { random, sample, isOver }: RunOptions,
): AsyncGenerator<CaseResult, void, undefined> {
  const wire = new Wire();
  const client = wire.client(service);
  const { model } = coreOf(client);
  const names = sample
    ? random.shuffled(model.operationNames).slice(0, SAMPLE_OPERATIONS)
    : model.operationNames;
  const pending: Promise<CaseResult>[] = [];
  for (const name of names) {
    const operation = model.operation(name) as OperationModel;
    if (hasEventInput(operation)) continue;
    for (const flavour of FLAVOURS) {
      if (isOver()) break;
      pending.push((await startCase(botocore, wire, client, operation, flavour, random)).result);
      if (pending.length >= PENDING_MAX) yield pending.shift() as Promise<CaseResult>;
    }
  }
  yield* pending;
}

/** Ours is done when this settles, botocore's when the result does: it works while the next case is made. */
async function startCase(
  botocore: Botocore,
  wire: Wire,
  client: Client,
  operation: OperationModel,
  flavour: Flavour,
  random: Random,
): Promise<{ result: Promise<CaseResult> }> {
  const { service, name } = operation;
  const result = (found: readonly string[]): CaseResult => ({
    protocol: service.protocol,
    differences: found.map((difference) => {
      const reason = knownDifference(service.id, name, difference);
      return {
        case: `${service.id}.${name} ${flavour}`,
        protocol: service.protocol,
        difference,
        ...(reason !== undefined && { reason }),
      };
    }),
  });
  const input = operation.input ? new Maker(random, flavour, "input").structure(operation.input) : {};
  let answer: Answer;
  try {
    answer = await makeAnswer(client, operation, flavour, random);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    return { result: Promise.resolve(result([`answer: cannot be encoded: ${why}`])) };
  }
  const { status, headers, body } = answer;
  const response = { status, headers, body: Buffer.from(body).toString("base64") };
  const theirs = botocore.call({ service: service.id, operation: name, input: tag(input), response });
  const ours = await wire.call(client, operation, input, answer);
  return { result: theirs.then((outcome) => result(differencesOf(outcome, ours, name))) };
}

/** botocore has no client for event streams to the service. */
function hasEventInput({ input }: OperationModel): boolean {
  return input?.members.some((member) => member.shape.traits.eventStream) === true;
}
