/** A session on Google Cloud: credentials, project, and the defaults of its clients. */
import type { Source } from "../auth/credentials.js";
import { type Environment, systemEnvironment } from "../auth/environment.js";
import type { ClientOptions } from "../client/options.js";
import type { Client, ServiceClass } from "../client/service.js";
import { BaseSession } from "../client/session.js";
import { CloudError } from "../internal/cloud-error.js";
import type { CredentialsContext, CredentialsFile, GoogleCredentials } from "./credentials/credentials.js";
import { credentialsOf, readCredentialsFile } from "./credentials/file.js";
import { impersonated } from "./credentials/impersonated.js";
import { MetadataServer } from "./credentials/metadata-server.js";
import { applicationDefault, CredentialsProvider } from "./credentials/provider.js";
import { staticToken } from "./credentials/static.js";
import { gcloudProject } from "./gcloud-config.js";
import type { GcpClientOptions } from "./options.js";
import { type ResourceOf, resourceKey, type WithResource } from "./resource.js";
import { loadService } from "./services.js";

/** How a session authenticates when it does not use Application Default Credentials. */
export type CredentialsOption =
  /** Calls without credentials: public data, emulators that check nothing. */
  | "anonymous"
  /** Path of a credentials file. */
  | { readonly file: string }
  /** A credentials file's content. */
  | { readonly json: CredentialsFile }
  /** An access token that you renew yourself. */
  | { readonly accessToken: string }
  /** Anything that makes tokens. */
  | GoogleCredentials;

export interface SessionOptions extends ClientOptions {
  /** Default: GOOGLE_CLOUD_PROJECT, GCLOUD_PROJECT, the credentials' own, gcloud's, the metadata server's. */
  readonly project?: string | undefined;
  /** Default: Application Default Credentials. */
  readonly credentials?: CredentialsOption | undefined;
  /** Project that is billed for calls. Default: GOOGLE_CLOUD_QUOTA_PROJECT, the credentials' own. */
  readonly quotaProject?: string | undefined;
  /** Default: GOOGLE_CLOUD_UNIVERSE_DOMAIN, the credentials' own, `googleapis.com`. */
  readonly universeDomain?: string | undefined;
  /** What is read of the machine. Default: the process's environment and files. */
  readonly environment?: Environment | undefined;
}

/** Services by id. Declarations of each service add theirs. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by module augmentation
export interface GcpServices {}

export class Session extends BaseSession {
  readonly #options: SessionOptions;
  #environment: Environment | undefined;
  #credentials: CredentialsProvider | undefined;
  #project: Promise<string> | undefined;

  constructor(options: SessionOptions = {}) {
    const { project, credentials, quotaProject, universeDomain, environment, ...clientOptions } = options;
    super(clientOptions);
    this.#options = options;
  }

  /**
   * A client of a service: `session.client(Storage)`, or by name once its module is imported somewhere:
   * `session.client("storage")`. `options` win over the session's.
   */
  client<C>(service: ServiceClass<C, GcpClientOptions>, options?: GcpClientOptions): C;
  client<N extends keyof GcpServices>(service: N, options?: GcpClientOptions): GcpServices[N];
  client(service: string, options?: GcpClientOptions): Client;
  client(service: string | ServiceClass<unknown, GcpClientOptions>, options: GcpClientOptions = {}): unknown {
    const Service = typeof service === "string" ? loadService(service) : service;
    return new Service({ ...options, session: this });
  }

  /** The object layer of a service that has one: `gcp.resource(Storage).bucket("my-bucket")`. */
  resource<C extends WithResource<unknown>>(
    Service: ServiceClass<C, GcpClientOptions>,
    options?: GcpClientOptions,
  ): ResourceOf<C> {
    return this.client(Service, options)[resourceKey] as ResourceOf<C>;
  }

  /** A session that acts as another service account. */
  impersonate(
    target: string,
    options: { delegates?: readonly string[]; lifetimeSeconds?: number } = {},
  ): Session {
    const provider = this.credentials;
    const source = {
      accessToken: (scopes: readonly string[], signal?: AbortSignal) => provider.accessToken(scopes, signal),
      universeDomain: (signal?: AbortSignal) => provider.universeDomain(signal),
    };
    const credentials = impersonated(source, { target, ...options }, this.#context());
    return new Session({ ...this.#options, transport: this.transport(), credentials });
  }

  get credentials(): CredentialsProvider {
    this.#credentials ??= new CredentialsProvider(this.#sources(), this.environment.now);
    return this.#credentials;
  }

  /** @internal True when calls go out unsigned. */
  get isAnonymous(): boolean {
    return this.#options.credentials === "anonymous";
  }

  get environment(): Environment {
    this.#environment ??= this.#options.environment ?? systemEnvironment();
    return this.#environment;
  }

  /**
   * The project that calls work in. Found once.
   *
   * @throws CloudError `invalidInput`/`NoProject` when nothing names one.
   */
  project(signal?: AbortSignal): Promise<string> {
    this.#project ??= this.#findProject(signal).catch((error: unknown) => {
      this.#project = undefined;
      throw error;
    });
    return this.#project;
  }

  /** @internal */
  async quotaProject(): Promise<string | undefined> {
    const named = this.#options.quotaProject ?? this.environment.env.GOOGLE_CLOUD_QUOTA_PROJECT;
    if (named || this.isAnonymous) return named || undefined;
    return (await this.credentials.resolve()).quotaProject;
  }

  /** @internal Undefined: the credentials decide. */
  get universeDomain(): string | undefined {
    return this.#options.universeDomain ?? (this.environment.env.GOOGLE_CLOUD_UNIVERSE_DOMAIN || undefined);
  }

  async #findProject(signal: AbortSignal | undefined): Promise<string> {
    const { env } = this.environment;
    const named = this.#options.project ?? (env.GOOGLE_CLOUD_PROJECT || env.GCLOUD_PROJECT);
    if (named) return named;
    const found =
      (await this.#credentialsProject(signal)) ??
      (await gcloudProject(this.#context())) ??
      (await this.#metadataProject(signal));
    if (found) return found;
    throw new CloudError("Cannot find the project: give the session one, or set GOOGLE_CLOUD_PROJECT", {
      kind: "invalidInput",
      code: "NoProject",
    });
  }

  /** Credentials that are missing or broken say so when a call needs them, not when it needs a project. */
  async #credentialsProject(signal: AbortSignal | undefined): Promise<string | undefined> {
    if (this.isAnonymous) return undefined;
    try {
      return await (await this.credentials.resolve(signal)).project?.(signal);
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  }

  async #metadataProject(signal: AbortSignal | undefined): Promise<string | undefined> {
    const server = new MetadataServer(this.#context());
    try {
      await server.detect(signal);
      return await server.value("project/project-id", signal);
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  }

  #context(): CredentialsContext {
    return { environment: this.environment, transport: this.transport() };
  }

  #sources(): Source<GoogleCredentials>[] {
    const { credentials } = this.#options;
    const context = this.#context();
    if (credentials === undefined || credentials === "anonymous") return applicationDefault(context);
    if ("file" in credentials) {
      return [
        { name: "session's credentials file", provide: () => readCredentialsFile(credentials.file, context) },
      ];
    }
    const given =
      "json" in credentials
        ? credentialsOf(credentials.json, context)
        : typeof credentials.accessToken === "string"
          ? staticToken(credentials.accessToken)
          : (credentials as GoogleCredentials);
    return [{ name: "session", provide: async () => given }];
  }
}

let shared: Session | undefined;

/** The session of clients that are made without one. */
export function defaultSession(): Session {
  shared ??= new Session();
  return shared;
}
