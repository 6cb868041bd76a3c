/** Makes a client class out of a model: operations become members of a client when they are first asked for. */

import type { Transport } from "../http/message.js";
import { CloudError, isCloudError } from "../internal/cloud-error.js";
import { Model, type OperationModel, type Shape } from "../model/model.js";
import { lowerFirst, memberPath } from "../model/names.js";
import type { Protocol, Values } from "../protocol/protocol.js";
import type { Backend, RetryStrategy } from "./backend.js";
import { createOperation } from "./operation.js";
import type { ClientOptions } from "./options.js";
import type { BaseSession } from "./session.js";
import type { Responder } from "./stub.js";
import type { WaitOptions } from "./types.js";

/** What a client is made of. Not public: reached through `coreOf(client)` by our own code. */
export interface ClientCore {
  readonly model: Model;
  readonly session: BaseSession;
  readonly options: ClientOptions;
  readonly backend: Backend;
  readonly protocol: Protocol;
  readonly transport: Transport;
  readonly retry: RetryStrategy;
  /** Set by `stub(client)`: answers instead of the service. */
  responder?: Responder | undefined;
}

/** How one cloud's services come to life. One constant a cloud. */
export interface CloudAdapter<S extends BaseSession, O extends ClientOptions> {
  /** The session of clients made by `new S3()`. Made once, when first needed. */
  defaultSession(): S;
  /** One a client: it may keep state (token bucket, resolved endpoint). */
  backend(session: S, model: Model, options: O): Backend;
}

/** Base of every client class; generated declarations extend it. */
export class Client {
  /** @internal */
  readonly #core: ClientCore;

  constructor(core: ClientCore) {
    this.#core = core;
  }

  /** @internal */
  static core(client: Client): ClientCore {
    return client.#core;
  }

  /** @internal */
  static is(value: unknown): value is Client {
    return typeof value === "object" && value !== null && #core in value;
  }

  toString(): string {
    return `${this.#core.model.service.name} client`;
  }
}

/** The inside of a client, for our own modules. */
export function coreOf(client: Client): ClientCore {
  return Client.core(client);
}

/** A client class as `session.client(Class)` takes it. */
export interface ServiceClass<C = Client, O = ClientOptions> {
  new (options?: O & { session?: BaseSession | undefined }): C;
  readonly serviceModel: Model;
}

export function defineService<S extends BaseSession, O extends ClientOptions>(
  text: string,
  adapter: CloudAdapter<S, O>,
  extension?: Readonly<Record<string, unknown>>,
): ServiceClass<Client, O> {
  let model: Model | undefined;
  let dressed = false;
  const modelOf = (): Model => {
    model ??= new Model(text);
    return model;
  };

  class Service extends Client {
    static get serviceModel(): Model {
      return modelOf();
    }

    constructor({ session, ...options }: O & { session?: BaseSession | undefined } = {} as O) {
      const model = modelOf();
      const owner = (session ?? adapter.defaultSession()) as S;
      const merged = { ...owner.clientDefaults(), ...defined(options) } as O;
      const backend = adapter.backend(owner, model, merged);
      super({
        model,
        session: owner,
        options: merged,
        backend,
        protocol: backend.protocol(model),
        transport: merged.transport ?? owner.transport(),
        retry: backend.retryStrategy(merged.retry),
      });
      if (!dressed) {
        dressed = true;
        Object.setPrototypeOf(Service.prototype, new Proxy(Client.prototype, new ModelMembers(model)));
        if (extension)
          Object.defineProperties(Service.prototype, Object.getOwnPropertyDescriptors(extension));
        Object.defineProperty(Service, "name", { value: model.service.name });
      }
    }
  }
  return Service as unknown as ServiceClass<Client, O>;
}

function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/**
 * The members that a model gives its clients, as the end of their prototype chain: what a client is first asked for is made and
 * becomes its own. A getter an operation on the prototype took five milliseconds of EC2's first call.
 */
