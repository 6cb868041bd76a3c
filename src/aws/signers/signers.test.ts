import assert from "node:assert/strict";
import { createVerify, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { emptyEnvironment } from "../../auth/environment.js";
import { Session } from "../session.js";
import { signCloudFrontCookies, signCloudFrontUrl } from "./cloudfront.js";
import { cacheAuthToken, dsqlAuthToken, rdsAuthToken } from "./database-token.js";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "tok+/=" };
const at = new Date("2026-11-24T12:00:00Z");
const session = new Session({ credentials, region: "eu-west-1", environment: emptyEnvironment() });

const signed = (service: string, expires: number, signature: string) =>
  `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261124%2Feu-west-1%2F${service}%2Faws4_request` +
  `&X-Amz-Date=20261124T120000Z&X-Amz-Expires=${expires}&X-Amz-SignedHeaders=host` +
  `&X-Amz-Security-Token=tok%2B%2F%3D&X-Amz-Signature=${signature}`;

// Expected values: botocore 1.43.67's generate_db_auth_token and generate_db_connect_admin_auth_token with its clock set to `at` and these credentials.
test("RDS token is botocore's", async () => {
  const token = await rdsAuthToken(session, { at, hostname: "db.example.com", port: 3306, username: "me@x" });
  const signature = "71ee9177e103efbb1901ff112ee28c9218893055968916ed96ebf6c6fecef8f7";
  assert.equal(
    token,
    `db.example.com:3306/?Action=connect&DBUser=me%40x&${signed("rds-db", 900, signature)}`,
  );
});

test("DSQL token is botocore's", async () => {
  const hostname = "c.dsql.eu-west-1.on.aws";
  const token = await dsqlAuthToken(session, { at, hostname, action: "DbConnectAdmin" });
  const signature = "80bb1be1eafa9c64f7806447be8be9f9bf5c0babdf2c498f438be38dec903f47";
  assert.equal(token, `${hostname}/?Action=DbConnectAdmin&${signed("dsql", 900, signature)}`);
});

// Expected values: botocore 1.43.67's RequestSigner, asked as AWS's page on ElastiCache asks it, with the same clock.
test("ElastiCache and MemoryDB tokens are botocore's", async () => {
  const cache = { at, service: "elasticache", name: "My-Cache", username: "u", serverless: true } as const;
  const first = "eb98f5bce24c5f3a43a5161261d2cbd8519ac0deb4f13863ded27d30d1f87d45";
  assert.equal(
    await cacheAuthToken(session, cache),
    `my-cache/?Action=connect&User=u&ResourceType=ServerlessCache&${signed("elasticache", 900, first)}`,
  );
  const second = "1d0f9acc6b2be5bf92aabe9939322064be4c5c41910a6300cbc8d198dae57eb2";
  assert.equal(
    await cacheAuthToken(session, { at, service: "memorydb", name: "c1", username: "a b" }),
    `c1/?Action=connect&User=a%20b&${signed("memorydb", 900, second)}`,
  );
});

test("CloudFront: canned policy, custom policy, cookies", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const decode = (text: string) =>
    Buffer.from(text.replaceAll("-", "+").replaceAll("_", "=").replaceAll("~", "/"), "base64");
  const isBy = (policy: string, signature: string) =>
    createVerify("RSA-SHA1").update(policy).verify(publicKey, decode(signature));
  const key = { keyPairId: "K1", privateKey: pem, url: "https://d.cloudfront.net/a?b=c" };
  const expiresOn = new Date("2026-12-01T00:00:00Z");

  const canned = new URL(await signCloudFrontUrl({ ...key, expiresOn }));
  const cannedPolicy = `{"Statement":[{"Resource":"${key.url}","Condition":{"DateLessThan":{"AWS:EpochTime":1796083200}}}]}`;
  assert.equal(canned.searchParams.get("b"), "c");
  assert.equal(canned.searchParams.get("Expires"), "1796083200");
  assert.equal(canned.searchParams.get("Key-Pair-Id"), "K1");
  assert.ok(isBy(cannedPolicy, canned.searchParams.get("Signature") as string));

  const cookies = await signCloudFrontCookies({
    ...key,
    resource: "https://d.cloudfront.net/*",
    expiresOn,
    startsOn: at,
    ipAddress: "192.0.2.1",
  });
  const policy = decode(cookies["CloudFront-Policy"] as string).toString();
  // The text that botocore's CloudFrontSigner.build_policy makes of these values.
  assert.equal(
    policy,
    '{"Statement":[{"Resource":"https://d.cloudfront.net/*","Condition":{"DateLessThan":{"AWS:EpochTime":1796083200},' +
      '"IpAddress":{"AWS:SourceIp":"192.0.2.1/32"},"DateGreaterThan":{"AWS:EpochTime":1795521600}}}]}',
  );
  assert.ok(isBy(policy, cookies["CloudFront-Signature"] as string));
  await assert.rejects(signCloudFrontUrl({ ...key, expiresOn, policy }), /not both/);
});
