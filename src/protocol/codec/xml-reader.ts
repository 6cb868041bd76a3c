/** The cursor over an XML text: tags, text and values of the model's shapes. Used through `xml.ts`. */
import type { Values } from "../protocol.js";
import { badResponse } from "./bad-response.js";
import { setOwn } from "./own-property.js";
import type { XmlMember, XmlPlan } from "./xml-plan.js";
import { learnRuns, type RunStep, SIBLINGS_MIN, type XmlRun, type XmlStep } from "./xml-run.js";
import { scalar, unescapeXml } from "./xml-text.js";

const DEPTH_MAX = 128;

/** V8 copies parts of a text up to so many characters; a longer part keeps the whole text in memory. */
const COPIED_LENGTH_MAX = 12;

const LT = 60;
const GT = 62;
const SLASH = 47;
const BANG = 33;
const QUESTION = 63;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;

export class XmlReader {
  /** Of the start tag read last: local name, attributes as they stand, the end tag that belongs to it. */
  name = "";
  attributes = "";
  closeTag = "";
  selfClosed = false;
  readonly #text: string;
  readonly #keysAreNames: boolean;
  readonly #hasReferences: boolean;
  #position: number;
  #depth = 0;
  /** Of the run's pattern, the group to read next. */
  #group = 0;

  constructor(text: string, keysAreNames: boolean) {
    // XML reads every line end as a line feed.
    this.#text = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
    this.#hasReferences = text.includes("&");
    this.#position = text.charCodeAt(0) === 0xfeff ? 1 : 0;
    this.#keysAreNames = keysAreNames;
  }

  /** Steps over declaration, comments and white space into the root element. */
  openRoot(): void {
    for (;;) {
      const lt = this.#lessThan();
      this.#onlySpace(this.#position, lt);
      if (this.#isMarkup(lt)) this.#position = this.#afterMarkup(lt);
      else return this.#openTag(lt);
    }
  }

  /** Steps into the first child of that name; false when the element ends without one. */
  openChild(name: string, close: string): boolean {
    for (;;) {
      const lt = this.#lessThan();
      if (this.#text.charCodeAt(lt + 1) === SLASH) {
        this.#position = this.#afterClose(close, lt);
        return false;
      }
      if (this.#isMarkup(lt)) {
        this.#position = this.#afterMarkup(lt);
        continue;
      }
      this.#openTag(lt);
      if (this.name === name) return true;
      if (!this.selfClosed) this.skip(this.closeTag);
    }
  }

  /** Nothing but comments and white space may follow the root element. */
  end(): void {
    for (;;) {
      const lt = this.#text.indexOf("<", this.#position);
      this.#onlySpace(this.#position, lt === -1 ? this.#text.length : lt);
      if (lt === -1) return;
      if (!this.#isMarkup(lt)) throw this.#malformed("more than one root element");
      this.#position = this.#afterMarkup(lt);
    }
  }

  /** Value of the element whose start tag was read last. */
  opened(plan: XmlPlan): unknown {
    if (this.selfClosed) return this.#empty(plan);
    return this.#value(plan, this.closeTag, this.attributes);
  }

  /** Text, or children by name, of the element whose start tag was read last. */
  tree(): string | Values {
    if (this.selfClosed) return "";
    const close = this.closeTag;
    const values: Values = {};
    let text = "";
    this.#enter();
    for (;;) {
      const lt = this.#lessThan();
      text += this.#unescaped(this.#position, lt);
      if (this.#text.charCodeAt(lt + 1) === SLASH) {
        this.#position = this.#afterClose(close, lt);
        this.#depth--;
        return Object.keys(values).length === 0 ? text : values;
      }
      if (this.#isMarkup(lt)) {
        text += this.#characterData(lt);
        continue;
      }
      this.#openTag(lt);
      const { name } = this;
      const value = this.tree();
      const known = Object.hasOwn(values, name) ? values[name] : undefined;
      setOwn(
        values,
        name,
        known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value],
      );
    }
  }

  /** Steps over the rest of an open element. */
  skip(close: string): void {
    const open = [close];
    while (open.length > 0) {
      const lt = this.#lessThan();
      if (this.#text.charCodeAt(lt + 1) === SLASH) {
        this.#position = this.#afterClose(open.pop() as string, lt);
      } else if (this.#isMarkup(lt)) {
        this.#position = this.#afterMarkup(lt);
      } else {
        this.#openTag(lt);
        if (!this.selfClosed && open.push(this.closeTag) > DEPTH_MAX) throw this.#malformed("nests too deep");
      }
    }
  }

  #value(plan: XmlPlan, close: string, attributes: string): unknown {
    switch (plan.kind) {
      case "structure":
        return this.#structure(plan, close, attributes);
      case "list":
        return this.#list(plan, close);
      case "map":
        return this.#map(plan, close);
      default:
        return scalar(plan, this.#scalarText(close));
    }
  }

  /** What an element without content means. */
  #empty(plan: XmlPlan): unknown {
    switch (plan.kind) {
      case "structure": {
        const values: Values = {};
        this.#readAttributes(plan, this.attributes, values);
        return values;
      }
      case "list":
        return [];
      case "map":
        return {};
      default:
        return scalar(plan, "");
    }
  }

