/**
 * The object layer: `aws.resource(EC2).instances.all()`, `aws.resource(S3).bucket("b").object("k").get()`. boto3's resources,
 * made from its definitions at run time. https://docs.aws.amazon.com/boto3/latest/guide/resources.html
 */
import { search } from "../../client/jmespath.js";
import type { Client } from "../../client/service.js";
import { coreOf } from "../../client/service.js";
import { invalidInput } from "../../internal/cloud-error.js";
import { lowerFirst } from "../../model/names.js";
import type { Values } from "../../protocol/protocol.js";
import { ResourceClasses } from "./classes.js";
import type { ResourceDefinition, ResourceDefinitions } from "./definition.js";
import { layerOf } from "./layer.js";
import { fillRequest } from "./parameters.js";

/** What every resource has, whatever its kind. Members of its kind are made from its definition. */
export class Resource {
  /** The client, the attributes read so far, the identifiers. */
  readonly meta: ResourceMeta;

  constructor(meta: ResourceMeta) {
    this.meta = meta;
  }

  /** The same kind, service and identifiers. */
  equals(other: Resource): boolean {
    const [a, b] = [this.meta, other.meta];
    return (
      a.type === b.type &&
      a.client === b.client &&
      JSON.stringify(a.identifiers) === JSON.stringify(b.identifiers)
    );
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return this.meta.identifiers;
  }

  toString(): string {
    const identifiers = Object.entries(this.meta.identifiers).map(
      ([name, value]) => `${lowerFirst(name)}=${value}`,
    );
    return `${this.meta.type}(${identifiers.join(", ")})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

interface Loadable {
  load(): Promise<unknown>;
}

type Operation = ((input: Values) => Promise<Values>) & {
  readonly pages?: (input: Values, options: { pageSize?: number | undefined }) => AsyncIterable<Values>;
};

export class ResourceMeta {
  readonly client: Client;
  /** `Instance`, `Bucket`; the service's name for the service itself. */
  readonly type: string;
  readonly identifiers: Readonly<Record<string, unknown>>;
  /** Attributes as the service answered them; undefined until they were read. */
  data: Values | undefined;
  readonly #classes: ResourceClasses;
  #self: Resource | undefined;

  constructor(
    client: Client,
    classes: ResourceClasses,
    type: string,
    identifiers: Readonly<Record<string, unknown>>,
    data?: Values,
  ) {
    this.client = client;
    this.#classes = classes;
    this.type = type;
    this.identifiers = identifiers;
    this.data = data;
  }

  get definition(): ResourceDefinition {
    return this.definitionOf(this.type);
  }

  definitionOf(type: string): ResourceDefinition {
    return this.#classes.definition(type);
  }

  /** A resource of that kind on the same client. */
  make(type: string, identifiers: Readonly<Record<string, unknown>>, data?: Values): Resource {
    return this.#classes.make(this.client, type, identifiers, data);
  }

  /** @internal */
  bind(self: Resource): void {
    this.#self = self;
  }

  /** The attributes, read when that is due. */
  async loaded(): Promise<Values> {
    // boto3 reads some kinds by hand: their `load` is the resource's own.
    if (this.data === undefined) await (this.#self as Partial<Loadable>).load?.();
    return this.data ?? {};
  }

  /** Reads the attributes anew. */
  async load(): Promise<Values> {
    const { load } = this.definition;
    if (load === undefined) {
      throw invalidInput(`Cannot load ${this.type}: there is no operation that reads one`, {
        code: "NotLoadable",
      });
    }
    const input = await fillRequest(this.#self as Resource, load.request);
    const output = await this.call(load.request.operation, input);
    this.data = ((load.path === "@" ? output : search(load.path, output)) ?? {}) as Values;
    return this.data;
  }

  /** Calls an operation of the service by its wire name. */
  async call(operation: string, input: Values): Promise<Values> {
    const layer = layerOf(this.client);
    if (layer === undefined) return this.#operation(operation)(input);
    const { model } = coreOf(this.client);
    const output = await this.#operation(operation)(layer.input(model, operation, input));
    return layer.output(model, operation, output);
  }

  /** Each page of an operation, or its one output. */
  async *outputs(operation: string, input: Values, pageSize: number | undefined): AsyncGenerator<Values> {
    const member = this.#operation(operation);
    if (member.pages === undefined) yield await member(input);
    else yield* member.pages(input, { pageSize });
  }

  waiter(name: string): Operation {
    const waiters = (this.client as unknown as { waitUntil: Record<string, Operation> }).waitUntil;
    return waiters[lowerFirst(name)] as Operation;
  }

  #operation(name: string): Operation {
    return (this.client as unknown as Record<string, Operation>)[lowerFirst(name)] as Operation;
  }
}

/**
 * The service itself as a resource.
 *
 * @throws CloudError `invalidInput`/`NoResources` for services whose model has no object layer.
 */
export function serviceResource(client: Client): Resource {
  const { model } = coreOf(client);
  const definitions = model.resources as ResourceDefinitions | undefined;
  if (definitions === undefined) {
    throw invalidInput(`Cannot make a resource: ${model.service.name} has clients alone`, {
      code: "NoResources",
    });
  }
  return new ResourceClasses(model, definitions).make(client, model.service.name, {});
}
