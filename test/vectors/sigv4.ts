/** ../shared/vectors/aws/sigv4: each request signed and compared with its canonical form, string to sign and header, and verified. */
import { readdirSync, readFileSync } from "node:fs";
import type { AwsCredentials } from "../../src/auth/credentials.js";
import { signV4 } from "../../src/auth/sigv4.js";
import { parseAmzDate } from "../../src/auth/sigv4-canonical.js";
import { verifyV4 } from "../../src/auth/sigv4-verify.js";
import type { HeaderMap, HttpRequest } from "../../src/http/message.js";
import { type Case, equal, runSuite } from "./case.js";

const FOLDER = "../shared/vectors/aws/sigv4";

export const suite = "aws/sigv4";

export function run() {
  return runSuite({ suite, cases });
}

export function cases(): Case[] {
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".req"))
    .sort()
    .map((file) => ({ name: file.slice(0, -".req".length), run: () => check(`${FOLDER}/${file}`) }));
}

const KEYS: AwsCredentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

async function check(file: string): Promise<void> {
  const read = (extension: string) =>
    readFileSync(file.replace(/req$/, extension), "utf8").replaceAll("\r\n", "\n");
  const request = parseRequest(read("req"));
  // The token is the credentials', not the request's: the suite shows it in what is signed.
  const token = /^x-amz-security-token:(.*)$/m.exec(read("creq"))?.[1];
  const at = parseAmzDate("20150830T123600Z") as Date;
  const credentials = token === undefined ? KEYS : { ...KEYS, sessionToken: token };
  const signed = await signV4(request, { credentials, region: "us-east-1", service: "service", at });
  equal(signed.headers.authorization, read("authz"));
  const { headers, method, path, query } = signed;
  const received = {
    method,
    path,
    query,
    headers: { host: "example.amazonaws.com", ...headers },
    body: bodyOf(signed),
  };
  equal(verifyV4(received, { secretOf: () => KEYS, now: at }).ok, true);
  // Under another secret the verifier answers with what it would have signed.
  const refused = verifyV4(received, { secretOf: () => ({ secretAccessKey: "other" }), now: at });
  if (refused.ok) throw new Error("another secret verifies");
  equal(refused.canonicalRequest, read("creq"));
  equal(refused.stringToSign, read("sts"));
}

function bodyOf(request: HttpRequest): Uint8Array {
  return new TextEncoder().encode(request.body as string | undefined);
}

/** Paths stand in the suite as they are before encoding. Repeated headers are joined by a comma, as the suite signs them. */
function parseRequest(text: string): HttpRequest {
  const [head = "", body] = text.split("\n\n");
  const [first = "", ...lines] = head.split("\n");
  const [, method = "", target = ""] = /^(\S+) (.*) HTTP\/1\.1$/.exec(first) ?? [];
  const at = target.indexOf("?");
  const headers: HeaderMap = {};
  let last = "";
  for (const line of lines) {
    if (line === "") continue;
    if (/^\s/.test(line)) {
      headers[last] += `\n${line}`;
      continue;
    }
    last = line.slice(0, line.indexOf(":")).toLowerCase();
    const value = line.slice(line.indexOf(":") + 1);
    headers[last] = headers[last] === undefined ? value : `${headers[last]},${value}`;
  }
  return {
    method,
    origin: `https://${headers.host}`,
    path: at === -1 ? target : target.slice(0, at),
    query: at === -1 ? "" : target.slice(at + 1),
    headers,
    ...(body !== undefined && { body }),
  };
}
