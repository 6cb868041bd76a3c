/** Makes Google Cloud's client classes. Generated modules call it. */
import { type Client, defineService, type ServiceClass } from "../client/service.js";
import { GcpBackend } from "./backend.js";
import type { GcpClientOptions } from "./options.js";
import { defaultSession, type Session } from "./session.js";

export function gcpService(
  text: string,
  extension?: Readonly<Record<PropertyKey, unknown>>,
): ServiceClass<Client, GcpClientOptions> {
  return defineService<Session, GcpClientOptions>(
    text,
    { defaultSession, backend: (session, model, options) => new GcpBackend(session, model, options) },
    extension,
  );
}
