import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SSOOIDC } from "../../../gen/aws/sso-oidc.js";
import { Emulator } from "../../emulator.js";

let cloud: Emulator;

before(async () => {
  cloud = await Emulator.start();
});
after(() => cloud.close());

test("an application that signs exchanges tokens, and renews its own", async () => {
  const oidc = cloud.aws().client(SSOOIDC);
  const clientId = "arn:aws:sso::000000000000:application/ssoins-1234567890abcdef/apl-1234567890abcdef";
  const bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
  const first = await oidc.createTokenWithIAM({ clientId, grantType: bearer, assertion: "e30.e30.c2ln" });
  assert.deepEqual(first.scope, ["openid", "aws", "sts:identity_context"]);
  const subjectToken = first.accessToken ?? "";
  const second = await oidc.createTokenWithIAM({ clientId, grantType: exchange, subjectToken });
  assert.notEqual(second.accessToken, first.accessToken);
  const refreshToken = second.refreshToken ?? "";
  await oidc.createTokenWithIAM({ clientId, grantType: "refresh_token", refreshToken });
  const other = clientId.replace(/apl-.*/, "apl-fedcba0987654321");
  for (const grant of [
    { clientId: other, grantType: "refresh_token", refreshToken },
    { clientId, grantType: exchange, subjectToken: "none" },
    { clientId, grantType: bearer, assertion: "none" },
    { clientId, grantType: "authorization_code", code: "none" },
  ]) {
    await assert.rejects(oidc.createTokenWithIAM(grant), { code: "InvalidGrantException" });
  }
  await assert.rejects(oidc.createTokenWithIAM({ clientId, grantType: "none" }), {
    code: "UnsupportedGrantTypeException",
  });
  await assert.rejects(oidc.createTokenWithIAM({ clientId: "none", grantType: bearer }), {
    code: "InvalidClientException",
  });
});
