/**
 * Rule sets repeat the same conditions and endpoints many times over (S3's is three times as long as what it says). Shipped,
 * each repeated part stands once, in a table, and `{"$": n}` in its places.
 */

interface Packed {
  readonly table: readonly unknown[];
  readonly root: unknown;
}

/** Shorter parts are not worth a reference. */
const LENGTH_MIN = 12;

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
  const table: unknown[] = [];
  const numbers = new Map<string, number>();
  const fold = (part: unknown): unknown => {
    if (!isNode(part)) return part;
    const text = JSON.stringify(part);
    const known = numbers.get(text);
    if (known !== undefined) return { $: known };
    const folded = Array.isArray(part)
      ? part.map(fold)
      : Object.fromEntries(Object.entries(part).map(([key, each]) => [key, fold(each)]));
    if (text.length < LENGTH_MIN || uses.get(text) === 1) return folded;
    // Its own parts are in the table by now: a reference always points backwards.
    const number = table.push(folded) - 1;
    numbers.set(text, number);
    return { $: number };
  };
  const root = fold(document);
  return JSON.stringify({ table, root } satisfies Packed);
}

/** A rule set in whose parts references may stand: what is met there goes through `at` first. A call meets a few of many. */
export interface RuleParts {
  readonly root: unknown;
  at<T>(part: T): T;
}

/** The rule set of a shipped text, or of the vendor's own JSON. */
export function unpackRules(text: string): RuleParts {
  const packed = JSON.parse(text) as Partial<Packed>;
  const { table } = packed;
  if (table === undefined) return { root: packed, at: (part) => part };
  const at = <T>(part: T): T => {
    const reference = isNode(part) ? (part as { $?: number }).$ : undefined;
    return reference === undefined ? part : (table[reference] as T);
  };
  return { root: at(packed.root), at };
}

function isNode(part: unknown): part is object {
  return typeof part === "object" && part !== null;
}
