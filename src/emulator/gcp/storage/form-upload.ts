/** Uploads by an HTML form under a signed policy. https://cloud.google.com/storage/docs/xml-api/post-object-forms */
import { verifyGcsPost } from "../../../auth/gcs-v4-verify.js";
import { escapeXml } from "../../../protocol/codec/xml.js";
import type { EncodedResponse } from "../../../protocol/protocol.js";
import { type Form, parseForm } from "../../form-data.js";
import { type Context, EmulatorError, type IncomingRequest } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { identities } from "../identity.js";
import { insert } from "./objects.js";
import { storageStore } from "./store.js";
import { xmlAcl, xmlMetadata } from "./xml-metadata.js";

const FORM_BYTES_MAX = 1024 ** 3;

export function isForm({ method, headers }: IncomingRequest): boolean {
  return method === "POST" && headers["content-type"]?.startsWith("multipart/form-data") === true;
}

export async function answerForm(
  request: IncomingRequest,
  context: Context,
  bucketName: string,
): Promise<EncodedResponse> {
  const type = request.headers["content-type"] ?? "";
  const form = parseForm(await request.body.bytes(FORM_BYTES_MAX), type);
  const bucket = context.store(storageStore).bucket(bucketName);
  checkFields(form.fields);
  if (context.verify) await authorize(form, bucketName, context);
  const { fields } = form;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the form's own word for the file's name.
  const name = (fields.key ?? "").replaceAll("${filename}", form.fileName);
  const bytes = StoredBytes.of(form.file, context.memory);
  try {
    const { resource } = insert(
      context,
      bucket,
      { name, predefinedAcl: xmlAcl(fields.acl) },
      xmlMetadata(fields),
      bytes,
    );
    return answer(fields, request, bucketName, name, `"${resource.etag}"`);
  } catch (error) {
    context.memory.release(bytes.length);
    throw error;
  }
}

const FIELD =
  /^x-goog-(algorithm|credential|date|signature|meta-.*|acl|custom-time|storage-class|project-id|if-.*|encryption-.*|content-length-range|hash)$/;

/** https://cloud.google.com/storage/docs/xml-api/post-object-forms#form_fields */
function checkFields(fields: Form["fields"]): void {
  const unknown = Object.keys(fields).find((name) => name.startsWith("x-goog-") && !FIELD.test(name));
  if (unknown === undefined) return;
  throw new EmulatorError("InvalidArgument", `Invalid argument: the form has the field ${unknown}.`, 400);
}

async function authorize({ fields, file }: Form, bucket: string, context: Context): Promise<void> {
  const result = await verifyGcsPost({ ...fields, bucket }, file.length, {
    publicKeysOf: (email) =>
      context
        .store(identities)
        .keys(email)
        .map(({ publicKey }) => publicKey),
    now: context.clock.date(),
  });
  if (result.ok) return;
  switch (result.problem) {
    case "missing":
      throw new EmulatorError(
        "AccessDenied",
        "Anonymous caller does not have storage.objects.create access.",
        401,
      );
    case "expired":
      throw new EmulatorError("ExpiredToken", result.message, 400);
    case "policy":
      throw new EmulatorError("InvalidPolicyDocument", result.message, 403);
    case "malformed":
      throw new EmulatorError("InvalidPolicyDocument", result.message, 400);
    default:
      throw new EmulatorError("SignatureDoesNotMatch", result.message, 403);
  }
}

function answer(
  fields: Form["fields"],
  { origin }: IncomingRequest,
  bucket: string,
  name: string,
  etag: string,
): EncodedResponse {
  const location = `${origin}/${bucket}/${encodeURIComponent(name).replaceAll("%2F", "/")}`;
  const { success_action_redirect: redirect, success_action_status: status } = fields;
  if (redirect !== undefined && URL.canParse(redirect)) {
    const url = new URL(redirect);
    for (const [key, value] of Object.entries({ bucket, key: name, etag })) url.searchParams.set(key, value);
    return { status: 303, headers: { location: url.href } };
  }
  const headers = { etag, location };
  if (status === "200") return { status: 200, headers };
  if (status !== "201") return { status: 204, headers };
  const members = Object.entries({ Location: location, Bucket: bucket, Key: name, ETag: etag });
  const text = members.map(([member, value]) => `<${member}>${escapeXml(value)}</${member}>`).join("");
  return {
    status: 201,
    headers: { ...headers, "content-type": "application/xml; charset=UTF-8" },
    body: `<?xml version='1.0' encoding='UTF-8'?><PostResponse>${text}</PostResponse>`,
  };
}
