/** Values to JSON text and back, guided by the model. The reader takes what the CBOR decoder gives as well: the two differ in scalars alone. */
import { invalidInput } from "../../internal/cloud-error.js";
import type { TimestampFormat } from "../../model/ir.js";
import type { Member, Shape } from "../../model/model.js";
import { plansOf } from "../plan.js";
import type { Values } from "../protocol.js";
import { badResponse } from "./bad-response.js";
import { blobBytes, decodeBase64, decodeUtf8, encodeBase64 } from "./bytes.js";
import { setOwn } from "./own-property.js";
import { decodeInteger, decodeNumber, decodeTimestamp, encodeScalar, encodeTimestamp } from "./scalars.js";
import { dateOf, instantOf, unixNumber } from "./timestamp.js";

const DEPTH_MAX = 128;

/** What is worked out once a structure. */
export class JsonPlan {
  readonly members: readonly JsonMember[];
  readonly byProperty: ReadonlyMap<string, JsonMember>;
  readonly #shape: Shape;
  #wireNames: Set<string> | undefined;

  constructor(shape: Shape) {
    this.#shape = shape;
    this.members = shape.members.map((member) => ({
      member,
      wire: member.wireName,
      prefix: `${JSON.stringify(member.wireName)}:`,
    }));
    this.byProperty = new Map(this.members.map((each) => [each.member.name, each]));
  }

