/** Credentials of the three clouds, and the one shape of a thing that provides them. */

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
  readonly accountId?: string | undefined;
  /** Scope of the credentials, where a source says it. */
  readonly source?: string | undefined;
}

/** A bearer token for one set of scopes or one audience. */
export interface AccessToken {
  readonly token: string;
  readonly expiresAt?: Date | undefined;
  /** Renew from then on, before it expires. */
  readonly refreshAt?: Date | undefined;
}

const SECRETS: readonly string[] = ["secretAccessKey", "sessionToken", "token"] satisfies (
  | keyof AwsCredentials
  | keyof AccessToken
)[];

/** A copy of credentials or of a token that a log shows without its secrets; to code its members are as they were. */
export function hideSecrets<T extends AwsCredentials | AccessToken>(value: T): T {
  const shown = () =>
    Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, SECRETS.includes(name) ? "(hidden)" : each]),
    );
  return Object.defineProperty({ ...value }, Symbol.for("nodejs.util.inspect.custom"), { value: shown });
}

/**
 * One source of a chain. `provide` answers credentials, or undefined when the source is not configured here (the chain goes
 * on), or throws when it is configured and fails (the chain stops and reports).
 */
export interface Source<T, C = undefined> {
  /** As users know it: `environment`, `profile "staging"`, `managed identity`. */
  readonly name: string;
  provide(context: C, signal?: AbortSignal): Promise<T | undefined>;
}

/** What each source of a chain answered. No secrets. */
export interface Explanation {
  readonly source: string;
  readonly outcome: "answered" | "skipped" | "failed" | "not reached";
  /** Why it was skipped or failed, or what kind of credentials it gave. */
  readonly detail: string;
}
