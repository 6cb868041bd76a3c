/** botocore's engine of endpoint rules and ours over every service. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";
import { packRules } from "../../../src/aws/endpoint/packed-rules.js";
import { RuleSet } from "../../../src/aws/endpoint/rule-set.js";
import { endpointParameters } from "../../../src/aws/endpoint-parameters.js";
import type { ServiceModel } from "../../../src/model/ir.js";
import { Model, type OperationModel } from "../../../src/model/model.js";
import { pack } from "../../../src/model/pack.js";
import { ENVIRONMENT } from "../botocore.js";
import { Random } from "../random.js";
import { casesOf, type EndpointCase } from "./grid.js";
import { MADE_UP, PARTITIONS } from "./partitions.js";
import { Vocabulary } from "./vocabulary.js";

/** An endpoint, the text of the rule that refuses, or the engine's own refusal, whose words differ. */
type Outcome =
  | { readonly url: string; readonly properties: unknown; readonly headers: unknown }
  | { readonly error: string }
  | { readonly engine: string }
  | { readonly crash: string };

interface Answer {
  readonly outcomes: readonly Outcome[];
  /** Rules that answered at least once, and all that could. */
  readonly met: number;
  readonly leaves: number;
}

export interface EndpointReport {
  readonly services: number;
  agreed: number;
  total: number;
  /** Rules that gave at least one answer, and all that can give one. */
  rulesMet: number;
  rules: number;
  /** Cases at which botocore fell over: there is nothing to compare. */
  crashed: number;
  readonly differences: string[];
}

/** botocore quotes the path of an endpoint a second time; Smithy's `parseURL` leaves it as it was given, and so do we. */
const QUOTED_TWICE = "%2520";

/** What our engine says of itself begins so. */
const ENGINE = "Cannot resolve an endpoint: ";

export async function runEndpoints(
  python: string,
  services: readonly string[],
  seedOf: (service: string) => number,
): Promise<EndpointReport> {
  const report: EndpointReport = {
    services: services.length,
    agreed: 0,
    total: 0,
    rulesMet: 0,
    rules: 0,
    crashed: 0,
    differences: [],
  };
  const child = spawn(python, ["-W", "ignore", "test/oracle/endpoints/endpoints.py"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: ENVIRONMENT,
  });
  child.stdin.write(`${JSON.stringify(MADE_UP)}\n`);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    // botocore works on one service while ours works on the one before.
    let asked: CaseSet | undefined;
    for (const service of [...services, undefined]) {
      const set = service === undefined ? undefined : caseSet(service, new Random(seedOf(service)));
      if (set !== undefined)
        child.stdin.write(`${JSON.stringify({ service: set.service, cases: set.cases })}\n`);
      if (asked !== undefined) {
        const ours = await ourOutcomes(asked);
        const { value, done } = await answers.next();
        if (done === true) throw new Error(`botocore's process ended at ${asked.service}`);
        count(report, asked, ours, JSON.parse(value) as Answer);
      }
      asked = set;
    }
  } finally {
    child.stdin.end();
    child.kill();
  }
  return report;
}

interface CaseSet {
  readonly service: string;
  readonly model: Model;
  readonly rules: RuleSet;
  readonly cases: readonly EndpointCase[];
}

/** The model and the rules as they are shipped. */
function caseSet(service: string, random: Random): CaseSet {
  const document = JSON.parse(readFileSync(`models/aws/${service}.json`, "utf8")) as ServiceModel;
  const model = new Model(pack(document));
  const { rules: name, ruleValues } = model.service.aws ?? {};
  const ruleSet: unknown = JSON.parse(readFileSync(`models/aws/rules/${name}.json`, "utf8"));
  const rules = new RuleSet(packRules(ruleSet), PARTITIONS, ruleValues);
  const words = new Vocabulary(service, ruleSet, random);
  return { service, model, rules, cases: casesOf({ model, definitions: rules.parameters, words, random }) };
}

async function ourOutcomes({ model, rules, cases }: CaseSet): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const each of cases) {
    const parameters =
      "parameters" in each
        ? each.parameters
        : await endpointParameters(
            rules.parameters,
            model.operation(each.operation) as OperationModel,
            each.input,
            each.builtIns,
            each.clientContext,
          );
    try {
      outcomes.push(rules.resolve(parameters));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      outcomes.push(message.startsWith(ENGINE) ? { engine: message } : { error: message });
    }
  }
  return outcomes;
}

function count(
  report: EndpointReport,
  { service, cases }: CaseSet,
  ours: readonly Outcome[],
  answer: Answer,
): void {
  report.rulesMet += answer.met;
  report.rules += answer.leaves;
  cases.forEach((each, index) => {
    const [theirs, mine] = [answer.outcomes[index] as Outcome, ours[index] as Outcome];
    if ("crash" in theirs) report.crashed++;
    else {
      report.total++;
      if (agree(theirs, mine)) report.agreed++;
      else
        report.differences.push([service, each, theirs, mine].map((part) => JSON.stringify(part)).join(" "));
    }
  });
}

function agree(theirs: Outcome, ours: Outcome): boolean {
  if ("engine" in theirs && "engine" in ours) return true;
  return isDeepStrictEqual(
    "url" in theirs ? { ...theirs, url: theirs.url.replace(QUOTED_TWICE, "%20") } : theirs,
    ours,
  );
}
