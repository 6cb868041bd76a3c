/** Credentials, config and transport of AWS, shared by the clients made from it. */
import { Chain } from "../auth/chain.js";
import type { AccessToken, AwsCredentials } from "../auth/credentials.js";
import { systemEnvironment } from "../auth/environment.js";
import { TokenCache } from "../auth/token-cache.js";
import type { Client, ServiceClass } from "../client/service.js";
import { BaseSession } from "../client/session.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { Model } from "../model/model.js";
import { bearerTokenOf, ssoBearerToken, TOKEN_POLICY } from "./bearer-token.js";
import { Settings } from "./config/settings.js";
import { SharedFiles } from "./config/shared-files.js";
import type { AssumeRoleInput } from "./credentials/assumed-role.js";
import { type CredentialContext, misconfigured } from "./credentials/context.js";
import { defaultChain } from "./credentials/default-chain.js";
import { planSso } from "./credentials/profile-plan.js";
import { CredentialProvider } from "./credentials/provider.js";
import type { DeviceAuthorization } from "./credentials/sso-token.js";
import type { AwsClientOptions, CredentialsOption, SessionOptions } from "./options.js";
import { partitionNames, serviceIds, serviceRegions } from "./regions.js";
import { type Resource, serviceResource } from "./resource/resource.js";
import { loadService } from "./services.js";

/** Services by id, with their clients' types. Each `trivet/aws/<id>` adds its own once it is imported anywhere. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by module augmentation.
export interface AwsServices {}

/** A service class that declares the type of its object layer. */
export type ResourceService<R> = ServiceClass<Client, AwsClientOptions> & { readonly "~resource"?: R };

export class Session extends BaseSession {
  readonly #options: SessionOptions;
  #settings: Promise<Settings> | undefined;
  #credentials: CredentialProvider | undefined;
  #token: TokenCache<AccessToken> | undefined;

  /** Reads nothing: files, environment and network are asked when a call first needs them. */
  constructor(options: SessionOptions = {}) {
    super(options);
    this.#options = options;
  }

  /** @internal */
  override clientDefaults(): AwsClientOptions {
    const { profile, mfaCode, regionFromInstance, environment, ...defaults } = this.#options;
    return defaults;
  }

  /** @internal The profile's settings, with the session's options over them. */
  settings(): Promise<Settings> {
    this.#settings ??= readSettings(this.#options);
    return this.#settings;
  }

  /** The credentials of this session: `get()`, `explain()`, `invalidate()`. */
  get credentials(): CredentialProvider {
    this.#credentials ??= this.#provider(this.#options.credentials);
    return this.#credentials;
  }

  /** @internal Those of a client that brings its own, else the session's. Undefined: requests are not signed. */
  credentialsFor(option: CredentialsOption | undefined): CredentialProvider | undefined {
    if (option === "anonymous") return undefined;
    return option === undefined || option === this.#options.credentials
      ? this.credentials
      : this.#provider(option);
  }

