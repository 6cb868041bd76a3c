/** Policy documents: taken as text, refused when they are not policies. */
import { EmulatorError } from "../../service.js";

/** The document itself, once it is seen to be one. IAM has other words where a role's trust policy is no JSON. */
export function checkDocument(document: string, noJson = "Syntax errors in policy."): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    throw malformed(noJson);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw malformed("Syntax errors in policy.");
  const { Version, Statement } = parsed as { Version?: unknown; Statement?: unknown };
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17") {
    throw malformed("The policy must contain a valid version string");
  }
  if (Statement === undefined) throw malformed("Syntax errors in policy.");
  for (const statement of Array.isArray(Statement) ? Statement : [Statement]) checkStatement(statement);
  return document;
}

export function checkTrustDocument(document: string): string {
  return checkDocument(document, "This policy contains invalid Json");
}

function checkStatement(statement: unknown): void {
  if (typeof statement !== "object" || statement === null) throw malformed("Syntax errors in policy.");
  const { Effect, Action, NotAction } = statement as Record<string, unknown>;
  if (Effect !== "Allow" && Effect !== "Deny") throw malformed(`Invalid effect: ${String(Effect)}`);
  if (Action === undefined && NotAction === undefined)
    throw malformed("Policy statement must contain actions.");
}

function malformed(message: string): EmulatorError {
  return new EmulatorError("MalformedPolicyDocument", message, 400);
}