class ModelMembers implements ProxyHandler<Client> {
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  get(target: Client, member: string | symbol, receiver: unknown): unknown {
    if (!this.#makes(member) || !Client.is(receiver)) return Reflect.get(target, member, receiver);
    const value = this.#make(coreOf(receiver), member);
    Object.defineProperty(receiver, member, { value, enumerable: true, configurable: true, writable: true });
    return value;
  }

  has(target: Client, member: string | symbol): boolean {
    return this.#makes(member) || Reflect.has(target, member);
  }

  ownKeys(target: Client): (string | symbol)[] {
    const members = this.#model.operationNames.map((name) => memberPath(name)[0] as string);
    return [...new Set([...Reflect.ownKeys(target), ...members, "waitUntil", "errors"])];
  }

  /** Test doubles look here for what they stand in for: an operation as a method, though it is made for each client. */
  getOwnPropertyDescriptor(target: Client, member: string | symbol): PropertyDescriptor | undefined {
    if (!this.#makes(member)) return Reflect.getOwnPropertyDescriptor(target, member);
    const make = (client: Client) => this.#make(coreOf(client), member);
    const common = { enumerable: true, configurable: true };
    if (!this.#model.operationNames.includes(this.#named(member) ?? "")) {
      return {
        ...common,
        get(this: Client) {
          return make(this);
        },
      };
    }
    const value = function (this: Client, ...given: unknown[]): unknown {
      return (make(this) as (...given: unknown[]) => unknown)(...given);
    };
    return { ...common, value, writable: true };
  }

  #makes(member: string | symbol): member is string {
    if (typeof member === "symbol") return false;
    return member === "waitUntil" || member === "errors" || this.#named(member) !== undefined;
  }

  #make(core: ClientCore, member: string): unknown {
    if (member === "waitUntil") return waiters(core);
    if (member === "errors") return errorClasses(core.model);
    const name = this.#named(member) as string;
    const operation = core.model.operation(name);
    return operation === undefined ? namespaceOf(core, `${name}.`) : createOperation(core, operation);
  }

  /** The operation, or the namespace of operations, that the member stands for. */
  #named(member: string): string | undefined {
    const names = this.#model.operationNames;
    if (lowerFirst(member) !== member) return undefined;
    const spellings = [member.charAt(0).toUpperCase() + member.slice(1), member];
    return (
      spellings.find((name) => names.includes(name)) ??
      spellings.find((name) => names.some((each) => each.startsWith(`${name}.`)))
    );
  }
}

/** Operations and namespaces by member: those whose wire names begin with `prefix`. */
function namespaceOf(core: ClientCore, prefix: string): object {
  const namespace = {};
  for (const name of core.model.operationNames) {
    if (!name.startsWith(prefix)) continue;
    const [next = "", deeper] = name.slice(prefix.length).split(".", 2);
    const member = lowerFirst(next);
    if (Object.hasOwn(namespace, member)) continue;
    Object.defineProperty(namespace, member, {
      enumerable: true,
      configurable: true,
      get() {
        const value =
          deeper === undefined
            ? createOperation(core, core.model.operation(name) as OperationModel)
            : namespaceOf(core, `${prefix}${next}.`);
        Object.defineProperty(namespace, member, { value, enumerable: true, writable: true });
        return value;
      },
    });
  }
  return namespace;
}

/** Loaded when one is first waited with. */
function waiters(core: ClientCore): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(core.model.waiters).map(([name, traits]) => {
      const member = lowerFirst(name);
      return [
        member,
        async (input?: Values, options?: WaitOptions) => {
          const { waitUntil } = await import("./wait.js");
          return waitUntil(core, member, traits, input, options);
        },
      ];
    }),
  );
}

/** One class a modelled error. `instanceof` compares service and code, so that two copies of the package agree. */
function errorClasses(model: Model): Record<string, unknown> {
  const classes: Record<string, unknown> = {};
  for (const name of model.operationNames) {
    for (const shape of model.operation(name)?.errors ?? []) {
      classes[shape.name] ??= errorClass(model, shape);
    }
  }
  return classes;
}

function errorClass(model: Model, shape: Shape): typeof CloudError {
  const code = errorCode(shape);
  const matches = (value: unknown) =>
    isCloudError(value) &&
    // By name: SQS says `AWS.SimpleQueueService.NonExistentQueue` for what its model calls QueueDoesNotExist.
    (value.code === code || value.code === shape.name || value.name === shape.name) &&
    value.service === model.service.id;
  class Modelled extends CloudError {
    static override [Symbol.hasInstance](value: unknown): boolean {
      return matches(value);
    }
  }
  Object.defineProperty(Modelled, "name", { value: shape.name });
  return Modelled;
}

/** The code that a modelled error has on the wire. */
export function errorCode(shape: Shape): string {
  return shape.traits.error?.code ?? shape.name;
}
