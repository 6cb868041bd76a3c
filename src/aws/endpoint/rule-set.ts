/**
 * The engine of Smithy's endpoint rule sets: conditions over parameters, the first rule whose conditions hold gives an endpoint or
 * an error. A set is parsed when it is first asked; answers are kept by parameters, since calls of a client repeat them.
 */

import { invalidInput } from "../../internal/cloud-error.js";
import { FUNCTIONS, getAttr, type Scalar } from "./functions.js";
import { type RuleParts, unpackRules } from "./packed-rules.js";
import type { Partitions } from "./partitions.js";
import { fillTemplate } from "./template.js";

export type ParameterValue = string | boolean | readonly string[];
export type Parameters = Readonly<Record<string, ParameterValue | undefined>>;

export interface ParameterDefinition {
  readonly type: string;
  readonly builtIn?: string;
  readonly required?: boolean;
  readonly default?: ParameterValue;
}

export interface Endpoint {
  /** Scheme, host, and a path where the rules give one. */
  readonly url: string;
  /** `authSchemes`, `backend`. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** How requests to an endpoint are signed, as `properties.authSchemes` has it. */
export interface EndpointAuthScheme {
  readonly name: string;
  readonly signingName?: string;
  readonly signingRegion?: string;
  readonly signingRegionSet?: readonly string[];
  readonly disableDoubleEncoding?: boolean;
}

type Argument = Scalar | { readonly ref: string } | Call | readonly Argument[];

interface Call {
  readonly fn: string;
  readonly argv: readonly Argument[];
}

interface Condition extends Call {
  readonly assign?: string;
}

interface Rule {
  readonly conditions: readonly Condition[];
  readonly rules?: readonly Rule[];
  readonly endpoint?: {
    readonly url: Argument;
    readonly properties?: Readonly<Record<string, unknown>>;
    readonly headers?: Readonly<Record<string, readonly Argument[]>>;
  };
  readonly error?: Argument;
}

interface RuleSetDocument {
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
  readonly rules: readonly Rule[];
}

/** Values of parameters and of `assign`. */
type Scope = Record<string, unknown>;

const ANSWERS_MAX = 200;
/** Trees of rules in the models are about ten deep. */
const DEPTH_MAX = 64;

export class RuleSet {
  readonly #text: string;
  readonly #partitions: Partitions;
  readonly #answers = new Map<string, Endpoint>();
  #parts: RuleParts | undefined;
  #parameters: RuleSetDocument["parameters"] | undefined;

  /** `values` replace the placeholders that sets shared by services leave open. */
  constructor(text: string, partitions: Partitions, values: Readonly<Record<string, string>> = {}) {
    this.#text = Object.entries(values).reduce(
      (filled, [name, value]) => filled.replaceAll(name, value),
      text,
    );
    this.#partitions = partitions;
  }