  #provider(option: CredentialsOption | undefined): CredentialProvider {
    return new CredentialProvider(
      option === undefined ? defaultChain() : explicitChain(option),
      () => this.credentialContext(),
      () => this.now(),
    );
  }

  /** @internal ms since 1970. */
  now(): number {
    return (this.#options.environment ?? Date).now();
  }

  /** @internal A token for services that take one in place of a signature. */
  async bearerToken(model: Model): Promise<string> {
    const fromEnvironment = bearerTokenOf(model, await this.settings());
    if (fromEnvironment !== undefined) return fromEnvironment;
    this.#token ??= new TokenCache(
      async () => ssoBearerToken(await this.credentialContext()),
      TOKEN_POLICY,
      () => this.now(),
    );
    return (await this.#token.get()).token;
  }

  /** @internal */
  async credentialContext(): Promise<CredentialContext> {
    const settings = await this.settings();
    const { mfaCode } = this.#options;
    return { settings, transport: this.transport(), region: settings.get("region"), mfaCode };
  }

  /** The region that clients use unless they name another; undefined where none is configured. */
  async region(): Promise<string | undefined> {
    const settings = await this.settings();
    const region = settings.get("region");
    if (region !== undefined || this.#options.regionFromInstance !== true) return region;
    const { imdsRegion } = await import("./credentials/imds.js");
    return imdsRegion(await this.credentialContext());
  }

  /**
   * A client of a service: `session.client(S3)`, or by name once its module is imported somewhere: `session.client("s3")`.
   * `options` win over the session's.
   */
  client<C>(service: ServiceClass<C, AwsClientOptions>, options?: AwsClientOptions): C;
  client<N extends keyof AwsServices>(service: N, options?: AwsClientOptions): AwsServices[N];
  client(service: string, options?: AwsClientOptions): Client;
  client(service: string | ServiceClass<unknown, AwsClientOptions>, options: AwsClientOptions = {}): unknown {
    const Service = typeof service === "string" ? loadService(service) : service;
    return new Service({ ...options, session: this });
  }

  /**
   * A service's object layer: `session.resource(EC2).instances.all()`. Of the nine services that boto3 has one for: cloudformation,
   * cloudwatch, dynamodb, ec2, glacier, iam, s3, sns, sqs.
   */
  resource<R>(service: ResourceService<R>, options?: AwsClientOptions): R;
  resource(service: string, options?: AwsClientOptions): Resource;
  resource<R>(service: string | ResourceService<R>, options: AwsClientOptions = {}): unknown {
    const Service = typeof service === "string" ? loadService(service) : service;
    return serviceResource(new Service({ ...options, session: this }) as Client);
  }

  /** A session that acts as a role, its credentials renewed as long as this session's can assume it. */
  assumeRole(input: AssumeRoleInput): Session {
    const { profile, ...rest } = this.#options;
    return new Session({
      ...rest,
      ...(profile !== undefined && { profile }),
      transport: this.transport(),
      credentials: async () => {
        const { assumedRole } = await import("./credentials/assumed-role.js");
        return assumedRole(await this.credentialContext(), await this.credentials.get(), input);
      },
    });
  }

  /**
   * Logs in to the profile's SSO session in the user's browser, on this or another device, and caches the token as
   * `aws sso login` does. `show` is told the page to open and the code that stands on it.
   */
  async ssoLogin(
    show: (authorization: DeviceAuthorization) => void | Promise<void>,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const context = await this.credentialContext();
    const { files, profileName } = context.settings;
    const plan = planSso(files, profileName);
    if (plan === undefined) throw misconfigured(`Cannot log in: profile "${profileName}" has no sso_session`);
    const { ssoDeviceLogin } = await import("./credentials/sso-token.js");
    await ssoDeviceLogin(context, plan, show, options.signal);
    this.#credentials?.invalidate();
    this.#token?.invalidate();
  }

  /** Ids of all services: what `client(id)` takes and what follows `trivet/aws/`. */
  async services(): Promise<string[]> {
    return serviceIds();
  }

  /** Regions in which a service is, of one partition; `aws` when none is named. A service that is global has none. */
  async regions(service: string, partition = "aws"): Promise<string[]> {
    return serviceRegions(service, partition);
  }

  /** `aws`, `aws-cn`, `aws-us-gov`... */
  async partitions(): Promise<string[]> {
    return partitionNames();
  }

  /** Names of the profiles of both files. */
  async profiles(): Promise<string[]> {
    const files = await SharedFiles.read(this.#options.environment ?? systemEnvironment());
    return files.profileNames;
  }
}

async function readSettings(options: SessionOptions): Promise<Settings> {
  const { profile, environment = systemEnvironment() } = options;
  return Settings.read(environment, { profile, overrides: options });
}

function explicitChain(
  option: Exclude<CredentialsOption, "anonymous"> | "anonymous",
): Chain<AwsCredentials, CredentialContext> {
  return new Chain<AwsCredentials, CredentialContext>([
    {
      name: "explicit",
      async provide() {
        if (option === "anonymous") throw invalidInput("Cannot give credentials: the session is anonymous");
        const credentials = typeof option === "function" ? await option() : option;
        return { source: "explicit", ...credentials };
      },
    },
  ]);
}
