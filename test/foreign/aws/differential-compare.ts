/** Where the notes of two clouds differ, and which of the differences have a reason. */

/** What `differential.py` prints: answers by `scenario/operation#n`. */
export type Notes = Readonly<Record<string, unknown>>;

export interface Difference {
  /** `s3_lists/list_objects_v2#3 output.KeyCount`. */
  readonly at: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** Differences that are meant to be. */
export interface Known {
  /** Who is right, by whose page. */
  readonly why: string;
  /** Patterns of `at`, where `*` is any text: each must fit a difference. */
  readonly at: readonly string[];
  /** Narrows the patterns to differences with this text on our side. */
  readonly ours?: string;
  /** Likewise on theirs. */
  readonly theirs?: string;
}

export const ABSENT = "<absent>";
const NOT_REACHED = "<not reached>";

export function differencesOf(ours: Notes, theirs: Notes): Difference[] {
  const found: Difference[] = [];
  for (const step of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    collect(ours[step] ?? NOT_REACHED, theirs[step] ?? NOT_REACHED, step, " ", found);
  }
  return found;
}

function collect(ours: unknown, theirs: unknown, at: string, dot: string, found: Difference[]): void {
  if (isRecord(ours) && isRecord(theirs)) {
    for (const name of [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort()) {
      collect(present(ours[name]), present(theirs[name]), `${at}${dot}${name}`, ".", found);
    }
  } else if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    for (const [index, one] of ours.entries()) collect(one, theirs[index], `${at}[${index}]`, ".", found);
  } else if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
    found.push({ at, ours, theirs });
  }
}

/** An empty list or map says no more than an absent one: AWS is not of one mind about which it sends. */
function present(value: unknown): unknown {
  return value === undefined ? ABSENT : value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export interface Judged {
  readonly unexplained: readonly Difference[];
  /** Patterns that fit no difference. */
  readonly stale: readonly string[];
}

export function judge(differences: readonly Difference[], known: readonly Known[]): Judged {
  const rules = known.flatMap(({ at, ours, theirs }) =>
    at.map((pattern) => ({ pattern, expression: glob(pattern), ours, theirs, used: false })),
  );
  const unexplained = differences.filter((difference) => {
    // All that fit are in use: which comes first says nothing of the others.
    const fitting = rules.filter(
      ({ expression, ours, theirs }) =>
        expression.test(difference.at) && holds(difference.ours, ours) && holds(difference.theirs, theirs),
    );
    for (const rule of fitting) rule.used = true;
    return fitting.length === 0;
  });
  return { unexplained, stale: rules.filter(({ used }) => !used).map(({ pattern }) => pattern) };
}

function holds(value: unknown, text: string | undefined): boolean {
  return text === undefined || (typeof value === "string" ? value : JSON.stringify(value)).includes(text);
}

function glob(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}
