/** Where the notes of two clouds differ, and which of the differences have a reason. */

/** What `differential.py` prints: answers by `scenario/operation#n`. */
export type Notes = Readonly<Record<string, unknown>>;

export interface Difference {
  /**
   * `s3_lists/list_objects_v2#3 output.KeyCount`; `... error` where both refused, each by another code; the step alone where one
   * refused or failed and the other did not.
   */
  readonly at: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** Differences that are meant to be. */
export interface Known {
  /** Who is right. */
  readonly why: string;
  /** AWS's page that says so. */
  readonly link?: string;
  /** Patterns of `at`, where `*` is any text but a space: each must fit a difference. */
  readonly at: readonly string[];
  /** Only where our side refuses by this code. */
  readonly code?: string;
  /** Only where moto's side has this text. */
  readonly theirs?: string;
  /** By chance or by time: not in every run, so never stale. */
  readonly sometimes?: true;
}

export const ABSENT = "<absent>";
const NOT_REACHED = "<not reached>";

export function differencesOf(ours: Notes, theirs: Notes): Difference[] {
  const found: Difference[] = [];
  for (const step of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const [one, other] = [ours[step] ?? NOT_REACHED, theirs[step] ?? NOT_REACHED];
    const [code, otherCode] = [refusal(one), refusal(other)];
    const bare = (code === undefined) !== (otherCode === undefined);
    if (bare || failed(one) || failed(other)) {
      if (JSON.stringify(one) !== JSON.stringify(other)) found.push({ at: step, ours: one, theirs: other });
    } else if (code !== otherCode) found.push({ at: `${step} error`, ours: one, theirs: other });
    else collect(one, other, step, " ", found);
  }
  return found;
}

/** Code of the error that an answer is. */
function refusal(answer: unknown): unknown {
  return isRecord(answer) && isRecord(answer.error) ? answer.error.Code : undefined;
}

/** The client could not read the answer, or the server fell over. */
function failed(answer: unknown): boolean {
  return isRecord(answer) && (answer.raised !== undefined || answer.status === 500);
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
  const rules = known.flatMap(({ at, ...rest }) =>
    at.map((pattern) => ({ ...rest, pattern, expression: glob(pattern), used: rest.sometimes === true })),
  );
  const unexplained = differences.filter((difference) => {
    // All that fit are in use: which comes first says nothing of the others.
    const fitting = rules.filter(
      ({ expression, code, theirs }) =>
        expression.test(difference.at) &&
        (code === undefined || refusal(difference.ours) === code) &&
        (theirs === undefined || JSON.stringify(difference.theirs).includes(theirs)),
    );
    for (const rule of fitting) rule.used = true;
    return fitting.length === 0;
  });
  const stale = rules.filter(({ used }) => !used);
  return { unexplained, stale: stale.map(({ pattern, code = "" }) => `${pattern} ${code}`.trimEnd()) };
}

function glob(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^ ]*")}$`);
}
