/**
 * Services that name the endpoint of each account themselves. The answer is kept as long as it says.
 * https://docs.aws.amazon.com/timestream/latest/developerguide/Using.API.endpoint-discovery.html
 */

import { TokenCache } from "../auth/token-cache.js";
import type { HttpRequest, Transport } from "../http/message.js";
import { CloudError } from "../internal/cloud-error.js";
import type { Model, OperationModel } from "../model/model.js";
import type { Protocol, Values } from "../protocol/protocol.js";
import type { Settings } from "./config/settings.js";

interface Discovered {
  readonly origin: string;
  readonly expiresAt: Date;
}

/** A minute before it is over a new one is asked for. */
const POLICY = {
  expiresAt: ({ expiresAt }: Discovered) => expiresAt,
  advisoryMs: 60_000,
  mandatoryMs: 1_000,
};

/** Whether the operation must be sent to a discovered endpoint; one that may is, where the setting says so. */
export function needsDiscovery({ traits, service }: OperationModel, settings: Settings): boolean {
  const discovery = traits.aws?.endpointDiscovery;
  if (discovery === undefined || service.aws?.endpointOperation === undefined) return false;
  const setting = settings.get("endpointDiscoveryEnabled");
  return setting === "true" || (setting === "auto" && discovery === "required");
}

export class EndpointDiscovery {
  readonly #cache: TokenCache<Discovered>;

  /** `prepare` addresses and signs a request of the discovering operation. */
  constructor(
    model: Model,
    protocol: Protocol,
    transport: Transport,
    prepare: (operation: OperationModel) => Promise<HttpRequest>,
    now: () => number,
  ) {
    const operation = model.operation(model.service.aws?.endpointOperation ?? "") as OperationModel;
    this.#cache = new TokenCache(
      async () => discovered(operation, protocol, await transport.send(await prepare(operation)), now()),
      POLICY,
      now,
    );
  }

  async origin(): Promise<string> {
    return (await this.#cache.get()).origin;
  }

  /** The service no longer answers there. */
  forget(): void {
    this.#cache.invalidate();
  }
}

async function discovered(
  operation: OperationModel,
  protocol: Protocol,
  response: Awaited<ReturnType<Transport["send"]>>,
  now: number,
): Promise<Discovered> {
  if (response.status >= 300) {
    const { code, message } = protocol.decodeError(operation, response, await response.body.bytes());
    throw new CloudError(`Cannot discover the service's endpoint: ${message || code || response.status}`, {
      kind: "unavailable",
      code: "EndpointDiscoveryFailed",
      status: response.status,
    });
  }
  const { Endpoints } = await protocol.decodeResponse(operation, response);
  const { Address, CachePeriodInMinutes } = ((Endpoints as Values[] | undefined)?.[0] ?? {}) as Values;
  if (typeof Address !== "string") {
    throw new CloudError("Cannot discover the service's endpoint: the answer names none", {
      kind: "unavailable",
      code: "EndpointDiscoveryFailed",
    });
  }
  return {
    origin: `https://${Address}`,
    expiresAt: new Date(now + Number(CachePeriodInMinutes ?? 1) * 60_000),
  };
}
