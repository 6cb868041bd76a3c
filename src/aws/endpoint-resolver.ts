/** Where a call goes: its service's endpoint rules, asked with what the client and the input say. */
import type { HeaderMap } from "../http/message.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { Model, OperationModel } from "../model/model.js";
import type { Values } from "../protocol/protocol.js";
import { type ClientState, regionOf } from "./client-state.js";
import { defaultPartitions } from "./endpoint/partitions.js";
import { type Endpoint, type EndpointAuthScheme, RuleSet } from "./endpoint/rule-set.js";
import {
  builtIns,
  clientContext,
  contextMembers,
  endpointParameters,
  forOperation,
  type Settable,
} from "./endpoint-parameters.js";

export interface ResolvedEndpoint {
  readonly origin: string;
  /** "" or `/bucket`. */
  readonly basePath: string;
  readonly headers: Readonly<HeaderMap>;
  readonly schemes: readonly EndpointAuthScheme[];
}

const NO_SCHEMES: readonly EndpointAuthScheme[] = [];

export class EndpointResolver {
  readonly #model: Model;
  readonly #rules: RuleSet;
  /** Of the state that was last asked with: a client has one, and one more for each region that S3 redirected it to. */
  #state: ClientState | undefined;
  #builtIns: Settable = {};
  #clientContext: Settable = {};
  readonly #resolved = new WeakMap<Endpoint, ResolvedEndpoint>();

  constructor(model: Model, rules: string) {
    this.#model = model;
    this.#rules = new RuleSet(rules, defaultPartitions(), model.service.aws?.ruleValues);
  }

  /** Members of the input on which the endpoint depends; undefined where it depends on more than those and the state. */
  membersOf(operation: OperationModel, state: ClientState): readonly string[] | undefined {
    if (operation.traits.aws?.operationContext !== undefined) return undefined;
    if (needsAccountId(this.#rules.parameters, state)) return undefined;
    return [...contextMembers(operation)].flatMap(([name, member]) => (this.#rules.uses(name) ? member : []));
  }

  async resolve(operation: OperationModel, input: Values, state: ClientState): Promise<ResolvedEndpoint> {
    if (state !== this.#state) {
      this.#builtIns = builtIns(this.#model, state);
      this.#clientContext = clientContext(this.#model, state.settings);
      this.#state = state;
    }
    const { parameters: definitions } = this.#rules;
    // Rule sets that ask for no region have one host for all the world.
    if (definitions.Region !== undefined && state.region === undefined && state.endpoint === undefined)
      regionOf(state);
    const given = needsAccountId(definitions, state)
      ? { ...this.#builtIns, "AWS::Auth::AccountId": await accountId(state) }
      : this.#builtIns;
    const parameters = await endpointParameters(
      definitions,
      operation,
      input,
      forOperation(operation, input, given),
      this.#clientContext,
    );
    const endpoint = this.#rules.resolve(parameters);
    let resolved = this.#resolved.get(endpoint);
    if (resolved === undefined) {
      resolved = resolvedOf(endpoint);
      this.#resolved.set(endpoint, resolved);
    }
    return resolved;
  }
}

function resolvedOf({ url, headers, properties }: Endpoint): ResolvedEndpoint {
  if (!URL.canParse(url)) throw invalidInput("Cannot resolve an endpoint: it is no URL");
  const { protocol, host, pathname } = new URL(url);
  return {
    origin: `${protocol}//${host}`,
    basePath: pathname.replace(/\/+$/, ""),
    headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values[0] ?? ""])),
    schemes: (properties.authSchemes as readonly EndpointAuthScheme[] | undefined) ?? NO_SCHEMES,
  };
}

function needsAccountId(
  definitions: RuleSet["parameters"],
  { settings, credentials, endpoint }: ClientState,
): boolean {
  return (
    definitions.AccountId?.builtIn === "AWS::Auth::AccountId" &&
    credentials !== undefined &&
    endpoint === undefined &&
    settings.get("accountIdEndpointMode") !== "disabled"
  );
}

async function accountId({ settings, credentials }: ClientState): Promise<string | undefined> {
  return (await credentials?.get())?.accountId ?? settings.get("accountId");
}
