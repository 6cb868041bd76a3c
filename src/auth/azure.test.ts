import assert from "node:assert/strict";
import { test } from "node:test";
import { signAccountSas, signServiceSas, signUserDelegationSas } from "./azure-sas.js";
import { type SasRequest, type VerifySasOptions, verifySas } from "./azure-sas-verify.js";
import { signSharedKey, verifySharedKey } from "./azure-shared-key.js";
import { toBase64 } from "./digest.js";

const account = "acct";
const accountKey = toBase64(new TextEncoder().encode("a key of thirty-two bytes, or so"));
const at = new Date("2026-11-24T12:00:00Z");
const hour = (n: number) => new Date(at.getTime() + n * 3_600_000);
const flipLast = (text: string) =>
  text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) ^ 1);

test("shared key: what is signed verifies, what is altered does not", () => {
  const signed = signSharedKey(
    {
      method: "PUT",
      origin: "https://acct.blob.core.windows.net",
      path: "/c/%C3%BC%20b",
      query: "comp=block&blockid=AA%3D%3D&b=2&B=1",
      headers: { "x-ms-meta-a_b": " x ", "x-ms-meta-ab": "y", "content-encoding": "gzip" },
      body: "héllo",
    },
    { account, accountKey, at },
  );
  const options = { keysOf: (name: string) => (name === account ? [accountKey] : undefined), now: at };
  const answer = (request: typeof signed, now = at) => {
    const result = verifySharedKey(request, { ...options, now });
    return result.ok ? "ok" : result.problem;
  };
  assert.equal(signed.headers["content-length"], "6");
  assert.equal(answer(signed), "ok");
  const header = (name: string, value: string) => ({
    ...signed,
    headers: { ...signed.headers, [name]: value },
  });
  const authorization = signed.headers.authorization as string;
  assert.equal(answer({ ...signed, method: "GET" }), "mismatch");
  assert.equal(answer({ ...signed, path: "/c/b" }), "mismatch");
  assert.equal(answer({ ...signed, query: `${signed.query}&x=1` }), "mismatch");
  assert.equal(answer(header("x-ms-meta-ab", "z")), "mismatch");
  assert.equal(answer(header("content-length", "7")), "mismatch");
  assert.equal(answer(header("authorization", flipLast(authorization))), "mismatch");
  assert.equal(answer(header("authorization", authorization.replace(account, "other"))), "unknownAccount");
  assert.equal(answer(header("authorization", "SharedKey x")), "malformed");
  assert.equal(answer(header("authorization", "Bearer x")), "missing");
  assert.equal(answer(signed, hour(1)), "skewed");
});

test("a plus sign in a query is signed as the space that it is", () => {
  const request = { method: "GET", origin: "https://a", path: "/c", headers: {} };
  const options = { account, accountKey, at: hour(0) };
  const plus = signSharedKey({ ...request, query: "prefix=a+b" }, options);
  const space = signSharedKey({ ...request, query: "prefix=a%20b" }, options);
  assert.equal(plus.headers.authorization, space.headers.authorization);
  const other = signSharedKey({ ...request, query: "prefix=a%2Bb" }, options);
  assert.notEqual(plus.headers.authorization, other.headers.authorization);
});

const request: SasRequest = {
  account,
  container: "c",
  blob: "dir/b",
  query: "",
  headers: {},
  protocol: "https",
};
const verifying: VerifySasOptions = {
  keysOf: () => [accountKey],
  delegationKeyOf: ({ skoid }) => (skoid === "user" ? accountKey : undefined),
  policyOf: (_container, identifier) =>
    identifier === "p" ? { permissions: "rl", expiresOn: hour(1) } : undefined,
  now: at,
};

function answer(
  query: string,
  change: Partial<SasRequest> = {},
  options: Partial<VerifySasOptions> = {},
): string {
  const result = verifySas({ ...request, query, ...change }, { ...verifying, ...options });
  return result.ok ? `${result.kind} ${result.permissions}` : result.problem;
}

test("service SAS", () => {
  const options = { account, accountKey, containerName: "c", permissions: "wr", expiresOn: hour(1) };
  const blob = signServiceSas({ ...options, blobName: "dir/b", protocol: "https" });
  assert.equal(answer(blob), "service rw");
  assert.equal(answer(`comp=metadata&${blob}`), "service rw");
  assert.equal(answer(blob, { blob: "other" }), "mismatch");
  assert.equal(answer(blob, { protocol: "http" }), "wrongProtocol");
  assert.equal(answer(blob, {}, { now: hour(2) }), "expired");
  assert.equal(answer(blob, {}, { keysOf: () => undefined }), "unknownKey");
  assert.equal(answer(blob.replace("sp=rw", "sp=rwd")), "mismatch");
  assert.equal(answer(""), "missing");
  const container = signServiceSas({
    ...options,
    startsOn: at,
    ipRange: { start: "10.0.0.1", end: "10.0.0.9" },
  });
  assert.equal(answer(container, { blob: "anything", clientIp: "10.0.0.5" }), "service rw");
  assert.equal(answer(container, { clientIp: "10.0.0.10" }), "wrongAddress");
  assert.equal(answer(container, {}, { now: hour(-1) }), "notYetValid");
  assert.equal(answer(container, { container: "other" }), "mismatch");
});

test("service SAS by a stored policy", () => {
  const options = { account, accountKey, containerName: "c", identifier: "p" };
  assert.equal(answer(signServiceSas(options)), "service rl");
  assert.equal(answer(signServiceSas({ ...options, identifier: "q" })), "unknownPolicy");
  assert.equal(answer(signServiceSas({ ...options, permissions: "r" })), "malformed");
  assert.equal(answer(signServiceSas(options), {}, { now: hour(1) }), "expired");
});

test("every version of the string to sign verifies, altered fields do not", () => {
  const userDelegationKey = {
    signedObjectId: "user",
    signedTenantId: "tenant",
    signedStartsOn: at,
    signedExpiresOn: hour(3),
    signedService: "b",
    signedVersion: "2026-04-06",
    value: accountKey,
  };
  for (const version of [
    "2015-04-05",
    "2018-11-09",
    "2020-02-10",
    "2020-12-06",
    "2025-07-05",
    "2026-04-06",
  ]) {
    const options = {
      account,
      accountKey,
      containerName: "c",
      permissions: "r",
      expiresOn: hour(1),
      version,
    };
    const queries = [
      signServiceSas({ ...options, contentType: "text/plain" }),
      signUserDelegationSas({ ...options, userDelegationKey }),
      signAccountSas({ ...options, services: "b", resourceTypes: "co" }),
    ];
    for (const query of queries) {
      assert.match(answer(query), / r$/, `${version} ${query}`);
      assert.equal(answer(query.replace("se=2026", "se=2027")), "mismatch");
    }
  }
  const options = { account, containerName: "c", permissions: "r", expiresOn: hour(9), userDelegationKey };
  assert.equal(answer(signUserDelegationSas(options), {}, { now: hour(4) }), "expired");
});
