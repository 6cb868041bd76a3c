/**
 * Elements that came one after the other, read by one pattern. Siblings look alike, and a compiled pattern compares tags
 * several characters at a time, where a compare for each tag and a search for each end cost more than all the rest of decoding.
 */
import type { XmlMember, XmlPlan } from "./xml-plan.js";

export interface XmlStep {
  readonly member: XmlMember;
  /** The element had no content: `<a/>`. */
  readonly empty: boolean;
}

/** So many of a structure are read tag by tag before a pattern is worth its making. */
export const SIBLINGS_MIN = 4;
/** A run that fails so often, and more often than it fits, is given up. */
const MISSES_MAX = 16;
/** Texts that one pattern takes. */
const GROUPS_MAX = 64;
const SIMPLE_KINDS: ReadonlySet<string> = new Set([
  "string",
  "boolean",
  "integer",
  "long",
  "float",
  "double",
  "timestamp",
]);

/** A step of a run: an element with text, an empty one, or a structure all of whose elements make a run themselves. */
export interface RunStep extends XmlStep {
  readonly nested: XmlRun | undefined;
}

export class XmlRun {
  readonly steps: readonly RunStep[];
  readonly source: string;
  /** Of the pattern, one for each text. */
  readonly groups: number;
  readonly last: XmlMember;
  #pattern: RegExp | undefined;
  #hits = 0;
  #misses = 0;

  constructor(steps: readonly RunStep[]) {
    this.steps = steps;
    this.source = steps.map(sourceOf).join("");
    this.groups = steps.reduce((count, step) => count + groupsOf(step), 0);
    this.last = (steps.at(-1) as RunStep).member;
  }

  get pattern(): RegExp {
    this.#pattern ??= new RegExp(this.source, "y");
    return this.#pattern;
  }

  hit(): void {
    this.#hits++;
  }

  /** False: not worth another try. */
  miss(): boolean {
    return ++this.#misses < MISSES_MAX || this.#misses <= this.#hits;
  }
}

/** White space stands between the elements where a document is indented. */
function sourceOf({ member, empty, nested }: RunStep): string {
  const tag = member.tag.replace(/[^\w:-]/g, "\\$&");
  if (empty) return `\\s*<${tag}/>`;
  return nested === undefined ? `\\s*<${tag}>([^<]*)</${tag}>` : `\\s*<${tag}>${nested.source}\\s*</${tag}>`;
}

function groupsOf({ empty, nested }: RunStep): number {
  return empty ? 0 : (nested?.groups ?? 1);
}

/** Learns from the elements of a structure of that plan: the first of each run of two or more gets its pattern. */
export function learnRuns(plan: XmlPlan, elements: readonly XmlStep[]): void {
  let run: RunStep[] = [];
  let groups = 0;
  const end = () => {
    const [first] = run;
    const learned = first && new XmlRun(run);
    if (first !== undefined && run.length > 1) first.member.run = learned;
    if (run.length === elements.length) plan.whole = learned;
    run = [];
    groups = 0;
  };
  for (const element of elements) {
    const step = stepOf(element);
    if (step === undefined || groups + groupsOf(step) > GROUPS_MAX) end();
    if (step === undefined) continue;
    run.push(step);
    groups += groupsOf(step);
  }
  end();
}

/** Undefined where the element is read on its own: lists, maps, what has no run. */
function stepOf({ member, empty }: XmlStep): RunStep | undefined {
  if (member.twin !== undefined || member.flat) return undefined;
  const { plan } = member;
  if (empty || SIMPLE_KINDS.has(plan.kind)) return { member, empty, nested: undefined };
  const nested = plan.kind === "structure" ? plan.whole : undefined;
  return nested && { member, empty, nested };
}
