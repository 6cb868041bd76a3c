/** Makes a client class of AWS: what every generated service module calls. */
import { type CloudAdapter, defineService, type ServiceClass } from "../client/service.js";
import type { Protocol } from "../protocol/protocol.js";
import { AwsBackend } from "./backend.js";
import { ClientSession } from "./client-session.js";
import type { AwsClientOptions } from "./options.js";

let shared: ClientSession | undefined;

/** The session of clients made by `new S3()`. */
function defaultSession(): ClientSession {
  shared ??= new ClientSession();
  return shared;
}

/**
 * @param text the packed model
 * @param rules the service's endpoint rule set, JSON
 * @param protocol the one that the model names: imported by the generated module, so that bundlers leave the others out
 * @param extension methods of our own
 */
export function awsService(
  text: string,
  rules: string,
  protocol: Protocol,
  extension?: Readonly<Record<string, unknown>>,
): ServiceClass<unknown, AwsClientOptions> {
  const adapter: CloudAdapter<ClientSession, AwsClientOptions> = {
    defaultSession,
    backend: (session, model, options) => new AwsBackend(session, model, rules, protocol, options),
  };
  return defineService(text, adapter, extension);
}
