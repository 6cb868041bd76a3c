/** Values made from a model's shapes, and their tagged JSON for the other side. */
import type { Member, Shape } from "../../src/model/model.js";
import type { Random } from "./random.js";

/** `minimal`: what is required. `full`: every member. `odd`: some, with values at the edges. */
export type Flavour = "minimal" | "full" | "odd";
export type Direction = "input" | "output";

/** What the values of one service share. */
export interface Vocabulary {
  /** Values that a string's shape lists, by its name: only types know them, no client does. */
  readonly enums: ReadonlyMap<string, readonly string[]>;
  /** How often each union was made, by its name: its members take turns. */
  readonly unions: Map<string, number>;
}

/** Deep enough for what nests in itself; what is wide gives out first. */
const DEPTH_MAX = { minimal: 4, full: 4, odd: 7 } as const;
/** Values of one odd case: models that are wide and deep would make megabytes. */
const VALUES_MAX = 500;
const TEXT = [
  "value",
  "two words",
  "a/b+c=d&e",
  '<tag attr="1">&amp;',
  "naïve ☃ 漢字 🙂",
  " padded ",
  "100%",
  "line\nbreak",
  "",
];
const INTEGERS = [0, -1, 1, 2147483647, -2147483648];
const LONGS: (number | bigint)[] = [0, -1, 9007199254740991, 9223372036854775807n, -9223372036854775808n];
const FLOATS = [0.5, -0.25, 1e-7, 123456.789, 1e21];
const SECONDS = [0, 1, 1700000000, 4102444799, -86400];
/** Of values that are a host's part. */
const REGIONS = ["eu-west-1", "not a region", "*", ""];
const JSON_VALUES = [{ text: "ü", list: [1, null, true] }, "text", [], 1.5];
const HEADER_TEXT = ["plain", "two words", "a,b", "x=1; y", 'W/"tag"'];
const LETTERS = [..."abcXYZ019 -_.~!*'()&<>\"%/?#[]@:;,=+$|\\^`{}éß漢🙂\t"];
const DOCUMENTS = [{ a: [1, "x", null, { b: false }] }, [], {}, "text", 0.5, true, [[["deep"]], { "": "" }]];

export class Maker {
  readonly #random: Random;
  readonly #words: Vocabulary;
  readonly #flavour: Flavour;
  readonly #direction: Direction;
  readonly #depthMax: number;
  #count = 0;

  constructor(random: Random, words: Vocabulary, flavour: Flavour, direction: Direction) {
    this.#random = random;
    this.#words = words;
    this.#flavour = flavour;
    this.#direction = direction;
    this.#depthMax = DEPTH_MAX[flavour];
  }

  structure(shape: Shape, depth = 0): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    const members = shape.traits.union ? this.#one(shape) : shape.members;
    for (const member of members) {
      if (!this.#takes(shape, member, depth) || isTwin(members, member)) continue;
      const made = this.#member(member, depth);
      if (made !== undefined) value[member.name] = made;
    }
    return value;
  }

