/** Where the two profile files are, and what they say together. */
import type { Environment } from "../../auth/environment.js";
import { type ProfileFile, parseProfileFile, type Section } from "./profile-file.js";

export interface FileLocations {
  readonly config: string;
  readonly credentials: string;
}

/** `AWS_CONFIG_FILE`, `AWS_SHARED_CREDENTIALS_FILE`, or `config` and `credentials` in `~/.aws`. */
export function fileLocations(environment: Environment): FileLocations {
  const { env } = environment;
  return {
    config: expandHome(environment, env.AWS_CONFIG_FILE) ?? awsFolder(environment, "config"),
    credentials:
      expandHome(environment, env.AWS_SHARED_CREDENTIALS_FILE) ?? awsFolder(environment, "credentials"),
  };
}

/** A path in `~/.aws`: `awsFolder(environment, "sso", "cache")`. */
export function awsFolder(environment: Environment, ...parts: string[]): string {
  const separator = environment.platform === "windows" ? "\\" : "/";
  return [homeFolder(environment), ".aws", ...parts].join(separator);
}

function homeFolder({ env, platform, homedir }: Environment): string {
  if (env.HOME) return env.HOME;
  if (platform === "windows") {
    if (env.USERPROFILE) return env.USERPROFILE;
    if (env.HOMEDRIVE && env.HOMEPATH) return env.HOMEDRIVE + env.HOMEPATH;
  }
  return homedir() ?? "";
}

function expandHome(environment: Environment, path: string | undefined): string | undefined {
  if (path === undefined || path === "") return undefined;
  return /^~(?=[/\\]|$)/.test(path) ? homeFolder(environment) + path.slice(1) : path;
}

const NOTHING: ProfileFile = { profiles: {}, ssoSessions: {}, services: {} };

export class SharedFiles {
  readonly config: ProfileFile;
  readonly credentials: ProfileFile;
  readonly locations: FileLocations;

  constructor(config: ProfileFile, credentials: ProfileFile, locations: FileLocations) {
    this.config = config;
    this.credentials = credentials;
    this.locations = locations;
  }

  /** A file that is absent is an empty one. */
  static async read(environment: Environment): Promise<SharedFiles> {
    const locations = fileLocations(environment);
    const [config, credentials] = await Promise.all([
      environment.readFile(locations.config),
      environment.readFile(locations.credentials),
    ]);
    return new SharedFiles(
      config === undefined ? NOTHING : parseProfileFile(config, "config", locations.config),
      credentials === undefined
        ? NOTHING
        : parseProfileFile(credentials, "credentials", locations.credentials),
      locations,
    );
  }

  get profileNames(): string[] {
    return [...new Set([...Object.keys(this.config.profiles), ...Object.keys(this.credentials.profiles)])];
  }

  /** Both files' properties of a profile, the credentials file's over the config file's; undefined when neither has it. */
  profile(name: string): Section | undefined {
    const config = own(this.config.profiles, name);
    const credentials = own(this.credentials.profiles, name);
    if (config === undefined || credentials === undefined) return config ?? credentials;
    return { ...config, ...credentials };
  }

  ssoSession(name: string): Section | undefined {
    return own(this.config.ssoSessions, name);
  }

  services(name: string): Section | undefined {
    return own(this.config.services, name);
  }
}

function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
