/**
 * Uploads from HTML forms, with a policy that says what they may hold.
 * See https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
import { type PostProblem, verifyPost } from "../../../auth/s3-post.js";
import { verifyS3V2Post } from "../../../auth/s3-v2-verify.js";
import { bytesBody } from "../../../http/response-body.js";
import { escapeXml } from "../../../protocol/codec/xml.js";
import type { EncodedResponse } from "../../../protocol/protocol.js";
import { type Form, parseForm } from "../../form-data.js";
import { type Context, EmulatorError, type IncomingRequest } from "../../service.js";
import { secretsOf } from "../verify.js";
import { localize } from "./address.js";
import { checkAnonymous } from "./anonymous.js";
import { readUpload } from "./body.js";
import {
  type Checksums,
  checksumsOf as checksumsOfValues,
  statedChecksums,
  trailingChecksums,
} from "./checksums.js";
import { accessDenied, entityTooSmall, invalidArgument } from "./errors.js";
import { addVersion, checkKey, statedVersionId, templateOf } from "./object-version.js";
import { type Bucket, s3Store } from "./store.js";

const FORM_BYTES_MAX = 512 * 1024 * 1024;

export async function postUpload(
  request: IncomingRequest,
  context: Context,
): Promise<EncodedResponse | undefined> {
  const type = request.headers["content-type"] ?? "";
  if (request.method !== "POST" || !type.startsWith("multipart/form-data")) return undefined;
  const [, name = ""] = localize(request).path.split("/");
  const bucketName = decodeURIComponent(name);
  const form = parseForm(await request.body.bytes(FORM_BYTES_MAX), type);
  if (form.fields.key === undefined) {
    throw invalidArgument(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      "key",
      "",
    );
  }
  authorize(form, bucketName, context);
  const bucket = context.store(s3Store).bucket(bucketName);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own placeholder.
  const key = form.fields.key.replaceAll("${filename}", form.fileName);
  checkKey(key);
  const template = templateOf({ ...inputOf(form), Key: key }, context, bucket);
  // Headers of the form's own request are not the file's.
  const uploaded = await readUpload({ Body: bytesBody(form.file), ...checksumsOf(form) }, context, {
    headers: {},
    preset: "CRC64NVME",
  });
  const version = addVersion(bucket, context, {
    ...template,
    ...uploaded,
    checksumType: "FULL_OBJECT",
    parts: undefined,
  });
  return answer(form, request, bucket, key, {
    etag: version.etag,
    "x-amz-request-id": context.requestId,
    ...checksumHeaders(version.checksums),
    ...(statedVersionId(bucket, version) !== undefined && { "x-amz-version-id": version.versionId }),
  });
}

function inputOf({ fields }: Form) {
  const metadata = Object.entries(fields)
    .filter(([name]) => name.startsWith("x-amz-meta-"))
    .map(([name, value]) => [name.slice("x-amz-meta-".length), value] as const);
  const given = {
    ACL: fields.acl ?? fields["x-amz-acl"],
    CacheControl: fields["cache-control"],
    ContentDisposition: fields["content-disposition"],
    ContentEncoding: fields["content-encoding"],
    ContentLanguage: fields["content-language"],
    ContentType: fields["content-type"],
    StorageClass: fields["x-amz-storage-class"],
    ServerSideEncryption: fields["x-amz-server-side-encryption"],
    WebsiteRedirectLocation: fields["x-amz-website-redirect-location"],
    Tagging: fields.tagging === undefined ? undefined : taggingOf(fields.tagging),
  };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...present, Metadata: Object.fromEntries(metadata) };
}

/** The form has tags as XML. */
function taggingOf(xml: string): string {
  const tags = new URLSearchParams();
  for (const [, key = "", value = ""] of xml.matchAll(/<Key>([^<]*)<\/Key>\s*<Value>([^<]*)<\/Value>/g))
    tags.append(key, value);
  return tags.toString();
}

function checksumsOf({ fields }: Form): Checksums & { ContentMD5?: string } {
  const md5 = fields["content-md5"];
  return { ...checksumsOfValues(trailingChecksums(fields)), ...(md5 !== undefined && { ContentMD5: md5 }) };
}

function checksumHeaders(checksums: Checksums): Record<string, string> {
  const headers = Array.from(statedChecksums(checksums), ([algorithm, value]) => [
    `x-amz-checksum-${algorithm.toLowerCase()}`,
    value,
  ]);
  return { ...Object.fromEntries(headers), "x-amz-checksum-type": "FULL_OBJECT" };
}

