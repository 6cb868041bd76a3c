import assert from "node:assert/strict";
import test from "node:test";
import {
  authorizationCodeCredential,
  deviceCodeCredential,
  interactiveBrowserCredential,
} from "../../azure/credentials/interactive.js";
import { Resources } from "../../gen/azure/resources.js";
import { Emulator } from "../emulator.js";
import { CLIENT_ID, TENANT_ID, USER_NAME } from "./identity.js";
import { claimsOf } from "./tokens.js";

/** An emulator on a port, with what a person's browser does there. */
async function start(t: { after(end: () => Promise<void>): void }) {
  const cloud = await Emulator.start();
  const { url } = await cloud.listen();
  t.after(() => cloud.close());
  const sent = async (address: string) => {
    const { pathname, search } = new URL(address);
    const { status, headers } = await fetch(url + pathname + search, { redirect: "manual" });
    return { status, location: headers.get("location") ?? "" };
  };
  return { cloud, sent };
}

test("a person signs in with their browser, once for every scope", async (t) => {
  const { cloud, sent } = await start(t);
  const opened: URL[] = [];
  const credential = interactiveBrowserCredential({
    tenantId: TENANT_ID,
    loginHint: "me",
    openBrowser: async (address) => {
      opened.push(new URL(address));
      const { status, location } = await sent(address);
      assert.equal(status, 302);
      // Another program that finds the port learns nothing.
      assert.equal((await fetch(`${new URL(location).origin}/?code=stolen&state=x`)).status, 404);
      assert.equal((await fetch(location)).status, 200);
    },
  });
  const session = cloud.azure({ credential });
  await session.client(Resources).resourceGroups.list();
  const { token } = await session.credentials.get(["https://storage.azure.com/.default"]);
  const { aud, upn, idtyp } = claimsOf(token) ?? {};
  assert.deepEqual([aud, upn, idtyp], ["https://storage.azure.com", USER_NAME, undefined]);
  assert.equal(opened.length, 1);
  const { searchParams } = opened[0] as URL;
  assert.equal(searchParams.get("code_challenge_method"), "S256");
  assert.equal(searchParams.get("login_hint"), "me");
  assert.match(searchParams.get("scope") ?? "", /^https:\/\/management.* offline_access$/);
});

test("a browser that does not come back, or brings a refusal, is told", async (t) => {
  const { cloud } = await start(t);
  const tokenOf = async (openBrowser: (url: string) => Promise<void>) => {
    const credential = interactiveBrowserCredential({ openBrowser, timeoutMs: 50 });
    await cloud.azure({ credential }).credentials.get();
  };
  await assert.rejects(
    tokenOf(async () => {}),
    { kind: "unauthenticated", code: "timeout" },
  );
  const declined = tokenOf(async (address) => {
    const { searchParams } = new URL(address);
    const state = searchParams.get("state");
    await fetch(
      `${searchParams.get("redirect_uri")}/?error=access_denied&error_description=No&state=${state}`,
    );
  });
  await assert.rejects(declined, { kind: "unauthenticated", code: "access_denied", message: /No$/ });
});

test("a code serves once, for its verifier and its address", async (t) => {
  const { cloud, sent } = await start(t);
  const redirectUri = "http://localhost:1/";
  const codeOf = async (codeChallenge: string) => {
    const query = new URLSearchParams({
      client_id: CLIENT_ID,
      response_type: "code",
      redirect_uri: redirectUri,
      code_challenge: codeChallenge,
      code_challenge_method: "S256",
      scope: "https://management.azure.com/.default offline_access",
    });
    const { location } = await sent(`https://x/${TENANT_ID}/oauth2/v2.0/authorize?${query}`);
    return new URL(location).searchParams.get("code") ?? "";
  };
  const redeem = async (options: { code: string; codeVerifier?: string; redirectUri?: string }) => {
    const application = { tenantId: TENANT_ID, clientId: CLIENT_ID };
    const credential = authorizationCodeCredential({ redirectUri, ...application, ...options });
    await cloud.azure({ credential }).credentials.get();
  };
  // The pair of RFC 7636, appendix B.
  const codeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
  const code = await codeOf(challenge);
  await redeem({ code, codeVerifier });
  await assert.rejects(redeem({ code, codeVerifier }), { code: "invalid_grant", message: /AADSTS70008/ });
  await assert.rejects(redeem({ code: await codeOf(challenge), codeVerifier: "another" }), {
    code: "invalid_grant",
    message: /AADSTS501481/,
  });
  await assert.rejects(
    redeem({ code: await codeOf(challenge), codeVerifier, redirectUri: "http://other/" }),
    {
      code: "invalid_client",
      message: /AADSTS500112/,
    },
  );
});

test("a device waits until the person agrees", async (t) => {
  const { cloud, sent } = await start(t);
  let address = "";
  const credential = deviceCodeCredential({
    onPrompt: ({ userCode, verificationUri }) => {
      address = `${verificationUri}?user_code=${userCode}`;
    },
  });
  // The device's clock is the machine's: the person agrees before it asks for the first time.
  const token = cloud.azure({ credential }).credentials.get();
  while (address === "") await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(
    (await sent(`${new URL(address).origin}/common/oauth2/deviceauth?user_code=none`)).status,
    404,
  );
  assert.equal((await sent(address)).status, 200);
  assert.equal(claimsOf((await token).token)?.upn, USER_NAME);
});