  #isEnough(depth: number): boolean {
    return depth >= this.#depthMax || this.#count > VALUES_MAX;
  }

  #one({ name, members }: Shape): readonly Member[] {
    if (this.#flavour !== "full") return members.length === 0 ? [] : [this.#random.pick(members)];
    const turn = this.#words.unions.get(name) ?? 0;
    this.#words.unions.set(name, turn + 1);
    return members.slice(turn % members.length, (turn % members.length) + 1);
  }

  #takes(shape: Shape, { traits, shape: inner }: Member, depth: number): boolean {
    if (shape.traits.union) return true;
    if (inner.traits.eventStream) return false;
    const needed = traits.required || traits.at === "path" || traits.hostLabel;
    if (needed && this.#direction === "input") return true;
    if (this.#isEnough(depth) || this.#flavour === "minimal") return false;
    return this.#flavour === "full" || this.#random.chance(0.5);
  }

  #member(member: Member, depth: number): unknown {
    const { traits, shape } = member;
    // A region makes a host.
    if (member.name === "SourceRegion")
      return this.#flavour === "odd" ? this.#random.pick(REGIONS) : REGIONS[0];
    if (member.name === "PredictEndpoint") return "https://predict.example.com";
    if (traits.jsonValue && traits.at === "header")
      return this.#flavour === "odd" ? this.#random.pick(JSON_VALUES) : JSON_VALUES[0];
    if (traits.hostLabel || traits.context) return contextual(member);
    // Where it is absent, each client makes one.
    if (traits.idempotencyToken && this.#direction === "input") {
      return this.#flavour === "full" ? "given-token-of-thirty-two-letters" : undefined;
    }
    if (traits.at === "status") return 200;
    if (traits.at === "header" || traits.at === "headers") return this.#headerSafe(member);
    // A label is one segment, or keeps its slashes; empty or dotted ones change the path on purpose nowhere.
    if (traits.at === "path")
      return shape.type === "string"
        ? this.#random.pick(["plain", "two words", "ü/☃", "a+b%c"])
        : this.value(shape, depth);
    return this.value(shape, depth, member.name);
  }

  #headerSafe({ shape, name, traits }: Member): unknown {
    if (/ChecksumAlgorithm$/.test(name)) return "SHA256";
    // Sums of a body that is not there would be refused by the server, not by a client.
    if (/^(ContentMD5|Checksum.*)$/.test(name) && !traits.required) return undefined;
    const text = () => this.#random.pick(HEADER_TEXT);
    if (shape.type === "string") return /arn/i.test(name) ? "arn:aws:x:us-east-1:123456789012:y" : text();
    if (shape.type === "list")
      return shape.element?.shape.type === "string" ? ["one", "two"] : this.value(shape, 0);
    if (shape.type === "map") return { alpha: text(), "beta-x": text() };
    return this.value(shape, 0);
  }

  value(shape: Shape, depth: number, name = ""): unknown {
    const odd = this.#flavour === "odd";
    this.#count++;
    switch (shape.type) {
      case "structure":
        return this.structure(shape, depth + 1);
      case "list":
        return this.#list(shape, depth);
      case "map":
        return this.#map(shape, depth);
      case "string":
        if (/ChecksumAlgorithm$/.test(name)) return this.#random.pick(["CRC32", "SHA1", "SHA256"]);
        if (this.#words.enums.has(shape.name) && (!odd || this.#random.chance(0.8)))
          return this.#random.pick(this.#words.enums.get(shape.name) as readonly string[]);
        return odd ? this.#text() : "text";
      case "boolean":
        return odd ? this.#random.chance(0.5) : true;
      case "integer":
        return odd ? this.#integer() : 7;
      case "long":
        return odd ? this.#random.pick(LONGS) : 70;
      case "float":
        return odd ? this.#random.pick([0.5, -0.25, 1024]) : 0.5;
      case "double":
        return odd ? this.#random.pick(FLOATS) : 2.5;
      case "timestamp":
        return new Date((odd ? this.#random.pick(SECONDS) : 1700000000) * 1000);
      case "blob":
        return odd ? Uint8Array.of(0, 255, 128, 10, 13, 60) : new TextEncoder().encode("bytes");
      case "document":
        return odd ? this.#random.pick(DOCUMENTS) : DOCUMENTS[0];
    }
  }

  /** Events of a stream: full one of each, odd a few. An exception ends a stream. */
  events(stream: Shape): Record<string, unknown>[] {
    if (this.#flavour === "minimal") return [];
    const events = stream.members.filter(({ shape }) => shape.traits.error === undefined);
    const exceptions = stream.members.filter(({ shape }) => shape.traits.error !== undefined);
    const ofOne = (member: Member) => ({ [member.name]: this.structure(member.shape, 1) });
    if (this.#flavour === "full" || events.length === 0) return events.map(ofOne);
    const some = Array.from({ length: this.#random.below(4) }, () => ofOne(this.#random.pick(events)));
    const fails = exceptions.length > 0 && this.#random.chance(0.3);
    return fails ? [...some, ofOne(this.#random.pick(exceptions))] : some;
  }

  /** A known hard one, or letters thrown together. */
  #text(): string {
    if (this.#random.chance(0.6)) return this.#random.pick(TEXT);
    return Array.from({ length: this.#random.below(12) }, () => this.#random.pick(LETTERS)).join("");
  }

  #integer(): number {
    return this.#random.chance(0.6)
      ? this.#random.pick(INTEGERS)
      : this.#random.below(4294967296) - 2147483648;
  }

  #list(shape: Shape, depth: number): unknown[] {
    const element = (shape.element as Member).shape;
    if (this.#isEnough(depth)) return [];
    const length = this.#flavour === "odd" ? this.#random.below(4) : 1;
    const holes = this.#flavour === "odd" && shape.traits.sparse === true;
    return Array.from({ length }, () =>
      holes && this.#random.chance(0.3) ? null : this.value(element, depth + 1),
    );
  }

  #map(shape: Shape, depth: number): Record<string, unknown> {
    const element = (shape.element as Member).shape;
    if (this.#isEnough(depth)) return {};
    const keys =
      this.#flavour === "odd" ? ["k", "ключ", "with space"].slice(0, this.#random.below(4)) : ["key"];
    const holes = this.#flavour === "odd" && shape.traits.sparse === true;
    return Object.fromEntries(
      keys.map((key) => [key, holes && this.#random.chance(0.3) ? null : this.value(element, depth + 1)]),
    );
  }
}

/** S3 has `Event` and `Events` for one element: the older says no more than the first of the newer. */
function isTwin(members: readonly Member[], { name, wireName, traits }: Member): boolean {
  return members.some(
    (other) =>
      other.name !== name &&
      other.wireName === wireName &&
      other.traits.at === traits.at &&
      other.shape.type === "list" &&
      traits.deprecated === true,
  );
}

/** Members that reach the endpoint rules or the host take values that make a host. */
function contextual({ name, shape, traits }: Member): unknown {
  if (shape.type === "boolean") return false;
  if (shape.type !== "string") return undefined;
  if (/arn/i.test(traits.context ?? name)) return "arn:aws:kinesis:us-east-1:123456789012:stream/example";
  if (/account/i.test(traits.context ?? name)) return "123456789012";
  return "oracle-label";
}

/** `tag`, with the holes of sparse maps: an input has no other nulls. */
export function tagInput(value: unknown): unknown {
  return tag(value, true);
}

/** JSON that keeps bytes, times, big integers and what JSON has no number for. */
export function tag(value: unknown, keepsNull = false): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (value instanceof Date) return { $time: value.getTime() };
  if (typeof value === "bigint") return { $int: String(value) };
  if (typeof value === "number" && !Number.isFinite(value)) return { $float: String(value) };
  if (Array.isArray(value)) return value.map((each) => tag(each, keepsNull));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, each]) =>
        each === undefined || (each === null && !keepsNull) ? [] : [[key, tag(each, keepsNull)]],
      ),
    );
  }
  return value;
}
