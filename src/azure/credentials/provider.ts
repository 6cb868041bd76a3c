/** `session.credentials`: tokens by scope, kept and renewed. */
import type { Chain } from "../../auth/chain.js";
import { type AccessToken, type Explanation, hideSecrets } from "../../auth/credentials.js";
import { KeyedTokenCache } from "../../auth/token-cache.js";
import type { TokenContext } from "./context.js";

/** Entra's tokens live an hour or more: renewed from five minutes before they end, as the official clients do. */
const ADVISORY_MS = 5 * 60_000;
const MANDATORY_MS = 2 * 60_000;
const DEFAULT_SCOPES = ["https://management.azure.com/.default"];

export class CredentialProvider {
  readonly #chain: () => Chain<AccessToken, TokenContext>;
  readonly #context: (scopes: readonly string[]) => TokenContext;
  readonly #cache: KeyedTokenCache<AccessToken>;
  #made: Chain<AccessToken, TokenContext> | undefined;

  constructor(
    chain: () => Chain<AccessToken, TokenContext>,
    context: (scopes: readonly string[]) => TokenContext,
    now: () => number,
  ) {
    this.#chain = chain;
    this.#context = context;
    const policy = {
      expiresAt: ({ expiresAt }: AccessToken) => expiresAt,
      refreshAt: ({ refreshAt }: AccessToken) => refreshAt,
      advisoryMs: ADVISORY_MS,
      mandatoryMs: MANDATORY_MS,
    };
    this.#cache = new KeyedTokenCache(policy, 100, now);
  }

  /**
   * A token for these scopes that is valid now.
   *
   * @throws CloudError `unauthenticated`/`NoCredentials` listing what each source answered.
   */
  get(
    scopes: readonly string[] = DEFAULT_SCOPES,
    signal?: AbortSignal,
    claims?: string,
  ): Promise<AccessToken> | AccessToken {
    const key = claims === undefined ? scopes.join(" ") : `${scopes.join(" ")} ${claims}`;
    return this.#cache.get(key, () => this.#load(scopes, claims), signal);
  }

  /** Forgets the token of these scopes: the next call asks its source again. */
  invalidate(scopes: readonly string[] = DEFAULT_SCOPES): void {
    this.#cache.invalidate(scopes.join(" "));
  }

  /** What each source answered, in order. Holds no secret. Asks them if none was asked yet. */
  async explain(
    scopes: readonly string[] = DEFAULT_SCOPES,
    signal?: AbortSignal,
  ): Promise<readonly Explanation[]> {
    return this.#sources().explain(this.#context(scopes), signal);
  }

  async #load(scopes: readonly string[], claims: string | undefined): Promise<AccessToken> {
    return hideSecrets(await this.#sources().provide({ ...this.#context(scopes), claims }));
  }

  #sources(): Chain<AccessToken, TokenContext> {
    this.#made ??= this.#chain();
    return this.#made;
  }

  toJSON(): string {
    return "CredentialProvider";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "CredentialProvider {}";
  }
}
