/**
 * Endpoint rule sets, each distinct one once. Most services' sets differ in nothing but the name in their hosts: that name
 * becomes the placeholder `$prefix`, whose value stands with the service (`ruleValues`).
 */
import { createHash } from "node:crypto";
import type { AwsServiceTraits } from "../../src/model/ir.js";

const PLACEHOLDER = "$prefix";

type RuleReference = Pick<AwsServiceTraits, "rules" | "ruleValues">;

export interface RuleSets {
  /** By service id. */
  readonly references: Readonly<Record<string, RuleReference>>;
  /** JSON text by name. */
  readonly texts: Readonly<Record<string, string>>;
}

interface User {
  readonly id: string;
  readonly prefix: string | undefined;
  /** The service's own set, its host names in place. */
  readonly closed: string;
}

export function shareRules(ruleSets: Readonly<Record<string, unknown>>): RuleSets {
  const usersOf = new Map<string, User[]>();
  for (const [id, ruleSet] of Object.entries(ruleSets)) {
    const closed = JSON.stringify(withoutDocumentation(ruleSet));
    const { text, prefix } = openPrefix(closed);
    const users = usersOf.get(text);
    if (users) users.push({ id, prefix, closed });
    else usersOf.set(text, [{ id, prefix, closed }]);
  }
  const references: Record<string, RuleReference> = {};
  const texts: Record<string, string> = {};
  for (const [text, users] of usersOf) {
    const [first] = users as [User, ...User[]];
    if (users.length === 1) {
      // A set of one service is named after it.
      texts[first.id] = first.closed;
      references[first.id] = { rules: first.id };
      continue;
    }
    // A shared one is named after its content, so that its name outlives a change of users.
    const name = `shared-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
    texts[name] = text;
    for (const { id, prefix } of users) {
      references[id] = {
        rules: name,
        ...(prefix !== undefined && { ruleValues: { [PLACEHOLDER]: prefix } }),
      };
    }
  }
  return { references, texts };
}

/** Puts the placeholder where the hosts of the set name the service. */
function openPrefix(text: string): { text: string; prefix: string | undefined } {
  const counts = new Map<string, number>();
  for (const [, host] of text.matchAll(/"url":"https:\/\/([a-z0-9-]+?)(?:-fips)?\./g)) {
    if (host !== undefined) counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  const [prefix] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  if (prefix === undefined) return { text, prefix };
  const opened = text.replace(
    /"url":"https:\/\/([a-z0-9-]+?)(-fips)?\./g,
    (whole, host: string, fips = "") => (host === prefix ? `"url":"https://${PLACEHOLDER}${fips}.` : whole),
  );
  return { text: opened, prefix };
}

function withoutDocumentation(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDocumentation);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, each]) => !(key === "documentation" && typeof each === "string"),
  );
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutDocumentation(each)]));
}
