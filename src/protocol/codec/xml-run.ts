/**
 * Elements that came one after the other, read by one pattern. Siblings look alike, and a compiled pattern compares tags
 * several characters at a time, where a compare for each tag and a search for each end cost more than all the rest of decoding.
 */
import type { Values } from "../protocol.js";
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
/** Elements of a list that one pattern takes. */
const ELEMENTS_MAX = 8;
const SIMPLE_KINDS: ReadonlySet<string> = new Set([
  "string",
  "boolean",
  "integer",
  "long",
  "float",
  "double",
  "timestamp",
]);

/** A step of a run: an element with text, an empty one, a structure all of whose elements make a run themselves, or a list. */
export interface RunStep extends XmlStep {
  /** Of the structure, or of each structure in the list. */
  readonly nested: XmlRun | undefined;
  /** Elements of the list; undefined where it is none. */
  readonly count: number | undefined;
}

export class XmlRun {
  readonly steps: readonly RunStep[];
  readonly source: string;
  /** Of the pattern, one for each text. */
  readonly groups: number;
  readonly last: XmlMember;
  readonly hasLists: boolean;
  /** Missed too often to be worth another try. */
  givenUp = false;
  #pattern: RegExp | undefined;
  #hits = 0;
  #misses = 0;

  constructor(steps: readonly RunStep[]) {
    this.steps = steps;
    this.source = steps.map(sourceOf).join("");
    this.groups = steps.reduce((count, step) => count + groupsOf(step), 0);
    this.last = (steps.at(-1) as RunStep).member;
    this.hasLists = steps.some(({ count, nested }) => count !== undefined || nested?.hasLists);
  }

  get pattern(): RegExp {
    this.#pattern ??= new RegExp(this.source, "y");
    return this.#pattern;
  }

  hit(): void {
    this.#hits++;
  }

  miss(): void {
    this.givenUp = ++this.#misses >= MISSES_MAX && this.#misses > this.#hits;
  }
}

/** White space stands between the elements where a document is indented. */
function sourceOf({ member, empty, nested, count }: RunStep): string {
  if (empty) return `\\s*<${escapedTag(member)}/>`;
  if (count === undefined) return elementSource(member, nested);
  const { element } = member.plan;
  return around(member, elementSource(element as XmlMember, nested).repeat(count));
}

function elementSource(member: XmlMember, nested: XmlRun | undefined): string {
  const tag = escapedTag(member);
  return nested === undefined ? `\\s*<${tag}>([^<]*)</${tag}>` : around(member, nested.source);
}

function around(member: XmlMember, source: string): string {
  const tag = escapedTag(member);
  return `\\s*<${tag}>${source}\\s*</${tag}>`;
}

function escapedTag({ tag }: XmlMember): string {
  return tag.replace(/[^\w:-]/g, "\\$&");
}

function groupsOf({ empty, nested, count = 1 }: RunStep): number {
  return empty ? 0 : count * (nested?.groups ?? 1);
}

/**
 * Learns from the elements of a structure of that plan: the first of each run of two or more gets its pattern, and the plan
 * one of all, lists included. Lists differ in length among siblings more often than anything else does: the runs between them
 * are for when the whole does not fit.
 */
export function learnRuns(plan: XmlPlan, elements: readonly XmlStep[], values: Values): void {
  let run: RunStep[] = [];
  const whole: RunStep[] = [];
  const end = () => {
    const [first] = run;
    if (first !== undefined && run.length > 1) first.member.run = new XmlRun(run);
    if (first !== undefined && run.length === elements.length)
      plan.plain = first.member.run ?? new XmlRun(run);
    run = [];
  };
  for (const element of elements) {
    const step = stepOf(element);
    if (step === undefined || groupsIn(run) + groupsOf(step) > GROUPS_MAX) end();
    if (step !== undefined) run.push(step);
    const inWhole = listStepOf(element, values) ?? wholeStepOf(element) ?? step;
    if (inWhole !== undefined) whole.push(inWhole);
  }
  end();
  if (whole.length < elements.length || groupsIn(whole) > GROUPS_MAX) return;
  plan.whole = whole.every((step) => step.count === undefined && !step.nested?.hasLists)
    ? plan.plain
    : new XmlRun(whole);
}

function groupsIn(steps: readonly RunStep[]): number {
  return steps.reduce((count, step) => count + groupsOf(step), 0);
}

/** Undefined where the element is read on its own: lists, maps, what has no run. */
function stepOf({ member, empty }: XmlStep): RunStep | undefined {
  if (member.twin !== undefined || member.flat) return undefined;
  const { plan } = member;
  if (empty || SIMPLE_KINDS.has(plan.kind)) return { member, empty, nested: undefined, count: undefined };
  const nested = plan.kind === "structure" ? plan.plain : undefined;
  return nested && { member, empty, nested, count: undefined };
}

/** A structure in which there are lists. */
function wholeStepOf({ member, empty }: XmlStep): RunStep | undefined {
  if (member.twin !== undefined || member.plan.kind !== "structure" || empty) return undefined;
  const nested = member.plan.whole;
  return nested && { member, empty, nested, count: undefined };
}

/** A list that is as long in the next sibling, or the pattern does not fit. */
function listStepOf({ member, empty }: XmlStep, values: Values): RunStep | undefined {
  const { kind, element } = member.plan;
  const list = values[member.property];
  if (kind !== "list" || element === undefined || member.flat || empty || !Array.isArray(list))
    return undefined;
  if (member.twin !== undefined || list.length > ELEMENTS_MAX) return undefined;
  const nested = element.plan.whole;
  if (nested === undefined && !SIMPLE_KINDS.has(element.plan.kind)) return undefined;
  return { member, empty, nested, count: list.length };
}
