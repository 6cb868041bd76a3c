import assert from "node:assert/strict";
import { test } from "node:test";
import { type Environment, emptyEnvironment } from "../../auth/environment.js";
import { KEYS } from "./keys.js";
import { Settings, type SettingsOptions } from "./settings.js";

function read(
  config: string,
  env: Record<string, string> = {},
  options?: SettingsOptions,
): Promise<Settings> {
  const environment: Environment = {
    ...emptyEnvironment({ HOME: "/home", ...env }),
    readFile: async (path) => (path === "/home/.aws/config" ? config : undefined),
  };
  return Settings.read(environment, options);
}

test("code over environment over profile over default", async () => {
  const config = "[default]\nretry_mode = legacy\nmax_attempts = 7\nregion = eu-west-1\n";
  const settings = await read(config, { AWS_MAX_ATTEMPTS: "8" }, { overrides: { region: "us-east-1" } });
  assert.equal(settings.get("retryMode"), "legacy");
  assert.equal(settings.get("maxAttempts"), 8);
  assert.equal(settings.get("region"), "us-east-1");
  assert.equal(settings.get("requestChecksumCalculation"), "when_supported");
});

test("the region: AWS_REGION before AWS_DEFAULT_REGION before the profile", async () => {
  const config = "[default]\nregion = a-1\n";
  const both = { AWS_REGION: "r-1", AWS_DEFAULT_REGION: "d-1" };
  assert.equal((await read(config, both)).get("region"), "r-1");
  assert.equal((await read(config, { AWS_DEFAULT_REGION: "d-1" })).get("region"), "d-1");
  assert.equal((await read(config)).get("region"), "a-1");
  assert.equal((await read("")).get("region"), undefined);
});

test("settings of a section of the profile", async () => {
  const settings = await read(
    "[profile p]\ns3 =\n  addressing_style = path\n  use_accelerate_endpoint = true\n",
    {
      AWS_PROFILE: "p",
    },
  );
  assert.equal(settings.get("s3AddressingStyle"), "path");
  assert.equal(settings.get("s3UseAccelerateEndpoint"), true);
});

test("a value of the wrong form is refused when it is asked for, by name", async () => {
  const settings = await read("[default]\nuse_fips_endpoint = maybe\n", { AWS_MAX_ATTEMPTS: "many" });
  assert.throws(
    () => settings.get("useFipsEndpoint"),
    /use_fips_endpoint of profile "default": it must be true or false/,
  );
  assert.throws(() => settings.get("maxAttempts"), /AWS_MAX_ATTEMPTS: it must be a whole number/);
});

test("an empty variable is one that is not set", async () => {
  assert.equal((await read("[default]\nregion = a-1\n", { AWS_REGION: "" })).get("region"), "a-1");
});

test("[services] that a profile refers to must be there", async () => {
  const settings = await read("[default]\nservices = mine\n");
  assert.throws(() => settings.endpointUrl("S3"), /\[services mine\]/);
});

test("no two settings share a variable or a name in the file", () => {
  const names = Object.values(KEYS).flatMap(({ env, file }) => [...env, ...file]);
  assert.deepEqual([...new Set(names)], names);
});
