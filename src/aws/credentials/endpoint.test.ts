import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { emptyEnvironment } from "../../auth/environment.js";
import type { ServiceModel } from "../../model/ir.js";
import { type SettingOverrides, Settings } from "../config/settings.js";
import { packRules } from "../endpoint/packed-rules.js";
import { defaultPartitions } from "../endpoint/partitions.js";
import { RuleSet } from "../endpoint/rule-set.js";
import { type CredentialService, serviceEndpoint } from "./endpoint.js";

test("hosts agree with the rules of the services' own clients", async () => {
  const { partitions } = JSON.parse(readFileSync("models/aws/partitions.json", "utf8")) as {
    partitions: { regions: Record<string, object> }[];
  };
  const regions = partitions
    .flatMap((partition) => Object.keys(partition.regions))
    .filter((name) => !name.endsWith("-global"));
  assert.ok(regions.length > 40);
  for (const [service, id] of [
    ["STS", "sts"],
    ["SSO", "sso"],
    ["SSO OIDC", "sso-oidc"],
    ["Signin", "signin"],
  ] as const) {
    const model = JSON.parse(readFileSync(`models/aws/${id}.json`, "utf8")) as ServiceModel;
    const { rules: name, ruleValues } = model.service.aws ?? {};
    const packed = packRules(JSON.parse(readFileSync(`models/aws/rules/${name}.json`, "utf8")));
    const rules = new RuleSet(packed, defaultPartitions(), ruleValues);
    for (const region of regions) {
      for (const [fips, dualStack] of PAIRS) {
        const expected = rules.resolve({ Region: region, UseFIPS: fips, UseDualStack: dualStack });
        assert.equal(
          await hostOf(service, region, { useFipsEndpoint: fips, useDualstackEndpoint: dualStack }),
          `${expected.url}/`,
        );
      }
    }
  }
});

// Clients of botocore 1.43.67 made with these names.
test("a region of FIPS's old names is the region with FIPS", async () => {
  assert.equal(await hostOf("STS", "fips-us-east-1"), "https://sts-fips.us-east-1.amazonaws.com/");
  assert.equal(await hostOf("SSO", "us-east-1-fips"), "https://portal.sso-fips.us-east-1.amazonaws.com/");
  assert.equal(await hostOf("STS", "us-gov-west-1-fips"), "https://sts.us-gov-west-1.amazonaws.com/");
});

const PAIRS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

async function hostOf(service: CredentialService, region: string, overrides: SettingOverrides = {}) {
  const settings = await Settings.read(emptyEnvironment(), { overrides });
  return serviceEndpoint(settings, service, region).url;
}
