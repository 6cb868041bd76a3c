/** What Google Cloud adds to the spine: session values, endpoints, bearer tokens, kinds of errors, which calls may be repeated. */
import type {
  Backend,
  Call,
  LongRunningDriver,
  PresignOptions,
  RetryStrategy,
  Target,
} from "../client/backend.js";
import type { RetryOptions } from "../client/options.js";
import { exponentialRetry } from "../client/retry/exponential.js";
import type { HttpRequest, HttpResponse } from "../http/message.js";
import { type CloudError, isCloudError } from "../internal/cloud-error.js";
import type { GcpServiceTraits } from "../model/ir.js";
import type { Member, Model, OperationModel } from "../model/model.js";
import { gcpRest } from "../protocol/gcp-rest.js";
import type { DecodedError, EncodedRequest, Protocol, Values } from "../protocol/protocol.js";
import { classify } from "./classify.js";
import { DEFAULT_UNIVERSE } from "./credentials/credentials.js";
import { customEndpoint, type Endpoint, ownEndpoint } from "./endpoint.js";
import { longRunningDriver } from "./long-running.js";
import type { GcpClientOptions } from "./options.js";
import type { Session } from "./session.js";
import { presignStorage } from "./signed-url.js";
import { CLIENT_HEADER } from "./user-agent.js";
import { validatedDownload } from "./validated-download.js";

/** https://cloud.google.com/storage/docs/retry-strategy#exponential-backoff */
const MAX_ATTEMPTS = 3;
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 20_000;

export class GcpBackend implements Backend {
  readonly cloud = "gcp";
  readonly #session: Session;
  readonly #options: GcpClientOptions;
  readonly #service: Model["service"];
  readonly #scopes: readonly string[];
  #endpoint: Endpoint | undefined;

  constructor(session: Session, model: Model, options: GcpClientOptions) {
    this.#session = session;
    this.#options = options;
    this.#service = model.service;
    this.#scopes = options.scopes ?? (model.service.gcp as GcpServiceTraits).scopes;
  }

  protocol(): Protocol {
    return gcpRest;
  }

  fill(operation: OperationModel, input: Values): Values | Promise<Values> {
    const filled = filledMembers(operation);
    if (filled === undefined || filled.every(({ name }) => input[name] !== undefined)) return input;
    return this.#fill(filled, input);
  }

  async #fill(members: readonly Member[], input: Values): Promise<Values> {
    const result = { ...input };
    for (const { name, traits } of members) {
      if (result[name] !== undefined) continue;
      if (traits.idempotencyToken) {
        result[name] = globalThis.crypto.randomUUID();
        continue;
      }
      const project = this.#options.project ?? (await this.#session.project());
      result[name] = traits.session === "projectName" ? `projects/${project}` : project;
    }
    return result;
  }

  async resolve({ operation, input, options }: Call): Promise<Target> {
    this.#endpoint ??= await this.#findEndpoint(options.endpoint);
    const { origin, basePath, custom } = this.#endpoint;
    const scopes = this.#options.scopes ?? operation.traits.gcp?.scopes ?? this.#scopes;
    const audience = `${origin}/`;
    const credentials = this.#session.isAnonymous ? undefined : this.#session.credentials;
    return {
      origin,
      basePath,
      sign: async (request) => {
        if (credentials === undefined) return request;
        const token = await credentials
          .accessToken(scopes, options.signal, audience)
          .catch(unlessEmulated(custom));
        if (token !== undefined) request.headers.authorization = `Bearer ${token.token}`;
        return request;
      },
      ...(operation.traits.presign && {
        presign: (request: HttpRequest, presign: PresignOptions) =>
          presignStorage(this.#session, operation, input, request, presign),
      }),
      // A token may be revoked before it expires: one more try with a new one.
      onError: (error: CloudError, response: HttpResponse | undefined) => {
        if (credentials === undefined || response?.status !== 401 || error.kind !== "unauthenticated")
          return false;
        return credentials.renew(scopes, audience);
      },
    };
  }

  async #findEndpoint(endpoint: string | undefined): Promise<Endpoint> {
    const session = this.#session;
    const custom = customEndpoint(this.#service, endpoint, session.environment.env);
    if (custom !== undefined) return custom;
    const universe =
      session.universeDomain ??
      (session.isAnonymous ? DEFAULT_UNIVERSE : await session.credentials.universeDomain());
    return ownEndpoint(this.#service, universe);
  }

  async finish(call: Call, request: EncodedRequest): Promise<EncodedRequest> {
    if (call.presign) return request;
    const { headers } = request;
    headers["x-goog-api-client"] = CLIENT_HEADER;
    const { appId } = this.#options;
    headers["user-agent"] = appId === undefined ? CLIENT_HEADER : `${appId} ${CLIENT_HEADER}`;
    // Storage bills the project that the call itself names.
    if (call.input.userProject === undefined) {
      const quotaProject = await this.#session.quotaProject().catch(() => undefined);
      if (quotaProject !== undefined) headers["x-goog-user-project"] = quotaProject;
    }
    return request;
  }

  output(_call: Call, output: Values, response: HttpResponse): Values {
    return "media" in output ? validatedDownload(output, response) : output;
  }

  classify(_operation: OperationModel, error: DecodedError, response: HttpResponse) {
    return classify(error, response);
  }

  retryStrategy(options: RetryOptions | undefined): RetryStrategy {
    return exponentialRetry({
      maxAttempts: options?.maxAttempts ?? MAX_ATTEMPTS,
      baseDelayMs: FIRST_DELAY_MS,
      maxDelayMs: options?.maxDelayMs ?? MAX_DELAY_MS,
      jitter: "full",
    });
  }

  /** What reads may be repeated; what writes, where the model or a condition of the input makes it safe. */
  mayRepeat({ operation, input }: Call): boolean {
    const { traits, method } = operation;
    if (method === "GET" || traits.idempotent) return true;
    if (traits.gcp?.repeatIf?.some((path) => valueAt(input, path) !== undefined)) return true;
    // Compute ignores a request whose id it has seen.
    return filledMembers(operation)?.some(({ traits }) => traits.idempotencyToken) === true;
  }

  longRunning(operation: OperationModel): LongRunningDriver {
    const driver = longRunningDriver(operation);
    if (driver === undefined) throw new Error(`${operation.name} is not long-running`);
    return driver;
  }
}

/** An endpoint of the user's may be an emulator that asks for nothing: missing credentials are not an error there. */
function unlessEmulated(custom: boolean): (error: unknown) => undefined {
  return (error) => {
    if (custom && isCloudError(error) && error.code === "NoCredentials") return undefined;
    throw error;
  };
}

const filled = new WeakMap<OperationModel, readonly Member[] | null>();

/** Members that are filled in when the caller leaves them out. */
function filledMembers(operation: OperationModel): readonly Member[] | undefined {
  let members = filled.get(operation);
  if (members === undefined) {
    const found =
      operation.input?.members.filter(({ traits }) => traits.session || traits.idempotencyToken) ?? [];
    members = found.length === 0 ? null : found;
    filled.set(operation, members);
  }
  return members ?? undefined;
}

function valueAt(input: Values, path: string): unknown {
  let value: unknown = input;
  for (const name of path.split(".")) value = (value as Values | undefined | null)?.[name];
  return value;
}