  /** Of the text. Each part that is met is asked for by `at`: it may be a reference to one that stands elsewhere. */
  get #parsed(): RuleParts {
    this.#parts ??= unpackRules(this.#text);
    return this.#parts;
  }

  get parameters(): RuleSetDocument["parameters"] {
    if (this.#parameters === undefined) {
      const { root, at } = this.#parsed;
      const definitions = at((root as RuleSetDocument).parameters);
      this.#parameters = Object.fromEntries(
        Object.entries(definitions).map(([name, definition]) => [name, at(definition)]),
      );
    }
    return this.#parameters;
  }

  /** Whether a rule looks at the parameter: S3's set declares the object's key, and no rule asks for it. */
  uses(name: string): boolean {
    return [`"ref":"${name}"`, `{${name}}`, `{${name}#`].some((mention) => this.#text.includes(mention));
  }

  /** Throws a CloudError of kind `invalidInput` with the rules' own message. */
  resolve(parameters: Parameters): Endpoint {
    const key = JSON.stringify(parameters);
    let endpoint = this.#answers.get(key);
    if (endpoint === undefined) {
      endpoint = this.#evaluate(parameters);
      if (this.#answers.size >= ANSWERS_MAX) this.#answers.clear();
      this.#answers.set(key, endpoint);
    }
    return endpoint;
  }

  #evaluate(parameters: Parameters): Endpoint {
    const scope: Scope = {};
    for (const [name, definition] of Object.entries(this.parameters)) {
      const value = parameters[name] ?? definition.default;
      if (value !== undefined) scope[name] = value;
      else if (definition.required) throw missing(name);
    }
    const endpoint = this.#first((this.#parsed.root as RuleSetDocument).rules, scope, 0);
    if (endpoint === undefined) throw invalidInput("Cannot resolve an endpoint: no rule matches");
    return endpoint;
  }

  #first(rules: readonly Rule[], outer: Scope, depth: number): Endpoint | undefined {
    if (depth > DEPTH_MAX)
      throw invalidInput(`Cannot resolve an endpoint: rules are nested more than ${DEPTH_MAX} deep`);
    const { at } = this.#parsed;
    for (const each of at(rules)) {
      const rule = at(each);
      const scope = this.#holds(rule.conditions, outer);
      if (scope === undefined) continue;
      if (rule.error !== undefined) throw invalidInput(String(this.#argument(rule.error, scope)));
      const found = rule.endpoint
        ? this.#endpoint(rule.endpoint, scope)
        : this.#first(rule.rules ?? [], scope, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The scope with what the conditions assign, or undefined when one does not hold. */
  #holds(conditions: readonly Condition[], outer: Scope): Scope | undefined {
    let scope = outer;
    const { at } = this.#parsed;
    for (const each of at(conditions)) {
      const condition = at(each);
      const value = this.#call(condition, scope);
      if (value === undefined || value === null || value === false) return undefined;
      if (condition.assign !== undefined) scope = { ...scope, [condition.assign]: value };
    }
    return scope;
  }

  #call({ fn, argv }: Call, scope: Scope): unknown {
    const values = this.#parsed.at(argv).map((argument) => this.#argument(argument, scope));
    if (fn === "aws.partition") return this.#partitions.of(String(values[0]));
    const run = FUNCTIONS[fn];
    if (run === undefined)
      throw invalidInput(`Cannot resolve an endpoint: the rules call ${fn}, which is unknown`);
    return run(...values);
  }

  #argument(part: Argument, scope: Scope): unknown {
    const argument = this.#parsed.at(part);
    if (typeof argument === "string") return fillTemplate(argument, (reference) => lookUp(reference, scope));
    if (typeof argument !== "object") return argument;
    if (isList(argument)) return argument.map((each) => this.#argument(each, scope));
    return "ref" in argument ? scope[argument.ref] : this.#call(argument, scope);
  }

  #endpoint(endpoint: NonNullable<Rule["endpoint"]>, scope: Scope): Endpoint {
    const { at } = this.#parsed;
    const { url, properties = {}, headers = {} } = at(endpoint);
    return {
      url: String(this.#argument(url, scope)),
      properties: this.#filled(properties, scope) as Record<string, unknown>,
      headers: Object.fromEntries(
        Object.entries(at(headers)).map(([name, values]) => [
          name.toLowerCase(),
          at(values).map((value) => String(this.#argument(value, scope))),
        ]),
      ),
    };
  }

  #filled(part: unknown, scope: Scope): unknown {
    const value = this.#parsed.at(part);
    if (typeof value === "string") return this.#argument(value, scope);
    if (Array.isArray(value)) return value.map((each) => this.#filled(each, scope));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.#filled(each, scope)]));
  }
}

function isList(argument: Argument): argument is readonly Argument[] {
  return Array.isArray(argument);
}

/** `Region`, `partitionResult#dnsSuffix`. */
function lookUp(reference: string, scope: Scope): unknown {
  const [name = "", path] = reference.split("#");
  const value = path === undefined ? scope[name] : getAttr(scope[name], path);
  if (value === undefined) throw missing(reference);
  return value;
}

function missing(name: string): Error {
  return invalidInput(`Cannot resolve an endpoint: ${name} is missing`);
}
