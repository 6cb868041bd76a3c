/** What a client knows once its session's files and variables were read. One a client, read once, when a call needs it. */

import { invalidInput } from "../internal/cloud-error.js";
import type { Model } from "../model/model.js";
import type { ClientSession } from "./client-session.js";
import { plainRegion } from "./config/plain-region.js";
import type { SettingOverrides, Settings } from "./config/settings.js";
import type { CredentialProvider } from "./credentials/provider.js";
import type { AwsClientOptions } from "./options.js";

export interface ClientState {
  readonly settings: Settings;
  /** Undefined where none is configured: only endpoints that need none can be reached. */
  readonly region: string | undefined;
  /** Undefined: requests are not signed. */
  readonly credentials: CredentialProvider | undefined;
  /** Given in code or configured for the service. */
  readonly endpoint: string | undefined;
  /** Of a `defaults_mode`, where code says nothing else. */
  readonly connectTimeoutMs: number | undefined;
}

export async function readClientState(
  session: ClientSession,
  model: Model,
  options: AwsClientOptions,
): Promise<ClientState> {
  const shared = await session.settings();
  let settings = shared.with(options as SettingOverrides);
  const named = options.region ?? settings.get("region") ?? (await session.region());
  const { region, fips } = plainRegion(named);
  if (fips) settings = shared.with({ ...options, useFipsEndpoint: true } as SettingOverrides);
  const mode = settings.get("defaultsMode");
  return {
    settings,
    region,
    credentials: session.credentialsFor(options.credentials),
    endpoint: options.endpoint ?? settings.endpointUrl(model.service.aws?.serviceId ?? model.service.id),
    connectTimeoutMs:
      mode === "legacy"
        ? undefined
        : await (await import("./defaults-mode.js")).connectTimeoutOf(mode, region, () =>
            session.credentialContext(),
          ),
  };
}

/** The region, for what cannot do without. */
export function regionOf({ region }: Pick<ClientState, "region">): string {
  if (region !== undefined) return region;
  throw invalidInput(
    "Cannot call AWS: no region; give the session one, or set AWS_REGION or region in the profile",
    {
      code: "NoRegion",
    },
  );
}
