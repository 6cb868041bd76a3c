/** POST policies, the same on S3 and Cloud Storage: whether a form's fields are as its policy demands. */
import { fromBase64 } from "./digest.js";

export interface PostPolicy {
  readonly expiration: Date;
  readonly conditions: readonly unknown[];
}

/** Undefined when the text is no policy. */
export function parsePostPolicy(encoded: string): PostPolicy | undefined {
  const bytes = fromBase64(encoded);
  try {
    const policy = JSON.parse(new TextDecoder().decode(bytes)) as {
      expiration?: unknown;
      conditions?: unknown;
    };
    const expiration = new Date(String(policy.expiration));
    if (Number.isNaN(expiration.getTime()) || !Array.isArray(policy.conditions)) return undefined;
    return { expiration, conditions: policy.conditions };
  } catch {
    return undefined;
  }
}

/** Fields that prove the policy rather than being bound by it. */
const PROOF = /^(policy|file|signature|awsaccesskeyid|googleaccessid|x-(amz|goog)-signature|x-ignore-.*)$/;

/**
 * What a form breaks, or undefined when it keeps its policy. Names of `fields` are lower-case; `bucket` is among them;
 * `bytes` is the file's length.
 */
export function brokenCondition(
  policy: PostPolicy,
  fields: Readonly<Record<string, string>>,
  bytes: number,
): string | undefined {
  const bound = new Set<string>();
  for (const condition of policy.conditions) {
    if (!Array.isArray(condition)) {
      if (typeof condition !== "object" || condition === null) return JSON.stringify(condition);
      for (const [name, value] of Object.entries(condition)) {
        bound.add(name.toLowerCase());
        if (fields[name.toLowerCase()] !== String(value)) return JSON.stringify(condition);
      }
      continue;
    }
    const [operator, subject, value] = condition as unknown[];
    if (operator === "content-length-range") {
      if (!(bytes >= Number(subject) && bytes <= Number(value))) return JSON.stringify(condition);
      continue;
    }
    const name = String(subject).replace(/^\$/, "").toLowerCase();
    bound.add(name);
    const actual = Object.hasOwn(fields, name) ? (fields[name] as string) : "";
    const kept =
      operator === "eq"
        ? actual === value
        : operator === "starts-with" && startsWith(name, actual, String(value));
    if (!kept) return JSON.stringify(condition);
  }
  const unbound = Object.keys(fields).find(
    (name) => name !== "bucket" && !PROOF.test(name) && !bound.has(name),
  );
  return unbound === undefined ? undefined : `Extra input fields: ${unbound}`;
}

/** A list of content types keeps the condition when each of them does. */
function startsWith(name: string, actual: string, start: string): boolean {
  const values = name === "content-type" ? actual.split(",") : [actual];
  return values.every((each) => each.startsWith(start));
}
