/** What both engines are asked about one service. */
import type { ParameterDefinition, Parameters, ParameterValue } from "../../../src/aws/endpoint/rule-set.js";
import { contextMembers } from "../../../src/aws/endpoint-parameters.js";
import type { Member, Model, OperationModel, Shape } from "../../../src/model/model.js";
import type { Random } from "../random.js";
import { ENDPOINTS, type Vocabulary } from "./vocabulary.js";

type Definitions = Readonly<Record<string, ParameterDefinition>>;

/** The rules alone. */
export interface ParameterCase {
  readonly parameters: Parameters;
}

/** From a user's side: what an operation, its input and the client's settings make the parameters. */
export interface OperationCase {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly builtIns: Readonly<Record<string, ParameterValue>>;
  readonly clientContext: Readonly<Record<string, ParameterValue>>;
}

export type EndpointCase = ParameterCase | OperationCase;

const SWITCHES = [false, true];
const MIXED = 100;
/** For each parameter that a service has of its own. */
const MIXED_PER_PARAMETER = 2_000;
const PER_OPERATION = 12;
const COMMON = new Set(["Region", "UseFIPS", "UseDualStack", "Endpoint"]);

/** What the cases of one service are made from. */
export interface Subject {
  readonly model: Model;
  readonly definitions: Definitions;
  readonly words: Vocabulary;
  readonly random: Random;
}

export function casesOf(subject: Subject): EndpointCase[] {
  const own = Object.keys(subject.definitions).filter((name) => !COMMON.has(name));
  const mixed = MIXED + own.length * MIXED_PER_PARAMETER;
  return [
    ...sweep(subject),
    ...Array.from({ length: mixed }, () => ({ parameters: mix(subject) })),
    ...operationCases(subject),
  ];
}

/** Every region of every partition, and every endpoint of one's own, with each pair of switches. */
function sweep({ words, definitions }: Subject): ParameterCase[] {
  const cases: Parameters[] = [{}];
  for (const UseFIPS of SWITCHES)
    for (const UseDualStack of SWITCHES) {
      cases.push({ UseFIPS, UseDualStack });
      for (const Region of words.regions) cases.push({ Region, UseFIPS, UseDualStack });
      for (const Endpoint of ENDPOINTS) {
        cases.push({ Endpoint, UseFIPS, UseDualStack });
        for (const Region of ["us-east-1", "cn-north-1"])
          cases.push({ Region, Endpoint, UseFIPS, UseDualStack });
      }
    }
  return cases.map((parameters) => ({ parameters: declared(parameters, definitions) }));
}

/** Neither engine is asked with what a rule set does not know. */
function declared(parameters: Parameters, definitions: Definitions): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => name in definitions));
}

function mix({ words, definitions }: Subject): Parameters {
  const values: Record<string, ParameterValue> = {};
  for (const [name, { type }] of Object.entries(definitions)) {
    const value = words.value(name, type);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function* operationCases(subject: Subject): Generator<OperationCase> {
  const { model } = subject;
  for (const operation of model.operationNames.map((name) => model.operation(name) as OperationModel)) {
    const { staticContext, operationContext } = operation.traits.aws ?? {};
    const isSpecial =
      staticContext !== undefined || operationContext !== undefined || contextMembers(operation).size > 0;
    const count = isSpecial ? PER_OPERATION : 1;
    for (let index = 0; index < count; index++) yield operationCase(operation, subject);
  }
}

function operationCase(operation: OperationModel, subject: Subject): OperationCase {
  const { definitions, model, random, words } = subject;
  const values = mix(subject);
  const builtIns: Record<string, ParameterValue> = {};
  for (const [name, { builtIn }] of Object.entries(definitions)) {
    const value = values[name];
    if (builtIn !== undefined && value !== undefined) builtIns[builtIn] = value;
  }
  const input: Record<string, unknown> = {};
  for (const [parameter, member] of contextMembers(operation)) {
    const value = values[parameter];
    if (value !== undefined) input[member] = value;
  }
  if (operation.traits.aws?.operationContext !== undefined) {
    for (const { name, shape } of operation.input?.members ?? [])
      input[name] ??= structured(name, shape, subject, 0);
  }
  const clientContext: Record<string, ParameterValue> = {};
  for (const name of Object.keys(model.service.aws?.clientContext ?? {})) {
    const value = random.chance(0.3) ? words.value(name, definitions[name]?.type ?? "string") : undefined;
    if (value !== undefined) clientContext[name] = value;
  }
  return { operation: operation.name, input, builtIns, clientContext };
}

const DEPTH_MAX = 5;

/** What expressions over an input may find in it: texts are names or ARNs. */
function structured(name: string, shape: Shape, subject: Subject, depth: number): unknown {
  if (depth > DEPTH_MAX) return undefined;
  const { random, words } = subject;
  const inner = (member: Member): unknown => structured(member.name, member.shape, subject, depth + 1);
  const some = (member: Member): unknown[] =>
    Array.from({ length: random.below(3) }, () => inner(member)).filter((each) => each !== undefined);
  switch (shape.type) {
    case "string":
      return words.value(name, "string");
    case "list":
      return some(shape.element as Member);
    case "map":
      return Object.fromEntries(some(shape.key as Member).map((key) => [String(key), {}]));
    case "structure":
      return Object.fromEntries(
        shape.members.filter(() => random.chance(0.7)).map((member) => [member.name, inner(member)]),
      );
    default:
      return undefined;
  }
}
