/** Which operation of a rest service a request calls. */
import type { Model, OperationModel } from "../model/model.js";
import { parseQuery } from "./codec/uri.js";
import { bindingOf, templateOf } from "./http-binding.js";
import { matchPath, type PathTemplate } from "./path-template.js";
import type { ReceivedRequest } from "./protocol.js";

interface Route {
  readonly operation: OperationModel;
  readonly template: PathTemplate;
  /** Names of query parameters and headers without which the operation cannot be meant. */
  readonly query: readonly string[];
  readonly headers: readonly string[];
  readonly specificity: number;
}

/** Routes by method, the most specific first. Kept on the model. */
class RoutingTable {
  readonly #byMethod = new Map<string, Route[]>();

  constructor(model: Model) {
    for (const name of model.operationNames) {
      const operation = model.operation(name) as OperationModel;
      const routes = this.#byMethod.get(operation.method);
      if (routes === undefined) this.#byMethod.set(operation.method, [routeOf(operation)]);
      else routes.push(routeOf(operation));
    }
    for (const routes of this.#byMethod.values()) routes.sort((a, b) => b.specificity - a.specificity);
  }

  find(request: ReceivedRequest): OperationModel | undefined {
    const parameters = new Map(parseQuery(request.query));
    const routes = (this.#byMethod.get(request.method) ?? []).filter(
      ({ template }) =>
        template.literals.every(([name, value]) => parameters.get(name) === value) &&
        matchPath(template, request.path) !== undefined,
    );
    // A request that lacks what each of them requires is the least special one's, for its handler to refuse.
    const complete = routes.find(
      ({ query, headers }) =>
        query.every((name) => parameters.has(name)) &&
        headers.every((name) => request.headers[name] !== undefined),
    );
    return (complete ?? routes.at(-1))?.operation;
  }
}

function routeOf(operation: OperationModel): Route {
  const template = templateOf(operation);
  const binding = operation.input && bindingOf(operation.input);
  const query = binding?.query.filter(({ traits }) => traits.required).map(({ wireName }) => wireName) ?? [];
  const headers =
    binding?.headers.filter(({ member }) => member.traits.required).map(({ name }) => name) ?? [];
  // S3 keeps deprecated twins of operations at their paths.
  const twin = operation.traits.deprecated ? 0.5 : 0;
  const specificity = specificityOf(template, query.length, headers.length) - twin;
  return { operation, template, query, headers, specificity };
}

/** Text of the path counts most, then labels that hold one segment, then what a literal query and required parameters narrow. */
function specificityOf({ parts, literals }: PathTemplate, query: number, headers: number): number {
  let specificity = literals.length * 100 + query * 10 + headers;
  for (const part of parts) {
    const segments = typeof part === "string" ? (part.match(/[^/]+/g)?.length ?? 0) : 0;
    specificity += typeof part === "string" ? segments * 10_000 : part.greedy ? 0 : 1000;
  }
  return specificity;
}

export function routeByPath(model: Model, request: ReceivedRequest): OperationModel | undefined {
  if (!(model.plan instanceof RoutingTable)) model.plan = new RoutingTable(model);
  try {
    return (model.plan as RoutingTable).find(request);
  } catch {
    // A path or query that is not percent-encoded text names no operation.
    return undefined;
  }
}
