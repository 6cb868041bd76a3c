/** Makes a client class of AWS: what every generated service module calls. */
import { type CloudAdapter, defineService, type ServiceClass } from "../client/service.js";
import { AwsBackend } from "./backend.js";
import type { AwsClientOptions } from "./options.js";
import { Session } from "./session.js";

let shared: Session | undefined;

/** The session of clients made by `new S3()`. */
function defaultSession(): Session {
  shared ??= new Session();
  return shared;
}

/**
 * @param text the packed model
 * @param rules the service's endpoint rule set, JSON
 * @param extension methods of our own
 */
export function awsService(
  text: string,
  rules: string,
  extension?: Readonly<Record<string, unknown>>,
): ServiceClass<unknown, AwsClientOptions> {
  const adapter: CloudAdapter<Session, AwsClientOptions> = {
    defaultSession,
    backend: (session, model, options) => new AwsBackend(session, model, rules, options),
  };
  return defineService(text, adapter, extension);
}
