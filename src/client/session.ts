/** What sessions of the three clouds share: defaults, one transport, one client a class. */
import { createDefaultTransport, loopbackOnly } from "../http/default-transport.js";
import type { Transport } from "../http/message.js";
import type { ClientOptions } from "./options.js";

/**
 * Credentials, config and transport that clients share. Resolved lazily, once. Making a session reads nothing: no file, no
 * environment variable, no network.
 */
export abstract class BaseSession {
  readonly #options: ClientOptions;
  #transport: Transport | undefined;

  constructor(options: ClientOptions = {}) {
    this.#options = options;
    this.#transport = options.transport;
  }

  /** The one transport of this session's clients: its sockets are shared. */
  transport(): Transport {
    this.#transport ??= isLocalOnly() ? loopbackOnly(this.ownTransport()) : this.ownTransport();
    return this.#transport;
  }

  /** @internal Made where none was given. */
  protected ownTransport(): Transport {
    return createDefaultTransport();
  }

  /** @internal Defaults that each client starts from. */
  clientDefaults(): ClientOptions {
    return this.#options;
  }

  /** Closes idle connections. */
  close(): void {
    this.#transport?.close?.();
  }

  /** Sessions hold credentials: none shows in a log. */
  toJSON(): string {
    return this.constructor.name;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `${this.constructor.name} {}`;
  }
}

/** `TRIVET_LOCAL=1`: nothing leaves this machine. */
function isLocalOnly(): boolean {
  return typeof process !== "undefined" && process.env.TRIVET_LOCAL === "1";
}