/** Refuses a form that no policy of a known key covers. */
function authorize(form: Form, bucketName: string, context: Context): void {
  const { policy, awsaccesskeyid } = form.fields;
  if (!context.verify) return;
  if (policy === undefined) {
    const bucket = context.store(s3Store).bucket(bucketName);
    checkAnonymous(context, bucket, bucket.acl, "WRITE", "s3:PutObject", form.fields.key);
    return;
  }
  const options = { secretOf: secretsOf(context), now: context.clock.date() };
  const fields = { ...form.fields, bucket: bucketName };
  const verify = awsaccesskeyid === undefined ? verifyPost : verifyS3V2Post;
  const found = verify(fields, form.file.length, options);
  // Of a policy that is signed well, what is wrong is said here in S3's own words.
  if (!found.ok && !POLICY_PROBLEMS.has(found.problem)) throw badForm(found, form);
  checkPolicy(policy, form, bucketName, context);
  if (!found.ok) throw accessDenied(`Invalid according to Policy: ${found.message}`);
}

const POLICY_PROBLEMS: ReadonlySet<PostProblem> = new Set(["expired", "policy"]);

function badForm({ problem, message }: { problem: PostProblem; message: string }, { fields }: Form) {
  const id = fields.awsaccesskeyid ?? fields["x-amz-credential"]?.split("/")[0] ?? "";
  switch (problem) {
    case "unknownKey":
      return new EmulatorError(
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
        403,
        { AWSAccessKeyId: id },
      );
    case "missing":
      return invalidArgument(
        `Bucket POST must contain the fields of its signature: ${message}`,
        "policy",
        "",
      );
    case "malformed":
      return new EmulatorError("InvalidPolicyDocument", `Invalid Policy: ${message}`, 400);
    case "badToken":
      return new EmulatorError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400);
    default:
      return new EmulatorError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        403,
        { AWSAccessKeyId: id },
      );
  }
}

interface Policy {
  readonly expiration?: string;
  readonly conditions?: readonly (
    | Readonly<Record<string, string>>
    | readonly [string, string | number, string | number]
  )[];
}

/** Fields that need no condition. */
const FREE_FIELDS =
  /^(policy|file|awsaccesskeyid|signature|x-amz-signature|x-amz-credential|x-amz-algorithm|x-amz-date|x-amz-security-token|x-ignore-.*|submit)$/;

function checkPolicy(encoded: string, form: Form, bucket: string, { clock }: Context): void {
  let policy: Policy;
  try {
    policy = JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as Policy;
  } catch {
    throw new EmulatorError("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.", 400);
  }
  if (!(new Date(policy.expiration ?? "").getTime() > clock.now())) {
    throw accessDenied("Invalid according to Policy: Policy expired.");
  }
  const fields = new Map<string, string>(Object.entries({ ...form.fields, bucket }));
  const covered = new Set<string>();
  for (const condition of policy.conditions ?? []) {
    const [operator, first, second] = Array.isArray(condition)
      ? condition
      : (["eq", ...(Object.entries(condition)[0] ?? ["", ""])] as const);
    if (operator.toLowerCase() === "content-length-range") {
      checkLength(form.file.length, Number(first), Number(second));
      continue;
    }
    const name = String(first).replace(/^\$/, "").toLowerCase();
    covered.add(name);
    const value = fields.get(name) ?? "";
    const holds = operator === "starts-with" ? value.startsWith(String(second)) : value === String(second);
    if (!holds) {
      throw accessDenied(
        `Invalid according to Policy: Policy Condition failed: ["${operator}", "$${name}", "${second}"]`,
      );
    }
  }
  for (const name of Object.keys(form.fields)) {
    if (covered.has(name) || FREE_FIELDS.test(name)) continue;
    throw accessDenied(`Invalid according to Policy: Extra input fields: ${name}`);
  }
}

function checkLength(length: number, min: number, max: number): void {
  if (length < min) throw entityTooSmall({ ProposedSize: String(length), MinSizeAllowed: String(min) });
  if (length <= max) return;
  throw new EmulatorError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400, {
    ProposedSize: String(length),
    MaxSizeAllowed: String(max),
  });
}

function answer(
  { fields }: Form,
  request: IncomingRequest,
  bucket: Bucket,
  key: string,
  headers: Record<string, string>,
): EncodedResponse {
  const location = `${request.origin}/${bucket.name}/${encodeURIComponent(key).replaceAll("%2F", "/")}`;
  const redirect = fields.success_action_redirect ?? fields.redirect;
  if (redirect !== undefined && URL.canParse(redirect)) {
    const url = new URL(redirect);
    url.searchParams.set("bucket", bucket.name);
    url.searchParams.set("key", key);
    url.searchParams.set("etag", headers.etag ?? "");
    return { status: 303, headers: { ...headers, location: url.href } };
  }
  const all = { ...headers, location };
  if (fields.success_action_status === "200") return { status: 200, headers: all };
  if (fields.success_action_status !== "201") return { status: 204, headers: all };
  const members = { Location: location, Bucket: bucket.name, Key: key, ETag: headers.etag ?? "" };
  const text = Object.entries(members).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
  return {
    status: 201,
    headers: { ...all, "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>${text.join("")}</PostResponse>`,
  };
}
