/**
 * Rule sets repeat the same conditions and endpoints many times over (S3's is three times as long as what it says), and a call
 * walks down one branch of a tree. Shipped, a set is a line of JSON for each part that repeats and for each branch, the root
 * first; `{"$": n}` stands for the part on line n, which is parsed when it is met.
 */

/** Shorter parts are not worth a reference. */
const LENGTH_MIN = 12;
/** Longer branches stand on a line of their own, though nothing repeats them. */
const BRANCH_LENGTH_MIN = 200;

/** The text of a rule set as it is shipped. */
export function packRules(document: unknown): string {
  const uses = new Map<string, number>();
  const count = (part: unknown): void => {
    const text = JSON.stringify(part);
    const known = uses.get(text) ?? 0;
    uses.set(text, known + 1);
    if (known === 0 && isNode(part)) for (const each of Object.values(part)) count(each);
  };
  count(document);
  const lines = [""];
  const numbers = new Map<string, number>();
  const fold = (part: unknown, isBranch: boolean): unknown => {
    if (!isNode(part)) return part;
    const text = JSON.stringify(part);
    const known = numbers.get(text);
    if (known !== undefined) return { $: known };
    const folded = Array.isArray(part)
      ? part.map((each) => fold(each, false))
      : Object.fromEntries(Object.entries(part).map(([key, each]) => [key, fold(each, key === "rules")]));
    const stands = isBranch ? text.length < BRANCH_LENGTH_MIN : uses.get(text) === 1;
    if (text.length < LENGTH_MIN || stands) return folded;
    const number = lines.push(JSON.stringify(folded)) - 1;
    numbers.set(text, number);
    return { $: number };
  };
  lines[0] = JSON.stringify(fold(document, false));
  return lines.join("\n");
}

/** A rule set in whose parts references may stand: what is met there goes through `at` first. */
export interface RuleParts {
  readonly root: unknown;
  at<T>(part: T): T;
}

/** The rule set of a shipped text, or of the vendor's own JSON in one line. */
export function unpackRules(text: string): RuleParts {
  const lines = text.split("\n");
  const parts: unknown[] = [];
  const read = (number: number): unknown => {
    parts[number] ??= JSON.parse(lines[number] as string);
    return parts[number];
  };
  return {
    root: read(0),
    at<T>(part: T): T {
      const reference = isNode(part) ? (part as { $?: number }).$ : undefined;
      return reference === undefined ? part : (read(reference) as T);
    },
  };
}

function isNode(part: unknown): part is object {
  return typeof part === "object" && part !== null;
}
