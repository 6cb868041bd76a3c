import assert from "node:assert/strict";
import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { after, before, test } from "node:test";
import { IAM } from "../../../gen/aws/iam.js";
import { STS } from "../../../gen/aws/sts.js";
import { Emulator } from "../../emulator.js";

let cloud: Emulator;

before(async () => {
  cloud = await Emulator.start();
});
after(() => cloud.close());

const parse = (part: string | undefined) =>
  JSON.parse(Buffer.from(part ?? "", "base64url").toString()) as Record<string, unknown>;

test("an account that issues tokens signs them with the keys that it publishes", async () => {
  const aws = cloud.aws();
  const [iam, sts] = [aws.client(IAM), aws.client(STS)];
  const request = { Audience: ["https://api.example.com"], SigningAlgorithm: "ES384" };
  await assert.rejects(sts.getWebIdentityToken(request), {
    code: "OutboundWebIdentityFederationDisabledException",
  });
  await assert.rejects(iam.getOutboundWebIdentityFederationInfo(), { code: "FeatureDisabled" });
  const { IssuerIdentifier: issuer = "" } = await iam.enableOutboundWebIdentityFederation();
  await assert.rejects(iam.enableOutboundWebIdentityFederation(), { code: "FeatureEnabled" });
  await iam.createUser({ UserName: "ann", Tags: [{ Key: "team", Value: "a" }] });
  const { AccessKey } = await iam.createAccessKey({ UserName: "ann" });
  const credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  const ann = cloud.aws({ credentials }).client(STS);
  const { url } = await cloud.listen();
  const { jwks } = await discover(url, new URL(issuer).host);
  for (const SigningAlgorithm of ["ES384", "RS256"]) {
    const { WebIdentityToken: token = "", Expiration } = await ann.getWebIdentityToken({
      ...request,
      SigningAlgorithm,
      DurationSeconds: 600,
      Tags: [{ Key: "job", Value: "1" }],
    });
    const [head, body, signature = ""] = token.split(".");
    const { kid, alg } = parse(head);
    assert.equal(alg, SigningAlgorithm);
    const jwk = jwks.find((each) => each.kid === kid);
    const key = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
    const options = { key, dsaEncoding: "ieee-p1363" as const };
    const hash = SigningAlgorithm === "RS256" ? "sha256" : "sha384";
    assert.ok(verify(hash, Buffer.from(`${head}.${body}`), options, Buffer.from(signature, "base64url")));
    const claims = parse(body);
    assert.equal(claims.iss, issuer);
    assert.equal(claims.aud, "https://api.example.com");
    assert.equal(claims.sub, "arn:aws:iam::000000000000:user/ann");
    assert.equal(Number(claims.exp) - Number(claims.iat), 600);
    assert.equal(Number(claims.exp) * 1000, Expiration?.getTime());
    assert.deepEqual(claims["https://sts.amazonaws.com/"], {
      aws_account: "000000000000",
      source_region: "us-east-1",
      principal_id: "arn:aws:iam::000000000000:user/ann",
      principal_tags: { team: "a" },
      request_tags: { job: "1" },
    });
  }
  await assert.rejects(sts.getWebIdentityToken({ ...request, DurationSeconds: 30 }), {
    code: "ValidationError",
  });
  await iam.disableOutboundWebIdentityFederation();
  await assert.rejects(sts.getWebIdentityToken(request), {
    code: "OutboundWebIdentityFederationDisabledException",
  });
});

/** As a verifier of tokens has it: the configuration at the issuer's host, then the keys that it names. */
async function discover(url: string, host: string) {
  const { request } = await import("node:http");
  const get = (path: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const sent = request(new URL(path, url), { headers: { host } }, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        resolve(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
      });
      sent.on("error", reject).end();
    });
  const configuration = await get("/.well-known/openid-configuration");
  assert.equal(configuration.issuer, `https://${host}`);
  const { keys } = await get(new URL(String(configuration.jwks_uri)).pathname);
  return { jwks: keys as Record<string, unknown>[] };
}

test("a session of a member account's root user is for one privileged task", async () => {
  const aws = cloud.aws();
  const [iam, sts] = [aws.client(IAM), aws.client(STS)];
  const task = (name: string) => ({ arn: `arn:aws:iam::aws:policy/root-task/${name}` });
  const request = { TargetPrincipal: "222222222222", TaskPolicyArn: task("S3UnlockBucketPolicy") };
  await assert.rejects(sts.assumeRoot(request), { code: "AccessDenied" });
  const { OrganizationId, EnabledFeatures } = await iam.enableOrganizationsRootSessions();
  assert.match(OrganizationId ?? "", /^o-[a-z0-9]{10,32}$/);
  assert.deepEqual(EnabledFeatures, ["RootSessions"]);
  await assert.rejects(sts.assumeRoot({ ...request, TaskPolicyArn: task("Other") }), {
    code: "ValidationError",
  });
  await assert.rejects(sts.assumeRoot({ ...request, DurationSeconds: 901 }), { code: "ValidationError" });
  const { Credentials } = await sts.assumeRoot(request);
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
  const root = await cloud.aws({ credentials }).client(STS).getCallerIdentity();
  assert.equal(root.Arn, "arn:aws:iam::222222222222:root");
  await iam.disableOrganizationsRootSessions();
  assert.deepEqual((await iam.listOrganizationsFeatures()).EnabledFeatures, []);
});
