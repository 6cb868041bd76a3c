/** The other side of SigV4a. */
import { fromHex, toBytes } from "./digest.js";
import {
  canonicalOf,
  checkTimeAndToken,
  good,
  mismatch,
  parseSignature,
  payloadDiffers,
  payloadHashOf,
  payloadMismatch,
  type ReceivedSignature,
  unknownKey,
  type Verification,
  type VerifyOptions,
} from "./sigv4-verify.js";
import { keyOf, needCrypto, SIGV4A_ALGORITHM, stringToSign } from "./sigv4a.js";

/** Whether the request carries a good SigV4a signature, in headers or in the query. */
export function verifyV4a(request: ReceivedSignature, options: VerifyOptions): Verification {
  const parsed = parseSignature(request, SIGV4A_ALGORITHM, 2);
  if ("ok" in parsed) return parsed;
  const secret = options.secretOf(parsed.accessKeyId);
  if (secret === undefined) return unknownKey(parsed);
  const early = checkTimeAndToken(parsed, secret, options);
  if (early !== undefined) return early;
  const [day = "", service = ""] = parsed.scope;
  const payloadHash = payloadHashOf(request, parsed, service);
  const canonical = canonicalOf(request, parsed, service, payloadHash);
  const text = stringToSign(parsed.date, `${day}/${service}/aws4_request`, canonical);
  const crypto = needCrypto();
  const key = keyOf({ accessKeyId: parsed.accessKeyId, secretAccessKey: secret.secretAccessKey });
  const signature = fromHex(parsed.signature);
  if (
    signature === undefined ||
    !crypto.verify("sha256", toBytes(text), crypto.createPublicKey(key), signature)
  ) {
    return mismatch(parsed, canonical, text);
  }
  if (payloadDiffers(request, payloadHash)) return payloadMismatch(parsed);
  return good(parsed, undefined, service, payloadHash);
}