  /** Name of the one member of a union that the model does not know. */
  unknownMember(raw: Values): string | undefined {
    if (!this.#shape.traits.union) return undefined;
    this.#wireNames ??= new Set(this.members.map(({ wire }) => wire));
    const set = Object.keys(raw).filter((name) => name !== "__type" && raw[name] !== null);
    const [name] = set;
    return set.length === 1 && name !== undefined && !this.#wireNames.has(name) ? name : undefined;
  }
}

interface JsonMember {
  readonly member: Member;
  readonly wire: string;
  /** `"name":` */
  readonly prefix: string;
}

function planOf(shape: Shape): JsonPlan {
  const plans = plansOf(shape);
  plans.json ??= new JsonPlan(shape);
  return plans.json;
}

/** The shape's value in a JSON text; undefined when it is `null`. Fails with CloudError `unavailable`/`BadResponse`. */
export function decodeJson(text: string | Uint8Array, shape: Shape): unknown {
  const json = typeof text === "string" ? text : decodeUtf8(text);
  // A digit string of a long that a double cannot hold is quoted before JSON.parse rounds it: rare, so looked for first.
  const exact = /[:[,\s-]\d{16}/.test(json);
  const raw = parseJson(exact ? json.replace(TOKENS, quoteLong) : json);
  return raw === null || raw === undefined ? undefined : new Reader(exact).value(shape, raw);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badResponse("Cannot parse JSON: the text is malformed", cause);
  }
}

/** The object that an error's body is; undefined where it is anything else: a proxy's page, nothing. */
export function jsonObject(body: Uint8Array): Values | undefined {
  try {
    const value = parseJson(decodeUtf8(body));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Values)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The shape's value in what CBOR or JSON gave. */
export function decodeValue(shape: Shape, raw: unknown): unknown {
  return new Reader(false).value(shape, raw);
}

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Starts the text of a quoted long. JSON cannot hold the character itself, only its escape. */
const LONG = "\u0000";

function quoteLong(token: string): string {
  return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"\\u0000${token}"` : token;
}

class Reader {
  readonly #exact: boolean;
  #depth = 0;

  constructor(exact: boolean) {
    this.#exact = exact;
  }

  value(shape: Shape, raw: unknown): unknown {
    switch (shape.type) {
      case "string":
        return raw;
      case "structure":
        return this.#structure(shape, raw);
      case "list":
        return this.#list(shape, raw);
      case "map":
        return this.#map(shape, raw);
      case "integer":
      case "long":
        return typeof raw === "string" ? decodeInteger(raw.startsWith(LONG) ? raw.slice(1) : raw) : raw;
      case "float":
      case "double":
        return typeof raw === "string" ? decodeNumber(raw.startsWith(LONG) ? raw.slice(1) : raw) : raw;
      case "boolean":
        return typeof raw === "string" ? raw.toLowerCase() === "true" : raw;
      case "timestamp":
        return timestamp(raw);
      case "blob":
        return typeof raw === "string" ? decodeBase64(raw) : raw;
      case "document":
        return this.#exact ? withNumbers(raw) : raw;
    }
  }

  #structure(shape: Shape, raw: unknown): Values {
    if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw unlike("an object", raw);
    this.#enter();
    const from = raw as Values;
    const plan = planOf(shape);
    const values: Values = {};
    for (const { member, wire } of plan.members) {
      const each = from[wire];
      if (each === undefined || each === null || typeof each === "function") continue;
      const value = this.value(member.shape, each);
      if (value !== undefined) values[member.name] = value;
    }
    this.#depth--;
    const unknown = plan.unknownMember(from);
    return unknown === undefined ? values : { SDK_UNKNOWN_MEMBER: { name: unknown } };
  }

  #list(shape: Shape, raw: unknown): unknown[] {
    if (!Array.isArray(raw)) throw unlike("a list", raw);
    this.#enter();
    const element = (shape.element as Member).shape;
    const list = raw.map((each) => (each === null ? null : this.value(element, each)));
    this.#depth--;
    return list;
  }

  #map(shape: Shape, raw: unknown): Values {
    if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw unlike("an object", raw);
    this.#enter();
    const element = (shape.element as Member).shape;
    const values: Values = {};
    for (const [key, each] of Object.entries(raw)) {
      const value = each === null ? null : this.value(element, each);
      setOwn(values, key, value);
    }
    this.#depth--;
    return values;
  }

  #enter(): void {
    if (++this.#depth > DEPTH_MAX) throw badResponse("Cannot read the response: it nests too deep");
  }
}

function unlike(expected: string, raw: unknown): Error {
  const actual = raw === null ? "null" : Array.isArray(raw) ? "a list" : `a ${typeof raw}`;
  return badResponse(`Cannot read the response: ${expected} is due, found ${actual}`);
}

function timestamp(raw: unknown): Date | undefined {
  if (raw instanceof Date) return raw;
  if (typeof raw === "string") return decodeTimestamp(raw);
  if (typeof raw === "number") return dateOf(instantOf(raw));
  throw unlike("a timestamp", raw);
}

function withNumbers(raw: unknown): unknown {
  if (typeof raw === "string")
    return raw.startsWith(LONG) && /^.-?\d{16,}$/s.test(raw) ? Number(raw.slice(1)) : raw;
  if (Array.isArray(raw)) return raw.map(withNumbers);
  if (typeof raw !== "object" || raw === null) return raw;
  return Object.fromEntries(Object.entries(raw).map(([key, each]) => [key, withNumbers(each)]));
}

/** JSON text of a value. Timestamps without a format of their own are seconds since 1970. */
export function encodeJson(shape: Shape, value: unknown): string {
  return new Writer().value(shape, value, undefined);
}

class Writer {
  #depth = 0;

  value(shape: Shape, value: unknown, format: TimestampFormat | undefined): string {
    switch (shape.type) {
      case "structure":
        return this.#structure(shape, value as Values);
      case "list":
        return this.#list(shape, value as readonly unknown[]);
      case "map":
        return this.#map(shape, value as Values);
      case "timestamp": {
        const chosen = format ?? shape.traits.format ?? "unixTimestamp";
        if (chosen === "unixTimestamp") return String(unixNumber(instantOf(value)));
        return JSON.stringify(encodeTimestamp(value, chosen));
      }
      case "blob": {
        const bytes = blobBytes(value);
        if (bytes === undefined) throw invalidInput("Cannot encode a blob: not bytes or text");
        return `"${encodeBase64(bytes)}"`;
      }
      case "float":
      case "double":
        return typeof value === "number" && !Number.isFinite(value) ? `"${value}"` : encodeScalar(value);
      case "document":
        return JSON.stringify(value) ?? "null";
      default:
        return typeof value === "string" ? JSON.stringify(value) : encodeScalar(value);
    }
  }

  #structure(shape: Shape, values: Values): string {
    this.#enter();
    const { byProperty } = planOf(shape);
    let json = "";
    for (const name in values) {
      const value = values[name];
      const known = byProperty.get(name);
      if (value === undefined || value === null || known === undefined) continue;
      const { member, prefix } = known;
      json += `${json === "" ? "" : ","}${prefix}${this.value(member.shape, value, member.traits.format)}`;
    }
    this.#depth--;
    return `{${json}}`;
  }

  #list(shape: Shape, list: readonly unknown[]): string {
    this.#enter();
    const element = shape.element as Member;
    const json = list.map((each) => this.#item(element, each)).join(",");
    this.#depth--;
    return `[${json}]`;
  }

  #map(shape: Shape, values: Values): string {
    this.#enter();
    const element = shape.element as Member;
    const json = Object.entries(values)
      .filter(([, each]) => each !== undefined)
      .map(([key, each]) => `${JSON.stringify(key)}:${this.#item(element, each)}`)
      .join(",");
    this.#depth--;
    return `{${json}}`;
  }

  #item(element: Member, value: unknown): string {
    return value === null || value === undefined
      ? "null"
      : this.value(element.shape, value, element.traits.format);
  }

  #enter(): void {
    if (++this.#depth > DEPTH_MAX) throw invalidInput("Cannot encode the input: it nests too deep");
  }
}
