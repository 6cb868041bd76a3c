/** Credentials, config and transport of Azure, shared by the clients made from it. */
import type { AccessToken } from "../auth/credentials.js";
import { type Environment, systemEnvironment } from "../auth/environment.js";
import type { Client, ServiceClass } from "../client/service.js";
import { BaseSession } from "../client/session.js";
import type { TokenSource } from "./credentials/context.js";
import { chainOf, defaultChain } from "./credentials/default-chain.js";
import { CredentialProvider } from "./credentials/provider.js";
import type { AzureClientOptions, CredentialOption, SessionOptions, TokenCredential } from "./options.js";
import { type ResourceOf, resourceKey, type WithResource } from "./resource.js";
import { loadService } from "./services.js";

/** Services by id, with their clients' types. Each `trivet/azure/<id>` adds its own once it is imported anywhere. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by module augmentation.
export interface AzureServices {}

export class Session extends BaseSession {
  readonly #options: SessionOptions;
  readonly #environment: Environment;
  #credentials: CredentialProvider | undefined;

  /** Reads nothing: files, environment and network are asked when a call first needs them. */
  constructor(options: SessionOptions = {}) {
    super(options);
    this.#options = options;
    this.#environment = options.environment ?? systemEnvironment();
  }

  /** @internal */
  override clientDefaults(): AzureClientOptions {
    const { tenantId, authorityHost, environment, ...defaults } = this.#options;
    return defaults;
  }

  /** @internal */
  get environment(): Environment {
    return this.#environment;
  }

  /** Host of the authority that issues tokens; undefined for the public cloud's. */
  get authorityHost(): string | undefined {
    return this.#options.authorityHost ?? this.#environment.env.AZURE_AUTHORITY_HOST;
  }

  /** The subscription that clients work in unless they name another. */
  get subscriptionId(): string | undefined {
    return this.#options.subscriptionId ?? this.#environment.env.AZURE_SUBSCRIPTION_ID;
  }

  /** The credentials of this session: `get()`, `explain()`, `invalidate()`. */
  get credentials(): CredentialProvider {
    const { credential } = this.#options;
    this.#credentials ??= this.#provider(credential === "anonymous" ? undefined : credential);
    return this.#credentials;
  }

  /** @internal Those of a client that brings its own, else the session's. Undefined: requests are not signed. */
  credentialsFor(option: CredentialOption | undefined): CredentialProvider | undefined {
    if (option === "anonymous") return undefined;
    return option === undefined || option === this.#options.credential
      ? this.credentials
      : this.#provider(option);
  }

  #provider(option: Exclude<CredentialOption, "anonymous"> | undefined): CredentialProvider {
    const { tenantId } = this.#options;
    return new CredentialProvider(
      () => (option === undefined ? defaultChain(this.#environment) : chainOf([sourceOf(option)])),
      (scopes) => ({
        scopes,
        environment: this.#environment,
        transport: this.transport(),
        authorityHost: this.authorityHost,
        tenantId,
        ...(option !== undefined && { alone: true }),
      }),
      () => this.#environment.now(),
    );
  }

  /**
   * A client of a service: `session.client(Blob, { account })`, or by name once its module is imported somewhere:
   * `session.client("blob")`. `options` win over the session's.
   */
  client<C>(service: ServiceClass<C, AzureClientOptions>, options?: AzureClientOptions): C;
  client<N extends keyof AzureServices>(service: N, options?: AzureClientOptions): AzureServices[N];
  client(service: string, options?: AzureClientOptions): Client;
  client(
    service: string | ServiceClass<unknown, AzureClientOptions>,
    options: AzureClientOptions = {},
  ): unknown {
    const Service = typeof service === "string" ? loadService(service) : service;
    return new Service({ ...options, session: this });
  }

  /** The object layer of a service that has one: `azure.resource(Blob, { account }).container("c")`. */
  resource<C extends WithResource<unknown>>(
    service: ServiceClass<C, AzureClientOptions>,
    options?: AzureClientOptions,
  ): ResourceOf<C> {
    return this.client(service, options)[resourceKey] as ResourceOf<C>;
  }
}

function sourceOf(option: TokenSource | TokenCredential): TokenSource {
  if ("provide" in option) return option;
  return {
    name: "explicit",
    async provide({ scopes, claims }, signal) {
      const answer = await option.getToken([...scopes], { abortSignal: signal, claims });
      if (answer === null) return undefined;
      return "expiresOnTimestamp" in answer ? plain(answer) : answer;
    },
  };
}

function plain(answer: { token: string; expiresOnTimestamp: number }): AccessToken {
  return { token: answer.token, expiresAt: new Date(answer.expiresOnTimestamp) };
}
