/** What the clients of AWS share: credentials, config and transport. `Session` adds what users ask of it. */
import { Chain } from "../auth/chain.js";
import type { AccessToken, AwsCredentials } from "../auth/credentials.js";
import { systemEnvironment } from "../auth/environment.js";
import { TokenCache } from "../auth/token-cache.js";
import { BaseSession } from "../client/session.js";
import { createDefaultTransport, deferredTransport } from "../http/default-transport.js";
import type { Transport } from "../http/message.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { Model } from "../model/model.js";
import { bearerTokenOf, ssoBearerToken, TOKEN_POLICY } from "./bearer-token.js";
import { Settings } from "./config/settings.js";
import type { CredentialContext } from "./credentials/context.js";
import { defaultChain } from "./credentials/default-chain.js";
import { CredentialProvider } from "./credentials/provider.js";
import type { AwsClientOptions, CredentialsOption, SessionOptions } from "./options.js";

/** All that `new S3()` needs: what only users call is not in its bundle. */
export class ClientSession extends BaseSession {
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

  /** @internal Trusts what the profile's `ca_bundle` names, once the profile is read. */
  protected override ownTransport(): Transport {
    return deferredTransport(async () => {
      const settings = await this.settings();
      return createDefaultTransport({ caFile: settings.get("caBundle") });
    });
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

  /** @internal The SSO session was renewed: what came from it is asked for again. */
  protected forgetCredentials(): void {
    this.#credentials?.invalidate();
    this.#token?.invalidate();
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
