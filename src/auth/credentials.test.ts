import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { type AwsCredentials, hideSecrets } from "./credentials.js";

test("credentials and tokens are shown without their secrets, and are as they were to code", () => {
  const credentials: AwsCredentials = {
    accessKeyId: "AKID",
    secretAccessKey: "S3CRET",
    sessionToken: "T0KEN",
    source: "environment",
  };
  const hidden = hideSecrets(credentials);
  const token = hideSecrets({ token: "B3ARER" });
  assert.doesNotMatch(inspect({ hidden, token }, { depth: 9 }), /S3CRET|T0KEN|B3ARER/);
  assert.match(inspect(hidden), /AKID.*\(hidden\).*environment/s);
  assert.deepEqual({ ...hidden }, credentials);
  assert.deepEqual(JSON.parse(JSON.stringify(token)), { token: "B3ARER" });
});
