/** ../shared/vectors/aws/config: the profile file grammar, where the files are, configured endpoint URLs. */
import { type Environment, emptyEnvironment } from "../../src/auth/environment.js";
import { type ProfileFile, parseProfileFile, type Section } from "../../src/aws/config/profile-file.js";
import { Settings } from "../../src/aws/config/settings.js";
import { fileLocations, SharedFiles } from "../../src/aws/config/shared-files.js";
import { type Case, equal, json, runSuite } from "./case.js";

const FOLDER = "../shared/vectors/aws/config";

export const suite = "aws/config";

export function run() {
  return runSuite({ suite, cases });
}

export function cases(): Case[] {
  return [...parserCases(), ...locationCases(), ...endpointCases()];
}

interface ParserTest {
  readonly name: string;
  readonly input: { readonly configFile?: string; readonly credentialsFile?: string };
  readonly output: {
    readonly errorContaining?: string;
    readonly config?: {
      readonly profiles: Record<string, Section>;
      readonly sso_sessions?: Record<string, Section>;
    };
  };
}

function parserCases(): Case[] {
  const { tests } = json(`${FOLDER}/profile-parser-tests.json`) as { tests: ParserTest[] };
  return tests.map(({ name, input, output }, index) => ({
    name: `profile-parser ${index}: ${name}`,
    run: () => {
      if (output.errorContaining !== undefined) {
        fails(() => parse(input), output.errorContaining);
        return;
      }
      const files = parse(input);
      const profiles = Object.fromEntries(
        files.profileNames.map((each) => [each, { ...files.profile(each) }]),
      );
      equal(profiles, output.config?.profiles);
      const sessions = Object.entries(files.config.ssoSessions).map(([each, section]) => [
        each,
        { ...section },
      ]);
      equal(Object.fromEntries(sessions), output.config?.sso_sessions ?? {});
    },
  }));
}

function parse(input: ParserTest["input"]): SharedFiles {
  const config = parseProfileFile(input.configFile ?? "", "config", "config");
  const credentials = parseProfileFile(input.credentialsFile ?? "", "credentials", "credentials");
  return new SharedFiles(config, credentials, { config: "config", credentials: "credentials" });
}

function fails(act: () => unknown, containing: string): void {
  try {
    act();
  } catch (error) {
    if (error instanceof Error && error.message.includes(containing)) return;
    throw error;
  }
  throw new Error(`did not fail with "${containing}"`);
}

interface LocationTest {
  readonly name: string;
  readonly environment: Record<string, string>;
  readonly platform: string;
  readonly profile?: string;
  readonly configLocation: string;
  readonly credentialsLocation: string;
}

function locationCases(): Case[] {
  const { tests } = json(`${FOLDER}/file-location-tests.json`) as { tests: LocationTest[] };
  return tests.map((test, index) => ({
    name: `file-location ${index}: ${test.name}`,
    run: () => {
      const environment: Environment = {
        ...emptyEnvironment(test.environment),
        platform: test.platform === "windows" ? "windows" : "posix",
      };
      equal(fileLocations(environment), {
        config: test.configLocation,
        credentials: test.credentialsLocation,
      });
      if (test.profile === undefined) return;
      const profiles = { [test.profile]: {} };
      const files = new SharedFiles({ ...NOTHING, profiles }, NOTHING, fileLocations(environment));
      equal(new Settings(environment, files).profileName, test.profile);
    },
  }));
}

const NOTHING: ProfileFile = { profiles: {}, ssoSessions: {}, services: {} };

interface EndpointSuite {
  readonly profiles: Record<string, Section>;
  readonly services: Record<string, Record<string, Section>>;
  readonly client_configs: Record<
    string,
    { endpoint_url?: string; ignore_configured_endpoint_urls?: boolean }
  >;
  readonly environments: Record<string, Record<string, string>>;
  readonly endpointUrlTests: readonly {
    readonly name: string;
    readonly profile: string;
    readonly client_config: string;
    readonly environment: string;
    readonly service: string;
    readonly output: { readonly endpointUrl: string };
  }[];
}

/** The endpoint that the rule set would give, when nothing is configured. */
const UNCONFIGURED = "https://s3.fake-region-10.amazonaws.com";

function endpointCases(): Case[] {
  const { testSuites } = json(`${FOLDER}/configured-endpoint-urls.json`) as { testSuites: EndpointSuite[] };
  return testSuites.flatMap((suite) =>
    suite.endpointUrlTests.map((test) => ({
      name: `endpoint-url: ${test.name}`,
      run: () => {
        const config = suite.client_configs[test.client_config] ?? {};
        const environment = emptyEnvironment(suite.environments[test.environment]);
        const settings = new Settings(environment, endpointFiles(suite), { profile: test.profile });
        const configured =
          config.ignore_configured_endpoint_urls === true ? undefined : settings.endpointUrl(test.service);
        equal(config.endpoint_url ?? configured ?? UNCONFIGURED, test.output.endpointUrl);
      },
    })),
  );
}

function endpointFiles(suite: EndpointSuite): SharedFiles {
  const services = Object.fromEntries(
    Object.entries(suite.services).map(([name, byService]) => [
      name,
      Object.fromEntries(
        Object.entries(byService).map(([service, section]) => [
          service,
          Object.entries(section)
            .map(([key, value]) => `\n${key} = ${value}`)
            .join(""),
        ]),
      ),
    ]),
  );
  const config = { profiles: suite.profiles, ssoSessions: {}, services };
  return new SharedFiles(config, NOTHING, { config: "config", credentials: "credentials" });
}
