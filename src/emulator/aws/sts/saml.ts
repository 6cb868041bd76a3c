/** What a SAML assertion says about the session it asks for. Its signature is not looked at: no provider's key is known. */
import { parseXml } from "../../../protocol/codec/xml.js";
import { EmulatorError } from "../../service.js";

export interface SamlAssertion {
  readonly sessionName: string;
  readonly durationSeconds: number | undefined;
  readonly subject: string;
  readonly subjectType: string;
  readonly issuer: string;
  readonly audience: string;
}

const ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/";

export function readSaml(base64: string): SamlAssertion {
  const text = Buffer.from(base64, "base64").toString("utf8");
  try {
    parseXml(text);
  } catch {
    throw invalidAssertion();
  }
  const sessionName = attribute(text, "RoleSessionName");
  if (sessionName === undefined) throw invalidAssertion();
  const duration = attribute(text, "SessionDuration");
  return {
    sessionName,
    durationSeconds: duration === undefined ? undefined : Number(duration),
    subject: element(text, "NameID") ?? "",
    subjectType: /<(?:\w+:)?NameID[^>]*Format="[^"]*:([\w-]+)"/.exec(text)?.[1] ?? "persistent",
    issuer: element(text, "Issuer") ?? "",
    audience: element(text, "Audience") ?? "https://signin.aws.amazon.com/saml",
  };
}

function attribute(text: string, name: string): string | undefined {
  const start = text.indexOf(`Name="${ATTRIBUTES}${name}"`);
  return start < 0 ? undefined : element(text.slice(start), "AttributeValue");
}

function element(text: string, name: string): string | undefined {
  return new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(text)?.[1]?.trim();
}

function invalidAssertion(): EmulatorError {
  return new EmulatorError(
    "InvalidIdentityToken",
    "Invalid base64 SAMLResponse (Service: AWSSecurityTokenService; Status Code: 400; Error Code: InvalidIdentityToken)",
    400,
  );
}
