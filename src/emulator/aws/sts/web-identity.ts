/** Tokens of web identities: read, and refused when they say that they are over. Their issuers are not asked. */
import { EmulatorError } from "../../service.js";

export interface WebIdentity {
  readonly subject: string;
  readonly audience: string | undefined;
  readonly issuer: string | undefined;
}

/** A token that is no JWT stands for itself: tests use any text. */
export function readWebIdentity(token: string, now: number): WebIdentity {
  const claims = claimsOf(token);
  if (claims === undefined) return { subject: token.slice(0, 255), audience: undefined, issuer: undefined };
  const { sub, aud, iss, exp } = claims;
  if (typeof exp === "number" && exp * 1000 <= now) {
    throw new EmulatorError(
      "ExpiredTokenException",
      "Token expired: current date/time must be before the expiration date/time",
      400,
    );
  }
  const audience = Array.isArray(aud) ? aud[0] : aud;
  return {
    subject: typeof sub === "string" ? sub : "",
    audience: typeof audience === "string" ? audience : undefined,
    issuer: typeof iss === "string" ? iss.replace(/^https?:\/\//, "") : undefined,
  };
}

function claimsOf(token: string): Record<string, unknown> | undefined {
  const payload = token.split(".")[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
