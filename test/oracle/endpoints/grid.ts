/** What both engines are asked about one service. */
import type { ParameterDefinition, Parameters, ParameterValue } from "../../../src/aws/endpoint/rule-set.js";
import { contextMembers } from "../../../src/aws/endpoint-parameters.js";
import type { Member, Model, OperationModel, Shape } from "../../../src/model/model.js";
import type { Random } from "../random.js";
import { PARTITIONS } from "./partitions.js";
import { ENDPOINTS, makeValue, ODD_REGIONS } from "./vocabulary.js";

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

export function casesOf(model: Model, definitions: Definitions, random: Random): EndpointCase[] {
  const own = Object.keys(definitions).filter((name) => !COMMON.has(name));
  const mixed = MIXED + own.length * MIXED_PER_PARAMETER;
  return [
    ...sweep(definitions),
    ...Array.from({ length: mixed }, () => ({ parameters: mix(model.service.id, definitions, random) })),
    ...operationCases(model, definitions, random),
  ];
}

/** Every region of every partition, and every endpoint of one's own, with each pair of switches. */
function sweep(definitions: Definitions): ParameterCase[] {
  const cases: Parameters[] = [{}];
  for (const UseFIPS of SWITCHES)
    for (const UseDualStack of SWITCHES) {
      cases.push({ UseFIPS, UseDualStack });
      for (const Region of regions()) cases.push({ Region, UseFIPS, UseDualStack });
      for (const Endpoint of ENDPOINTS) {
        cases.push({ Endpoint, UseFIPS, UseDualStack });
        for (const Region of ["us-east-1", "cn-north-1"])
          cases.push({ Region, Endpoint, UseFIPS, UseDualStack });
      }
    }
  return cases.map((parameters) => ({ parameters: declared(parameters, definitions) }));
}

let known: readonly string[] | undefined;

/** With `aws-global` and its like. */
function regions(): readonly string[] {
  known ??= [...PARTITIONS.ids.flatMap((id) => [...PARTITIONS.regions(id), `${id}-global`]), ...ODD_REGIONS];
  return known;
}

/** Neither engine is asked with what a rule set does not know. */
function declared(parameters: Parameters, definitions: Definitions): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => name in definitions));
}

function mix(service: string, definitions: Definitions, random: Random): Parameters {
  const values: Record<string, ParameterValue> = {};
  for (const [name, definition] of Object.entries(definitions)) {
    const value = makeValue(service, name, definition, random, regions());
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function* operationCases(model: Model, definitions: Definitions, random: Random): Generator<OperationCase> {
  for (const operation of model.operationNames.map((name) => model.operation(name) as OperationModel)) {
    const { staticContext, operationContext } = operation.traits.aws ?? {};
    const isSpecial = staticContext ?? operationContext ?? contextMembers(operation).size > 0;
    const count = isSpecial ? PER_OPERATION : 1;
    for (let index = 0; index < count; index++) yield operationCase(operation, definitions, model, random);
  }
}

function operationCase(
  operation: OperationModel,
  definitions: Definitions,
  model: Model,
  random: Random,
): OperationCase {
  const values = mix(model.service.id, definitions, random);
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
      input[name] ??= structured(model.service.id, name, shape, random, 0);
  }
  const clientContext: Record<string, ParameterValue> = {};
  for (const name of Object.keys(model.service.aws?.clientContext ?? {}))
    if (random.chance(0.3) && name in definitions) {
      const value = makeValue(
        model.service.id,
        name,
        definitions[name] as ParameterDefinition,
        random,
        regions(),
      );
      if (value !== undefined) clientContext[name] = value;
    }
  return { operation: operation.name, input, builtIns, clientContext };
}

const DEPTH_MAX = 5;

/** What expressions over an input may find in it: texts are names or ARNs. */
function structured(service: string, name: string, shape: Shape, random: Random, depth: number): unknown {
  if (depth > DEPTH_MAX) return undefined;
  const inner = (member: Member): unknown =>
    structured(service, member.name, member.shape, random, depth + 1);
  switch (shape.type) {
    case "string":
      return makeValue(service, name, { type: "string" }, random, regions());
    case "list":
      return Array.from({ length: random.below(3) }, () => inner(shape.element as Member)).filter(isPresent);
    case "map": {
      const keys = Array.from({ length: random.below(3) }, () => inner(shape.key as Member)).filter(
        isPresent,
      );
      return Object.fromEntries(keys.map((key) => [String(key), {}]));
    }
    case "structure":
      return Object.fromEntries(
        shape.members.filter(() => random.chance(0.7)).map((member) => [member.name, inner(member)]),
      );
    default:
      return undefined;
  }
}

function isPresent(value: unknown): boolean {
  return value !== undefined;
}
