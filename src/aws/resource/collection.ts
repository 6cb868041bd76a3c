/** `ec2.instances.filter({...})`: resources of one kind, read page by page as they are looked at. */
import type { Values } from "../../protocol/protocol.js";
import type { ActionDefinition, RequestDefinition, ResultDefinition } from "./definition.js";
import { fillRequest, joinLists } from "./parameters.js";
import type { Resource } from "./resource.js";
import { resourcesOf } from "./result.js";

export interface CollectionDefinition {
  readonly request: RequestDefinition;
  readonly resource: ResultDefinition;
}

interface Choice {
  readonly input: Values;
  readonly limit: number | undefined;
  readonly pageSize: number | undefined;
}

const EVERYTHING: Choice = { input: {}, limit: undefined, pageSize: undefined };

/** Immutable: each method answers another collection. Asks the service when it is iterated, anew each time. */
export class Collection implements AsyncIterable<Resource> {
  readonly #parent: Resource;
  readonly #definition: CollectionDefinition;
  readonly #choice: Choice;

  constructor(parent: Resource, definition: CollectionDefinition, choice: Choice = EVERYTHING) {
    this.#parent = parent;
    this.#definition = definition;
    this.#choice = choice;
    const batch = parent.meta.definitionOf(definition.resource.type).batchActions ?? {};
    for (const [name, action] of Object.entries(batch)) {
      const member = name.charAt(0).toLowerCase() + name.slice(1);
      Object.defineProperty(this, member, { value: (input: Values = {}) => this.#batch(action, input) });
    }
  }

  /** Each resource, as many requests as it takes. */
  all(): Collection {
    return this;
  }

  /** Those that the input of the listing operation selects: `{ Filters: [...] }`, `{ Prefix: "logs/" }`. */
  filter(input: Values): Collection {
    return this.#with({ input: joinLists(this.#choice.input, input) });
  }

  /** At most so many. */
  limit(count: number): Collection {
    return this.#with({ limit: count });
  }

  /** So many a request. */
  pageSize(count: number): Collection {
    return this.#with({ pageSize: count });
  }

  #with(choice: Partial<Choice>): Collection {
    return new Collection(this.#parent, this.#definition, { ...this.#choice, ...choice });
  }

  /** Resources as they come, a list a request. */
  async *pages(): AsyncGenerator<Resource[], void, undefined> {
    const { limit, pageSize } = this.#choice;
    const input = joinLists(await fillRequest(this.#parent, this.#definition.request), this.#choice.input);
    let count = 0;
    for await (const output of this.#parent.meta.outputs(
      this.#definition.request.operation,
      input,
      pageSize,
    )) {
      const found = (await resourcesOf(this.#parent, this.#definition.resource, { input, output })) ?? [];
      const page = Array.isArray(found) ? found : [found];
      const left = limit === undefined ? page.length : limit - count;
      count += page.length;
      yield page.slice(0, left);
      if (limit !== undefined && count >= limit) return;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Resource, void, undefined> {
    for await (const page of this.pages()) yield* page;
  }

  /** One request for each page of resources; answers their outputs. */
  async #batch(action: ActionDefinition, input: Values): Promise<unknown[]> {
    const outputs: unknown[] = [];
    for await (const page of this.pages()) {
      if (page.length === 0) continue;
      const filled: Values = {};
      for (const [index, resource] of page.entries())
        await fillRequest(resource, action.request, filled, index);
      outputs.push(await this.#parent.meta.call(action.request.operation, { ...filled, ...input }));
    }
    return outputs;
  }
}
