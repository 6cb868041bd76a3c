/** Refusals as EC2 hides them from who is refused: STS reads them to those who may know. */
import type { Denial } from "../authorization.js";

/** The text itself, in Base64: nobody's secrets are in it. */
export function encodeDenial({ asked, caller, explicit }: Denial): string {
  const message = {
    allowed: false,
    explicitDeny: explicit,
    matchedStatements: { items: [] },
    failures: { items: [] },
    context: {
      principal: { id: caller.userId, name: caller.id.slice(caller.id.lastIndexOf("/") + 1), arn: caller.id },
      action: asked.action,
      resource: asked.resource,
      conditions: {
        items: Object.entries(asked.keys ?? {})
          .filter(([, value]) => value !== undefined)
          .map(([key, value]) => ({
            key,
            values: { items: [value].flat().map((each) => ({ value: each })) },
          })),
      },
    },
  };
  return Buffer.from(JSON.stringify(message)).toString("base64url");
}

/** Undefined for what is no refusal of ours. */
export function decodeDenial(encoded: string): string | undefined {
  const text = Buffer.from(encoded, "base64url").toString();
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null && "explicitDeny" in message ? text : undefined;
  } catch {
    return undefined;
  }
}
