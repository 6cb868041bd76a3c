/** The transport of a session that names none. */
import { CloudError } from "../internal/cloud-error.js";
import type { HttpRequest, SendOptions, Transport } from "./message.js";
import { type NodeTransportOptions, nodeTransport } from "./node-transport.js";
import { isLoopback } from "./proxy.js";

/** Sockets on Node, `fetch` elsewhere. Reads nothing and connects nowhere before the first request. */
export function createDefaultTransport(options: NodeTransportOptions = {}): Transport {
  if (hasNodeHttp()) return nodeTransport(options);
  return deferredTransport(async () => (await import("./fetch-transport.js")).fetchTransport());
}

/** A transport that is made when the first request is sent, by what only then is known. */
export function deferredTransport(make: () => Promise<Transport>): Transport {
  let made: Transport | undefined;
  let making: Promise<Transport> | undefined;
  const wait = async (request: HttpRequest, options?: SendOptions) => {
    making ??= make();
    try {
      made = await making;
    } catch (error) {
      making = undefined;
      throw error;
    }
    return made.send(request, options);
  };
  return {
    send: (request, options) => made?.send(request, options) ?? wait(request, options),
    close: () => made?.close?.(),
  };
}

/** Workers that imitate Node have `process` but not always node:http. */
function hasNodeHttp(): boolean {
  if (typeof process === "undefined" || typeof process.getBuiltinModule !== "function") return false;
  return process.versions?.node !== undefined && process.getBuiltinModule("node:http")?.Agent !== undefined;
}

/** Refuses every host that is not this machine: what `TRIVET_LOCAL=1` puts around a session's transport. */
export function loopbackOnly(transport: Transport): Transport {
  return {
    async send(request: HttpRequest, options?: SendOptions) {
      const { hostname } = new URL(request.origin);
      if (!isLoopback(hostname)) {
        throw new CloudError(`Refused to reach ${hostname}: TRIVET_LOCAL allows loopback hosts only`, {
          kind: "invalidInput",
          code: "LocalOnly",
        });
      }
      return transport.send(request, options);
    },
    ...(transport.close !== undefined && { close: () => transport.close?.() }),
  };
}
