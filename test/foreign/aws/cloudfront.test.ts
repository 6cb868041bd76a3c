/** CloudFront's signed URLs beside those of botocore's CloudFrontSigner, by the same key. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { signCloudFrontUrl } from "../../../src/aws/index.js";
import { askBotocore } from "./botocore.js";

interface Case {
  readonly url: string;
  readonly expiresOn: string;
  readonly startsOn?: string;
  readonly ipAddress?: string;
  readonly resource?: string;
}

const url = "https://d1.cloudfront.net/film.mp4";
const expiresOn = "2027-01-01T00:00:00+00:00";
const CASES: readonly Case[] = [
  { url, expiresOn },
  { url: `${url}?size=large&note=a%20b`, expiresOn },
  { url, expiresOn, startsOn: "2026-11-24T12:00:00+00:00" },
  { url, expiresOn, ipAddress: "192.0.2.1" },
  { url, expiresOn, ipAddress: "192.0.2.0/24", resource: "https://d1.cloudfront.net/*" },
];

const keyPairId = "K2JCJMDEHXQW5F";
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { n, d } = privateKey.export({ format: "jwk" });
const hex = (text: string | undefined) => Buffer.from(text as string, "base64url").toString("hex");
const expected = askBotocore("cloudfront_driver.py", {
  modulus: hex(n),
  exponent: hex(d),
  keyPairId,
  cases: CASES,
});

CASES.forEach(({ expiresOn: end, startsOn, ...rest }, index) => {
  const skip = typeof expected === "string" ? expected : false;
  test(`CloudFront signs ${JSON.stringify(CASES[index])} as botocore does`, { skip }, async () => {
    const signed = await signCloudFrontUrl({
      ...rest,
      keyPairId,
      privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
      expiresOn: new Date(end),
      ...(startsOn !== undefined && { startsOn: new Date(startsOn) }),
    });
    assert.equal(signed, expected[index]);
  });
});
