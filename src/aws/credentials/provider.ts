/** `session.credentials`: the chain's answer, kept and renewed. */
import type { Chain } from "../../auth/chain.js";
import { type AwsCredentials, type Explanation, hideSecrets } from "../../auth/credentials.js";
import { ADVISORY_REFRESH_MS, MANDATORY_REFRESH_MS, TokenCache } from "../../auth/token-cache.js";
import type { CredentialContext } from "./context.js";

export class CredentialProvider {
  readonly #chain: Chain<AwsCredentials, CredentialContext>;
  readonly #context: () => Promise<CredentialContext>;
  readonly #cache: TokenCache<AwsCredentials>;

  constructor(
    chain: Chain<AwsCredentials, CredentialContext>,
    context: () => Promise<CredentialContext>,
    now: () => number,
  ) {
    this.#chain = chain;
    this.#context = context;
    const policy = {
      expiresAt: (credentials: AwsCredentials) => credentials.expiration,
      advisoryMs: ADVISORY_REFRESH_MS,
      mandatoryMs: MANDATORY_REFRESH_MS,
    };
    const load = async () => hideSecrets(await this.#chain.provide(await this.#context()));
    this.#cache = new TokenCache(load, policy, now);
  }

  /**
   * Credentials that are valid now: kept in memory, renewed before they expire, one renewal at a time.
   *
   * @throws CloudError `unauthenticated`/`NoCredentials` listing what each source answered.
   */
  get(signal?: AbortSignal): Promise<AwsCredentials> | AwsCredentials {
    return this.#cache.get(signal);
  }

  /** Forgets the credentials: the next call asks their source again. */
  invalidate(): void {
    this.#cache.invalidate();
  }

  /** What each source answered, in order. Holds no secret. Asks them if none was asked yet. */
  async explain(signal?: AbortSignal): Promise<readonly Explanation[]> {
    return this.#chain.explain(await this.#context(), signal);
  }

  toJSON(): string {
    return "CredentialProvider";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "CredentialProvider {}";
  }
}
