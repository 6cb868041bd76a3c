/** A JSON web token signed with an application's certificate. https://learn.microsoft.com/entra/identity-platform/certificate-credentials */
import { invalidInput } from "../../internal/cloud-error.js";

export interface CertificateAssertion {
  readonly clientId: string;
  /** The token endpoint. */
  readonly audience: string;
  /** Certificate and private key, PEM. */
  readonly pem: string;
  readonly password?: string | undefined;
  readonly sendCertificateChain?: boolean | undefined;
  readonly now?: number | undefined;
}

const LIFETIME_SECONDS = 600;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/g;

export function certificateAssertion(options: CertificateAssertion): string {
  const { clientId, audience, pem, password, sendCertificateChain, now = Date.now() } = options;
  const { createHash, createPrivateKey, constants, randomUUID, sign } =
    process.getBuiltinModule("node:crypto");
  const chain = [...pem.matchAll(CERTIFICATE)].map(([, base64]) => (base64 as string).replace(/\s+/g, ""));
  const [leaf] = chain;
  if (leaf === undefined || !pem.includes("PRIVATE KEY-----")) {
    throw invalidInput("Cannot read the certificate: PEM text must hold a CERTIFICATE and a PRIVATE KEY");
  }
  const seconds = Math.floor(now / 1000);
  const header = {
    alg: "PS256",
    typ: "JWT",
    "x5t#S256": createHash("sha256").update(Buffer.from(leaf, "base64")).digest("base64url"),
    ...(sendCertificateChain && { x5c: chain }),
  };
  const claims = {
    aud: audience,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: seconds,
    exp: seconds + LIFETIME_SECONDS,
  };
  const signed = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  const key = createPrivateKey({ key: pem, ...(password !== undefined && { passphrase: password }) });
  const signature = sign("sha256", Buffer.from(signed), {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
  return `${signed}.${signature.toString("base64url")}`;
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
