/** A service identity of Google Distributed Cloud Hosted: an ES256 assertion exchanged at the cluster's own token endpoint. */
import type { AccessToken } from "../../auth/credentials.js";
import { nodeCrypto, toBase64Url } from "../../auth/digest.js";
import { CloudError } from "../../internal/cloud-error.js";
import {
  type CredentialsContext,
  type CredentialsFile,
  type GoogleCredentials,
  requiredText,
} from "./credentials.js";
import { sendForJson, tokenOf } from "./token-request.js";

const TYPE = "gdch_service_account";
const LIFETIME_SECONDS = 3600;
const WHAT = "The exchange of the GDCH service account's assertion";

export function gdchServiceAccount(file: CredentialsFile, context: CredentialsContext): GoogleCredentials {
  if (file.format_version !== "1")
    throw new Error(`The ${TYPE} credentials are of format version ${String(file.format_version)}, not 1`);
  const project = requiredText(file, "project", TYPE);
  const name = requiredText(file, "name", TYPE);
  const keyId = requiredText(file, "private_key_id", TYPE);
  const privateKey = requiredText(file, "private_key", TYPE);
  const url = requiredText(file, "token_uri", TYPE);
  const identity = `system:serviceaccount:${project}:${name}`;
  return {
    description: `GDCH service account ${project}:${name}`,
    project: () => project,
    async accessToken(_scopes, signal, audience = ""): Promise<AccessToken> {
      if (audience === "") {
        throw new CloudError("GDCH credentials need the audience of the API", {
          kind: "invalidInput",
          code: "NoAudience",
        });
      }
      const now = Math.floor(context.environment.now() / 1000);
      const claims = { iss: identity, sub: identity, aud: url, iat: now, exp: now + LIFETIME_SECONDS };
      const json = {
        grant_type: "urn:ietf:params:oauth:token-type:token-exchange",
        audience,
        requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
        subject_token: signEs256({ alg: "ES256", typ: "JWT", kid: keyId }, claims, privateKey),
        subject_token_type: "urn:k8s:params:oauth:token-type:serviceaccount",
      };
      return tokenOf(await sendForJson(context, { method: "POST", url, json }, WHAT, signal), context, WHAT);
    },
  };
}

/** ECDSA on P-256: the one place that needs it. */
function signEs256(header: object, claims: object, privateKey: string): string {
  const crypto = nodeCrypto();
  if (crypto === undefined) {
    throw new CloudError("GDCH credentials need Node's crypto", {
      kind: "notImplemented",
      code: "NotImplemented",
    });
  }
  const signed = `${toBase64Url(JSON.stringify(header))}.${toBase64Url(JSON.stringify(claims))}`;
  const bytes = new TextEncoder().encode(signed);
  const signature = crypto.sign("sha256", bytes, { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${signed}.${toBase64Url(signature)}`;
}