  #structure(plan: XmlPlan, close: string, attributes: string): Values {
    this.#enter();
    const text = this.#text;
    const hasReferences = this.#hasReferences;
    const values = new plan.Values();
    const steps = plan.seen < SIBLINGS_MIN ? this.#stepsToLearn(plan) : undefined;
    let previous: XmlMember | undefined;
    let expected = plan.first;
    if (attributes !== "") this.#readAttributes(plan, attributes, values);
    if (plan.whole?.hasLists) {
      const after = this.#run(plan.whole, this.#position, values);
      if (after !== -1) {
        this.#position = after;
        previous = plan.whole.last;
        expected = previous.next;
      }
    }
    for (let at = this.#position; ; at = this.#position) {
      // The way of nearly all elements, free of calls into this class: it has to be fast before it is compiled, too.
      for (;;) {
        if (text.charCodeAt(at) !== LT && plan.text === undefined) at = Math.max(at, text.indexOf("<", at));
        if (expected === undefined) break;
        if (expected.run !== undefined) {
          const after = this.#run(expected.run, at, values);
          if (after !== -1) {
            at = after;
            previous = expected.run.last;
            expected = previous.next;
            continue;
          }
        }
        if (!text.startsWith(expected.open, at)) break;
        steps?.push({ member: expected, empty: false });
        const from = at + expected.open.length;
        const lt = expected.isText ? text.indexOf("<", from) : -1;
        if (lt !== -1 && text.startsWith(expected.close, lt)) {
          at = lt + expected.close.length;
          const raw = text.slice(from, lt);
          values[expected.property] = hasReferences && raw.includes("&") ? this.#unescape(raw) : raw;
        } else {
          this.#position = from;
          this.#member(values, expected, expected.close);
          at = this.#position;
        }
        previous = expected;
        expected = expected.next;
      }
      this.#position = at;
      const code = text.charCodeAt(at + 1);
      if (text.charCodeAt(at) !== LT || code === BANG || code === QUESTION) {
        this.#betweenTags(plan, values);
        continue;
      }
      if (code === SLASH) {
        this.#position = this.#afterClose(close, at);
        break;
      }
      const found = this.#unexpected(plan, expected, at, values);
      if (found === undefined) continue;
      steps?.push({ member: found, empty: text.charCodeAt(this.#position - 2) === SLASH });
      if (previous === undefined) plan.first = found;
      else previous.next = found;
      previous = found;
      expected = found.next;
    }
    this.#depth--;
    if (steps !== undefined) learnRuns(plan, steps, values);
    if (plan.text !== undefined) {
      values[plan.text.property] = scalar(plan.text.plan, String(values[plan.text.property] ?? ""));
    }
    return values;
  }

  /** Where to note the elements of this structure: of the last one before runs are learned, if its text is of no matter. */
  #stepsToLearn(plan: XmlPlan): XmlStep[] | undefined {
    return ++plan.seen === SIBLINGS_MIN && plan.text === undefined ? [] : undefined;
  }

  /** Reads the elements of a run that begins here; the position after them, or -1 where others came. */
  #run(run: XmlRun, at: number, values: Values): number {
    if (run.givenUp) return -1;
    const { pattern } = run;
    pattern.lastIndex = at;
    const groups = pattern.exec(this.#text);
    if (groups === null) {
      run.miss();
      return -1;
    }
    run.hit();
    this.#group = 1;
    this.#fill(values, run.steps, groups);
    return pattern.lastIndex;
  }

  /** Sets the members of a run from its pattern's groups. */
  #fill(values: Values, steps: readonly RunStep[], groups: readonly string[]): void {
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as RunStep;
      const { member, nested } = step;
      if (step.count !== undefined) {
        values[member.property] = this.#filledList(step, groups);
      } else if (nested !== undefined) {
        const inner = new member.plan.Values();
        values[member.property] = inner;
        this.#fill(inner, nested.steps, groups);
      } else if (step.empty) {
        this.#emptyMember(values, member);
      } else {
        const value = this.#nextGroup(member, groups);
        if (value !== undefined) values[member.property] = value;
      }
    }
  }

  #filledList({ member, nested, count = 0 }: RunStep, groups: readonly string[]): unknown[] {
    const element = elementOf(member.plan);
    let list: unknown[] | undefined;
    for (let i = 0; i < count; i++) {
      let value: unknown;
      if (nested === undefined) {
        value = this.#nextGroup(element, groups);
      } else {
        const inner = new element.plan.Values();
        this.#fill(inner, nested.steps, groups);
        value = inner;
      }
      list = appended(list, value);
    }
    return list ?? [];
  }

  #nextGroup(member: XmlMember, groups: readonly string[]): unknown {
    let raw = groups[this.#group++] as string;
    if (raw === member.lastText) raw = member.lastText;
    else if (raw.length <= COPIED_LENGTH_MAX) member.lastText = raw;
    if (this.#hasReferences && raw.includes("&")) raw = this.#unescape(raw);
    return member.isText ? raw : scalar(member.plan, raw);
  }

  /** Reads a child that is not in the order of last time, or is empty; the member, or undefined where the model has none. */
  #unexpected(
    plan: XmlPlan,
    expected: XmlMember | undefined,
    at: number,
    values: Values,
  ): XmlMember | undefined {
    if (expected !== undefined && this.#text.startsWith(expected.empty, at)) {
      this.#position = at + expected.empty.length;
      this.attributes = "";
      this.#emptyMember(values, expected);
      return expected;
    }
    this.#openTag(at);
    const { name } = this;
    const found = plan.byTag(name);
    if (found === undefined) {
      if (!this.selfClosed) this.skip(this.closeTag);
      // A member that the model does not know yet, told as boto3 tells it.
      if (plan.union) values.SDK_UNKNOWN_MEMBER = { name };
    } else if (this.selfClosed) {
      this.#emptyMember(values, found);
    } else {
      this.#member(values, found, this.closeTag, this.attributes);
    }
    return found;
  }

  /** Steps over text, comments and CDATA sections of a structure, which keeps its text where it has a member for it. */
  #betweenTags(plan: XmlPlan, values: Values): void {
    const from = this.#position;
    const lt = this.#lessThan();
    const isMarkup = this.#isMarkup(lt);
    this.#position = isMarkup ? this.#afterMarkup(lt) : lt;
    if (plan.text === undefined) return;
    const text = this.#unescaped(from, lt) + (isMarkup ? this.#characterData(lt) : "");
    values[plan.text.property] = String(values[plan.text.property] ?? "") + text;
  }

  #member(values: Values, member: XmlMember, close: string, attributes = ""): void {
    if (member.twin !== undefined) {
      const start = this.#position;
      this.#member(values, member.twin, close, attributes);
      this.#position = start;
    }
    switch (member.mode) {
      case "structure":
        values[member.property] = this.#structure(member.plan, close, attributes);
        return;
      case "string":
        values[member.property] = this.#scalarText(close);
        return;
      case "flatList": {
        const element = elementOf(member.plan);
        this.#push(values, member, this.#value(element.plan, close, attributes));
        return;
      }
      case "flatMap":
        values[member.property] ??= {};
        this.#entry(member.plan, close, values[member.property] as Values);
        return;
      default: {
        const value = this.#value(member.plan, close, attributes);
        if (value !== undefined) values[member.property] = value;
      }
    }
  }

  #emptyMember(values: Values, member: XmlMember): void {
    if (member.mode === "flatList") {
      this.#push(values, member, this.#empty(elementOf(member.plan).plan));
    } else if (member.mode === "flatMap") {
      values[member.property] ??= {};
    } else {
      const value = this.#empty(member.plan);
      if (value !== undefined) values[member.property] = value;
    }
  }

  #push(values: Values, member: XmlMember, value: unknown): void {
    values[member.property] ??= [];
    if (value !== undefined) (values[member.property] as unknown[]).push(value);
  }

  #list(plan: XmlPlan, close: string): unknown[] {
    this.#enter();
    const element = elementOf(plan);
    let list: unknown[] | undefined;
    for (;;) {
      let value: unknown;
      if (this.#text.startsWith(element.open, this.#position)) {
        this.#position += element.open.length;
        value = this.#value(element.plan, element.close, "");
      } else if (this.#nextChild(close, element)) {
        value = this.opened(element.plan);
      } else {
        break;
      }
      list = appended(list, value);
    }
    this.#depth--;
    return list ?? [];
  }

  #map(plan: XmlPlan, close: string): Values {
    this.#enter();
    const element = elementOf(plan);
    const values: Values = {};
    while (this.#nextChild(close, element)) {
      if (this.#keysAreNames) {
        const { name } = this;
        setOwn(values, name, this.opened(element.plan));
      } else if (!this.selfClosed) {
        this.#entry(plan, this.closeTag, values);
      }
    }
    this.#depth--;
    return values;
  }

  /** `<key>` and `<value>` of an entry, in either order, whatever else there is. */
  #entry(plan: XmlPlan, close: string, values: Values): void {
    const element = elementOf(plan);
    let key: string | undefined;
    let value: unknown;
    while (this.#nextChild(close, element)) {
      if (this.name === plan.key?.tag) key = String(this.opened(plan.key.plan));
      else if (this.name === element.tag) value = this.opened(element.plan);
      else if (!this.selfClosed) this.skip(this.closeTag);
    }
    if (key !== undefined && value !== undefined) setOwn(values, key, value);
  }

  /** Reads the next child's start tag, as if by `#openTag`; false at the parent's end. */
  #nextChild(close: string, expected: XmlMember): boolean {
    for (;;) {
      let lt = this.#position;
      if (this.#text.charCodeAt(lt) !== LT) lt = this.#lessThan();
      const code = this.#text.charCodeAt(lt + 1);
      if (code === SLASH) {
        this.#position = this.#afterClose(close, lt);
        return false;
      }
      if (code === BANG || code === QUESTION) {
        this.#position = this.#afterMarkup(lt);
      } else if (this.#text.startsWith(expected.open, lt)) {
        this.#position = lt + expected.open.length;
        this.name = expected.tag;
        this.attributes = "";
        this.closeTag = expected.close;
        this.selfClosed = false;
        return true;
      } else {
        this.#openTag(lt);
        return true;
      }
    }
  }

  #readAttributes(plan: XmlPlan, attributes: string, values: Values): void {
    if (plan.attributes.length === 0) return;
    for (const [, name, double, single] of attributes.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
      // A prefix is the sender's choice; the model names the usual one (`xsi:type`).
      const local = name?.slice(name.indexOf(":") + 1);
      const member =
        plan.attributes.find((each) => each.tag === name) ??
        plan.attributes.find(
          (each) => each.tag.slice(each.tag.indexOf(":") + 1) === local && !name?.startsWith("xmlns"),
        );
      const value = unescapeXml(double ?? single ?? "");
      if (member !== undefined) values[member.property] = scalar(member.plan, value);
    }
  }

  #scalarText(close: string): string {
    const text = this.#text;
    const from = this.#position;
    const lt = text.indexOf("<", from);
    if (lt !== -1 && text.startsWith(close, lt)) {
      this.#position = lt + close.length;
      const raw = text.slice(from, lt);
      return this.#hasReferences && raw.includes("&") ? this.#unescape(raw) : raw;
    }
    return this.#mixedText(close);
  }

  /** Text between comments, CDATA sections and elements that no model knows. */
  #mixedText(close: string): string {
    let text = "";
    for (;;) {
      const lt = this.#lessThan();
      text += this.#unescaped(this.#position, lt);
      if (this.#text.charCodeAt(lt + 1) === SLASH) {
        this.#position = this.#afterClose(close, lt);
        return text;
      }
      if (this.#isMarkup(lt)) {
        text += this.#characterData(lt);
        continue;
      }
      this.#openTag(lt);
      if (!this.selfClosed) this.skip(this.closeTag);
    }
  }

  #unescaped(from: number, to: number): string {
    const raw = this.#text.slice(from, to);
    return this.#hasReferences && raw.includes("&") ? this.#unescape(raw) : raw;
  }

  #unescape(raw: string): string {
    try {
      return unescapeXml(raw);
    } catch (cause) {
      throw this.#malformed((cause as Error).message);
    }
  }

  #openTag(lt: number): void {
    const text = this.#text;
    let at = lt + 1;
    let code = text.charCodeAt(at);
    while (code > 32 && code !== GT && code !== SLASH && code !== LT) code = text.charCodeAt(++at);
    const qualified = text.slice(lt + 1, at);
    if (qualified === "") throw this.#malformed("a tag without a name");
    this.name = qualified.slice(qualified.indexOf(":") + 1);
    this.closeTag = `</${qualified}>`;
    if (code === GT) {
      this.attributes = "";
      this.selfClosed = false;
      this.#position = at + 1;
      return;
    }
    const gt = this.#endOfTag(at);
    this.selfClosed = text.charCodeAt(gt - 1) === SLASH;
    this.attributes = text.slice(at, this.selfClosed ? gt - 1 : gt);
    this.#position = gt + 1;
  }

  /** Where a start tag ends: a `>` within quotes does not end it. */
  #endOfTag(from: number): number {
    const text = this.#text;
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === GT) return at;
      if (code === LT) break;
      if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
        at = text.indexOf(code === DOUBLE_QUOTE ? '"' : "'", at + 1);
        if (at === -1) break;
      }
    }
    throw this.#malformed("a tag does not end");
  }

  #afterClose(close: string, lt: number): number {
    const text = this.#text;
    if (text.startsWith(close, lt)) return lt + close.length;
    // White space may stand before the `>`.
    let at = lt + close.length - 1;
    if (!text.startsWith(close.slice(0, -1), lt)) throw this.#malformed(`expected ${close}`);
    while (text.charCodeAt(at) <= 32) at++;
    if (text.charCodeAt(at) !== GT) throw this.#malformed(`expected ${close}`);
    return at + 1;
  }

  #isMarkup(lt: number): boolean {
    const code = this.#text.charCodeAt(lt + 1);
    return code === BANG || code === QUESTION;
  }

  /** Text of the CDATA section, or nothing for a comment; steps over it. */
  #characterData(lt: number): string {
    const after = this.#afterMarkup(lt);
    this.#position = after;
    return this.#text.startsWith("<![CDATA[", lt) ? this.#text.slice(lt + 9, after - 3) : "";
  }

  #afterMarkup(lt: number): number {
    const text = this.#text;
    const end = text.startsWith("<!--", lt)
      ? "-->"
      : text.startsWith("<![CDATA[", lt)
        ? "]]>"
        : text.startsWith("<?", lt)
          ? "?>"
          : undefined;
    // A document type could declare entities that grow without limit; no service sends one.
    if (end === undefined) throw this.#malformed("a document type declaration");
    const at = text.indexOf(end, lt + (end === "-->" ? 4 : 2));
    if (at === -1) throw this.#malformed(`expected ${end}`);
    return at + end.length;
  }

  #lessThan(): number {
    const lt = this.#text.indexOf("<", this.#position);
    if (lt === -1) throw this.#malformed(this.#text.trim() === "" ? "it is empty" : "it ends too early");
    return lt;
  }

  #onlySpace(from: number, to: number): void {
    if (this.#text.slice(from, to).trim() !== "") throw this.#malformed("text outside the root element");
  }

  #enter(): void {
    if (++this.#depth > DEPTH_MAX) throw this.#malformed("nests too deep");
  }

  #malformed(why: string): Error {
    return badResponse(`Cannot parse XML: ${why}, near offset ${this.#position}`);
  }
}

/** Most lists have one element, and the first push to an empty list sets memory aside for seventeen. */
function appended(list: unknown[] | undefined, value: unknown): unknown[] | undefined {
  if (value === undefined) return list;
  if (list === undefined) return [value];
  list.push(value);
  return list;
}

function elementOf(plan: XmlPlan): XmlMember {
  return plan.element as XmlMember;
}
