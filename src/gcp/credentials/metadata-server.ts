/**
 * The metadata server of Compute Engine, Cloud Run, GKE and the like: the machine's service account.
 * https://cloud.google.com/compute/docs/metadata/overview
 */

import { SourceUnavailable } from "../../auth/chain.js";
import type { AccessToken } from "../../auth/credentials.js";
import type { BlobSigner } from "../../auth/gcs-v4.js";
import { expiryOf } from "./authorized-user.js";
import { type CredentialsContext, DEFAULT_UNIVERSE, type GoogleCredentials } from "./credentials.js";
import { iamSigner } from "./impersonated.js";
import { send, sendForJson, type TokenAnswer, tokenOf } from "./token-request.js";

const HOST = "metadata.google.internal";
/** Asked for detection: a name would first have to fail to resolve. */
const ADDRESS = "169.254.169.254";
const FLAVOR = { "metadata-flavor": "Google" };
const PING_TIMEOUT_MS = 1_000;
const WHAT = "The metadata server";

export class MetadataServer {
  readonly #context: CredentialsContext;
  readonly #root: string;
  readonly #probe: string;

  constructor(context: CredentialsContext) {
    const { env } = context.environment;
    const host = env.GCE_METADATA_HOST || env.GCE_METADATA_ROOT;
    this.#context = context;
    this.#root = rootOf(host || HOST);
    this.#probe = rootOf(host || env.GCE_METADATA_IP || ADDRESS);
  }

  /**
   * Whether there is one. A host that the environment names must answer; otherwise a short question to the well-known
   * address decides, and outside Google's cloud that is the end of it.
   *
   * @throws SourceUnavailable with the reason when there is none.
   */
  async detect(signal?: AbortSignal): Promise<void> {
    const { env } = this.#context.environment;
    const detection = env.METADATA_SERVER_DETECTION ?? "";
    if (env.NO_GCE_CHECK === "true") throw new SourceUnavailable("turned off by NO_GCE_CHECK");
    if (detection === "none") throw new SourceUnavailable("turned off by METADATA_SERVER_DETECTION");
    if (detection === "assume-present") return;
    if (detection !== "ping-only" && (await this.#isGoogleHardware())) return;
    if (detection === "bios-only") throw new SourceUnavailable("this machine is not Google's");
    const named = Boolean(env.GCE_METADATA_HOST);
    const timeoutMs = Number(env.GCE_METADATA_TIMEOUT) * 1000 || PING_TIMEOUT_MS;
    let answer: TokenAnswer;
    try {
      answer = await send(
        this.#context,
        { url: `${this.#probe}/`, headers: FLAVOR, timeoutMs, attempts: 1 },
        signal,
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (named) throw error;
      throw new SourceUnavailable(`no answer from ${this.#probe} within ${timeoutMs} ms`);
    }
    if (answer.headers["metadata-flavor"] === "Google") return;
    throw new SourceUnavailable(`${this.#probe} is not a metadata server`);
  }

  /** The value at a path under `computeMetadata/v1/`; undefined when there is none. */
  async value(path: string, signal?: AbortSignal): Promise<string | undefined> {
    const answer = await send(
      this.#context,
      { url: `${this.#root}/computeMetadata/v1/${path}`, headers: FLAVOR },
      signal,
    );
    if (answer.status === 404) return undefined;
    // A captive portal answers too, but not like this.
    if (answer.status !== 200 || answer.headers["metadata-flavor"] !== "Google") {
      throw new Error(`${WHAT} answered status ${answer.status} for ${path}`);
    }
    return answer.text.trim();
  }

  async accessToken(scopes: readonly string[], signal?: AbortSignal): Promise<AccessToken> {
    const query = scopes.length === 0 ? "" : `?scopes=${encodeURIComponent(scopes.join(","))}`;
    const url = `${this.#root}/computeMetadata/v1/instance/service-accounts/default/token${query}`;
    return tokenOf(
      await sendForJson(this.#context, { url, headers: FLAVOR }, WHAT, signal),
      this.#context,
      WHAT,
    );
  }

  async #isGoogleHardware(): Promise<boolean> {
    if (this.#context.environment.platform !== "posix") return false;
    const product = await this.#context.environment
      .readFile("/sys/class/dmi/id/product_name")
      .catch(() => undefined);
    return product?.startsWith("Google") === true;
  }
}

export function metadataCredentials(context: CredentialsContext): GoogleCredentials {
  const server = new MetadataServer(context);
  const email = async (signal?: AbortSignal) => {
    const value = await server.value("instance/service-accounts/default/email", signal);
    if (value === undefined)
      throw new Error(`${WHAT} has no service account: none is attached to this machine`);
    return value;
  };
  return {
    description: "service account of this machine",
    accessToken: (scopes, signal) => server.accessToken(scopes, signal),
    async idToken(audience, signal): Promise<AccessToken> {
      const query = `audience=${encodeURIComponent(audience)}&format=full`;
      const token = await server.value(`instance/service-accounts/default/identity?${query}`, signal);
      if (token === undefined) throw new Error(`${WHAT} gives no ID token`);
      return { token, expiresAt: expiryOf(token) };
    },
    async signer(signal): Promise<BlobSigner> {
      return iamSigner(
        await email(signal),
        (scopes, inner) => server.accessToken(scopes, inner),
        context,
        DEFAULT_UNIVERSE,
      );
    },
    project: (signal) => server.value("project/project-id", signal),
    universeDomain: async (signal) =>
      (await server.value("universe/universe-domain", signal)) || DEFAULT_UNIVERSE,
  };
}

function rootOf(host: string): string {
  return host.startsWith("http://") || host.startsWith("https://")
    ? host.replace(/\/$/, "")
    : `http://${host}`;
}
