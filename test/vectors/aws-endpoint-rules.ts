/** botocore's cases of the rule engine on its own, and of the rule sets of 209 services. */
import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { packRules } from "../../src/aws/endpoint/packed-rules.js";
import { defaultPartitions } from "../../src/aws/endpoint/partitions.js";
import { type Endpoint, type Parameters, RuleSet } from "../../src/aws/endpoint/rule-set.js";
import { endpointParameters } from "../../src/aws/endpoint-parameters.js";
import type { ServiceModel } from "../../src/model/ir.js";
import { Model, type OperationModel } from "../../src/model/model.js";
import { pack } from "../../src/model/pack.js";
import type { Values } from "../../src/protocol/protocol.js";
import type { SuiteResult } from "./suite.js";

interface OperationInputs {
  readonly operationName: string;
  readonly operationParams?: Values;
  readonly builtInParams?: Record<string, string | boolean>;
  readonly clientParams?: Record<string, string | boolean>;
}

interface Case {
  readonly documentation: string;
  readonly params?: Parameters;
  /** The same case from a user's side: settings of the client and parameters of an operation. */
  readonly operationInputs?: readonly OperationInputs[];
  readonly expect: {
    readonly endpoint?: { readonly url: string; readonly properties?: unknown; readonly headers?: unknown };
    readonly error?: string;
  };
}

const ENGINE = "../shared/vectors/aws/endpoint-rules-engine";
const SERVICES = "../shared/vectors/aws/endpoint-tests";

/** As services ship it. */
function packed(file: string): string {
  return packRules(JSON.parse(readFileSync(file, "utf8")));
}

export async function engine(): Promise<SuiteResult> {
  const tally = new Tally("aws/endpoint-rules-engine");
  for (const file of readdirSync(`${ENGINE}/test-cases`)) {
    const rules = new RuleSet(packed(`${ENGINE}/valid-rules/${file}`), defaultPartitions());
    for (const each of casesOf(`${ENGINE}/test-cases/${file}`)) tally.add(file, each, rules);
  }
  return tally.result();
}

export async function services(): Promise<SuiteResult> {
  const tally = new Tally("aws/endpoint-tests");
  for (const file of readdirSync(SERVICES)) {
    const model = JSON.parse(readFileSync(`models/aws/${file}`, "utf8")) as ServiceModel;
    const { rules: name, ruleValues } = model.service.aws ?? {};
    const rules = new RuleSet(packed(`models/aws/rules/${name}.json`), defaultPartitions(), ruleValues);
    const runtime = new Model(pack(model));
    for (const each of casesOf(`${SERVICES}/${file}`)) {
      tally.add(file, each, rules);
      for (const inputs of each.operationInputs ?? []) {
        const name = `${file}: ${each.documentation} (${inputs.operationName})`;
        const operation = runtime.operation(inputs.operationName);
        if (operation === undefined) tally.fail(name, "the service has no such operation");
        else tally.check(name, each.expect, rules, await parametersOf(rules, operation, inputs));
      }
    }
  }
  return tally.result();
}

function parametersOf(
  rules: RuleSet,
  operation: OperationModel,
  { operationParams = {}, builtInParams = {}, clientParams = {} }: OperationInputs,
): Promise<Parameters> {
  return endpointParameters(rules.parameters, operation, operationParams, builtInParams, clientParams);
}

function casesOf(path: string): Case[] {
  return (JSON.parse(readFileSync(path, "utf8")) as { testCases: Case[] }).testCases;
}

class Tally {
  readonly #suite: string;
  readonly #failures: string[] = [];
  #total = 0;

  constructor(suite: string) {
    this.#suite = suite;
  }

  add(file: string, { documentation, params = {}, expect }: Case, rules: RuleSet): void {
    this.#total++;
    this.check(`${file}: ${documentation}`, expect, rules, params);
  }

  check(name: string, expect: Case["expect"], rules: RuleSet, params: Parameters): void {
    const got = outcome(() => rules.resolve(params));
    if (!agrees(got, expect)) this.fail(name, JSON.stringify(got));
  }

  fail(name: string, why: string): void {
    this.#failures.push(`${name}: ${why}`);
  }

  result(): SuiteResult {
    const failed = this.#failures.length;
    return {
      suite: this.#suite,
      passed: this.#total - failed,
      total: this.#total,
      ignored: 0,
      failures: this.#failures,
    };
  }
}

function outcome(resolve: () => Endpoint): Endpoint | string {
  try {
    return resolve();
  } catch (error) {
    return (error as Error).message;
  }
}

function agrees(got: Endpoint | string, { endpoint, error }: Case["expect"]): boolean {
  if (typeof got === "string") return error === got;
  if (endpoint === undefined) return false;
  return (
    got.url === endpoint.url &&
    isDeepStrictEqual(got.properties, endpoint.properties ?? {}) &&
    isDeepStrictEqual(got.headers, endpoint.headers ?? {})
  );
}
