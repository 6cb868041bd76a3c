/** Makes Azure's client classes: what each generated module calls. */

import type { Client } from "../client/service.js";
import { type CloudAdapter, defineService, type ServiceClass } from "../client/service.js";
import { azureBackend } from "./backend.js";
import type { AzureClientOptions } from "./options.js";
import { Session } from "./session.js";

let shared: Session | undefined;

const adapter: CloudAdapter<Session, AzureClientOptions> = {
  defaultSession(): Session {
    shared ??= new Session();
    return shared;
  },
  backend: azureBackend,
};

export function azureService(
  text: string,
  extension?: Readonly<Record<string, unknown>>,
): ServiceClass<Client, AzureClientOptions> {
  return defineService(text, adapter, extension);
}
