/**
 * S3's presigned POST: an HTML form that uploads an object without credentials, and its verifier.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
import { invalidInput } from "../internal/cloud-error.js";
import type { AwsCredentials } from "./credentials.js";
import { hmacSha256Hex, sameSignature, toBase64, toBytes } from "./digest.js";
import { brokenCondition, parsePostPolicy } from "./post-policy.js";
import { SIGV4_ALGORITHM, signingKey } from "./sigv4.js";
import { amzDate, parseAmzDate } from "./sigv4-canonical.js";
import type { VerifyOptions } from "./sigv4-verify.js";

/** `["starts-with", "$acl", "public"]`, `["content-length-range", 1, 9]`, `{ acl: "private" }`. */
export type PostCondition = readonly (string | number)[] | Readonly<Record<string, string>>;

export interface PresignPostOptions {
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** `s3`, or `s3express` with a session's credentials. Default `s3`. */
  readonly service?: "s3" | "s3express" | undefined;
  /** Where the form is sent: the bucket's address. */
  readonly url: string;
  readonly bucket: string;
  /** May end in `${filename}`: the name of the file that the user chooses. */
  readonly key: string;
  /** Further fields of the form; each needs a condition that allows it. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly conditions?: readonly PostCondition[] | undefined;
  /** Default 3,600. */
  readonly expiresInSeconds?: number | undefined;
  readonly at?: Date | undefined;
}

export interface PresignedPost {
  readonly url: string;
  /** Hidden fields of the form; the file's own field, `file`, comes last. */
  readonly fields: Record<string, string>;
}

/** S3 puts the name of the chosen file there. */
const FILENAME = `\${filename}`;

export function presignPost(options: PresignPostOptions): PresignedPost {
  const {
    credentials,
    region,
    service = "s3",
    url,
    bucket,
    key,
    expiresInSeconds = 3600,
    at = new Date(),
  } = options;
  if (!(expiresInSeconds > 0)) throw invalidInput("options.expiresInSeconds must be more than 0");
  const date = amzDate(at);
  const day = date.slice(0, 8);
  const proof: Record<string, string> = {
    "x-amz-algorithm": SIGV4_ALGORITHM,
    "x-amz-credential": `${credentials.accessKeyId}/${day}/${region}/${service}/aws4_request`,
    "x-amz-date": date,
  };
  if (credentials.sessionToken !== undefined) {
    proof[service === "s3express" ? "X-Amz-S3session-Token" : "x-amz-security-token"] =
      credentials.sessionToken;
  }
  const policy = {
    expiration: `${new Date(at.getTime() + 1000 * expiresInSeconds).toISOString().slice(0, 19)}Z`,
    conditions: [
      ...(options.conditions ?? []),
      { bucket },
      key.endsWith(FILENAME) ? ["starts-with", "$key", key.slice(0, -FILENAME.length)] : { key },
      ...Object.entries(proof).map(([name, value]) => ({ [name]: value })),
    ],
  };
  const encoded = toBase64(toBytes(JSON.stringify(policy)));
  const signature = hmacSha256Hex(signingKey(credentials.secretAccessKey, day, region, service), encoded);
  return { url, fields: { ...options.fields, key, ...proof, policy: encoded, "x-amz-signature": signature } };
}

/**
 * - `missing`: the form has no policy or no signature
 * - `malformed`: one of them cannot be read
 * - `unknownKey`, `badToken`, `mismatch`: of the signature
 * - `expired`: the policy's time is over
 * - `policy`: the form breaks its policy
 */
export type PostProblem =
  | "missing"
  | "malformed"
  | "unknownKey"
  | "badToken"
  | "mismatch"
  | "expired"
  | "policy";

export type PostVerification =
  | { readonly ok: true; readonly accessKeyId: string; readonly region: string }
  | { readonly ok: false; readonly problem: PostProblem; readonly message: string };

/** A form's fields, names in lower case, `bucket` among them; `bytes` is the file's length. */
export function verifyPost(
  fields: Readonly<Record<string, string>>,
  bytes: number,
  options: VerifyOptions,
): PostVerification {
  const { policy: encoded, "x-amz-signature": signature, "x-amz-date": date = "" } = fields;
  if (encoded === undefined || signature === undefined) return bad("missing", "The form is not signed");
  const policy = parsePostPolicy(encoded);
  const parts = (fields["x-amz-credential"] ?? "").split("/");
  const [day = "", region = "", service = "", end] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join("/");
  const readable = policy !== undefined && parseAmzDate(date) !== undefined && day === date.slice(0, 8);
  if (!readable || end !== "aws4_request" || fields["x-amz-algorithm"] !== SIGV4_ALGORITHM) {
    return bad("malformed", "The policy, credential, date or algorithm of the form cannot be read");
  }
  const secret = options.secretOf(accessKeyId);
  if (secret === undefined) return bad("unknownKey", "The access key does not exist");
  const token = fields["x-amz-security-token"] ?? fields["x-amz-s3session-token"] ?? "";
  if (secret.sessionToken !== undefined && !sameSignature(secret.sessionToken, token)) {
    return bad("badToken", "The session token is not the one of the access key");
  }
  const expected = hmacSha256Hex(signingKey(secret.secretAccessKey, day, region, service), encoded);
  if (!sameSignature(expected, signature))
    return bad("mismatch", "The signature is not the one of the secret key");
  if (options.now >= policy.expiration) return bad("expired", "The policy has expired");
  const broken = brokenCondition(policy, fields, bytes);
  if (broken !== undefined) return bad("policy", `The form breaks its policy: ${broken}`);
  return { ok: true, accessKeyId, region };
}

function bad(problem: PostProblem, message: string): PostVerification {
  return { ok: false, problem, message };
}
