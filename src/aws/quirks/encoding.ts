/** Base64 and MD5 as headers of AWS want them. */
import { nodeCrypto, toBase64, toBytes } from "../../auth/digest.js";
import { CloudError } from "../../internal/cloud-error.js";

export function base64Of(data: string | Uint8Array): string {
  return toBase64(toBytes(data));
}

export function textOfBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (each) => each.charCodeAt(0)));
}

/** Base64 of the MD5. Needs node:crypto: browsers have no MD5. */
export function md5Base64(data: string | Uint8Array): string {
  const crypto = nodeCrypto();
  if (crypto === undefined) {
    throw new CloudError("Cannot make an MD5 in this runtime: give the digest with the input", {
      kind: "notImplemented",
      code: "NoMd5",
    });
  }
  return crypto.createHash("md5").update(data).digest("base64");
}
