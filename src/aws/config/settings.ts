/** One profile's settings: environment over file over default, each converted when first asked for. */
import type { Environment } from "../../auth/environment.js";
import { invalidInput } from "../../internal/cloud-error.js";
import { KEYS, type Key, type SettingName, type SettingValue } from "./keys.js";
import { type Section, subProperties } from "./profile-file.js";
import { SharedFiles } from "./shared-files.js";

export interface SettingsOptions {
  /** Default: AWS_DEFAULT_PROFILE, AWS_PROFILE, `default`. */
  readonly profile?: string | undefined;
  /** Values set in code, over environment and file. */
  readonly overrides?: SettingOverrides | undefined;
}

/** Every setting can be given in code under its name in the table of `keys.ts`. */
export type SettingOverrides = {
  readonly [N in Exclude<SettingName, "endpointUrl" | "services">]?: SettingValue<N> | undefined;
};

export class Settings {
  readonly environment: Environment;
  readonly files: SharedFiles;
  readonly profileName: string;
  /** The profile was named in code: it wins over keys in the environment. */
  readonly profileNamedInCode: boolean;
  readonly #section: Section;
  readonly #options: SettingsOptions;
  readonly #values = new Map<SettingName, unknown>();

  constructor(environment: Environment, files: SharedFiles, options: SettingsOptions = {}) {
    this.environment = environment;
    this.files = files;
    const named = options.profile ?? profileFromEnvironment(environment);
    this.profileName = named ?? "default";
    this.profileNamedInCode = options.profile !== undefined;
    const section = files.profile(this.profileName);
    if (section === undefined && named !== undefined && named !== "default") {
      const { config, credentials } = files.locations;
      throw invalidInput(`Cannot use profile "${named}": neither ${config} nor ${credentials} has it`, {
        code: "ProfileNotFound",
      });
    }
    this.#section = section ?? {};
    this.#options = options;
    for (const [key, value] of Object.entries(options.overrides ?? {})) {
      if (value !== undefined && key in KEYS) this.#values.set(key as SettingName, value);
    }
  }

  static async read(environment: Environment, options?: SettingsOptions): Promise<Settings> {
    return new Settings(environment, await SharedFiles.read(environment), options);
  }

  /** The same profile with other values set in code. */
  with(overrides: SettingOverrides): Settings {
    return new Settings(this.environment, this.files, { ...this.#options, overrides });
  }

  /** Properties of the profile, of both files. */
  get profile(): Section {
    return this.#section;
  }

  /** @throws CloudError `invalidInput`/`InvalidConfig` when the text is not what the setting takes. */
  get<N extends SettingName>(name: N): SettingValue<N> {
    if (!this.#values.has(name)) this.#values.set(name, this.#read(KEYS[name] as Key<unknown>));
    return this.#values.get(name) as SettingValue<N>;
  }

  /**
   * The endpoint configured for a service (its `serviceId`: `API Gateway`), the more specific first, the environment over the
   * file. https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
   */
  endpointUrl(serviceId: string): string | undefined {
    if (this.get("ignoreConfiguredEndpointUrls")) return undefined;
    const { env } = this.environment;
    const name = serviceId.replace(/[ -]/g, "_");
    const fromEnvironment = env[`AWS_ENDPOINT_URL_${name.toUpperCase()}`] || env.AWS_ENDPOINT_URL;
    return fromEnvironment || this.#endpointUrlOfService(name.toLowerCase()) || this.get("endpointUrl");
  }

  #endpointUrlOfService(name: string): string | undefined {
    const services = this.get("services");
    if (services === undefined) return undefined;
    const section = this.files.services(services);
    if (section === undefined) {
      throw invalidInput(
        `Cannot find [services ${services}], which profile "${this.profileName}" refers to, in ${this.files.locations.config}`,
        { code: "InvalidConfig" },
      );
    }
    return subProperties(section[name] ?? "").endpoint_url;
  }

  #read(key: Key<unknown>): unknown {
    for (const name of key.env) {
      const value = this.environment.env[name];
      if (value !== undefined && value !== "") return key.convert(value, name);
    }
    for (const name of key.file) {
      const value = this.#property(name);
      if (value !== undefined && value !== "") {
        return key.convert(value, `${name} of profile "${this.profileName}"`);
      }
    }
    return key.fallback;
  }

  #property(name: string): string | undefined {
    const dot = name.indexOf(".");
    if (dot < 0) return this.#section[name];
    const value = this.#section[name.slice(0, dot)];
    return value === undefined ? undefined : subProperties(value)[name.slice(dot + 1)];
  }
}

/** botocore's order. */
function profileFromEnvironment({ env }: Environment): string | undefined {
  return env.AWS_DEFAULT_PROFILE || env.AWS_PROFILE || undefined;
}
