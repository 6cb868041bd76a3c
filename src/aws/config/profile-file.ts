/**
 * The grammar of `~/.aws/config` and `~/.aws/credentials`.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
import { invalidInput } from "../../internal/cloud-error.js";

/** Properties by lower-case name. A value with sub-properties is their lines, each after a line feed: `\nname = value`. */
export type Section = Readonly<Record<string, string>>;

export interface ProfileFile {
  readonly profiles: Readonly<Record<string, Section>>;
  readonly ssoSessions: Readonly<Record<string, Section>>;
  readonly services: Readonly<Record<string, Section>>;
}

export type FileKind = "config" | "credentials";

const NAME = /^[A-Za-z0-9\-_/.%@:+]+$/;
const QUOTED = /^(["'])(.+)\1$/;

/**
 * Reads one file. Sections and properties with names outside the grammar are ignored, as every SDK does.
 *
 * @throws CloudError `invalidInput`/`InvalidProfileFile`, naming file and line, never the value.
 */
export function parseProfileFile(text: string, kind: FileKind, path: string): ProfileFile {
  const parser = new Parser(kind, path);
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) parser.line(line);
  return parser.result();
}

/** The sub-properties of a value: `s3 =\n  addressing_style = path`. */
export function subProperties(value: string): Section {
  const properties = record();
  for (const line of value.split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0) properties[line.slice(0, equals).trim().toLowerCase()] = line.slice(equals + 1).trim();
  }
  return properties;
}

type MutableSection = Record<string, string>;

/** Profiles may be called `__proto__`. */
function record<T = string>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

class Parser {
  readonly #kind: FileKind;
  readonly #path: string;
  readonly #profiles = record<MutableSection>();
  readonly #ssoSessions = record<MutableSection>();
  readonly #services = record<MutableSection>();
  /** `[default]` of the config file, which `[profile default]` replaces whole. */
  #bareDefault: MutableSection | undefined;
  #number = 0;
  #inSection = false;
  /** Undefined in a section that is ignored. */
  #section: MutableSection | undefined;
  #inProperty = false;
  /** Undefined for a property that is ignored. */
  #property: string | undefined;
  #nested = false;

  constructor(kind: FileKind, path: string) {
    this.#kind = kind;
    this.#path = path;
  }

  result(): ProfileFile {
    const profiles = this.#profiles;
    if (this.#bareDefault !== undefined) profiles.default ??= this.#bareDefault;
    return { profiles, ssoSessions: this.#ssoSessions, services: this.#services };
  }

  line(line: string): void {
    this.#number++;
    const trimmed = line.trim();
    if (trimmed === "" || line.startsWith("#") || line.startsWith(";")) return;
    if (line.startsWith("[")) this.#define(line);
    else if (/^\s/.test(line)) this.#continue(trimmed);
    else this.#assign(line);
  }

  #define(line: string): void {
    const definition = line.replace(/[#;].*$/, "").trim();
    if (!definition.endsWith("]")) throw this.#error("Profile definition must end with ']'");
    this.#inSection = true;
    this.#inProperty = false;
    this.#section = this.#sectionNamed(definition.slice(1, -1).trim());
  }

  #sectionNamed(text: string): MutableSection | undefined {
    if (this.#kind === "credentials") return isName(text) ? open(this.#profiles, text) : undefined;
    if (text === "default") {
      this.#bareDefault ??= record();
      return this.#bareDefault;
    }
    const match = /^(profile|sso-session|services)\s+(.+)$/.exec(text);
    const quoted = QUOTED.exec(match?.[2] ?? "");
    const name = quoted?.[2] ?? match?.[2];
    if (match === null || name === undefined || !(quoted !== null || isName(name))) return undefined;
    if (match[1] === "profile") return open(this.#profiles, name);
    return open(match[1] === "services" ? this.#services : this.#ssoSessions, name);
  }

  #continue(trimmed: string): void {
    if (!this.#inSection) throw this.#error("Expected a profile definition, found continuation");
    if (!this.#inProperty) throw this.#error("Expected a property definition, found continuation");
    if (this.#nested) {
      if (trimmed.startsWith("#") || trimmed.startsWith(";")) return;
      const equals = trimmed.indexOf("=");
      if (equals < 0) throw this.#error("Expected an '=' sign defining a sub-property");
      if (equals === 0) throw this.#error("Sub-property did not have a name");
    }
    if (this.#section !== undefined && this.#property !== undefined) {
      this.#section[this.#property] += `\n${trimmed}`;
    }
  }

  #assign(line: string): void {
    if (!this.#inSection) throw this.#error("Expected a profile definition");
    const property = line.replace(/\s[#;].*$/, "");
    const equals = property.indexOf("=");
    if (equals < 0) throw this.#error("Expected an '=' sign defining a property");
    const name = property.slice(0, equals).trim().toLowerCase();
    if (name === "") throw this.#error("Property did not have a name");
    const value = property.slice(equals + 1).trim();
    this.#inProperty = true;
    this.#nested = value === "";
    this.#property = isName(name) ? name : undefined;
    if (this.#section !== undefined && this.#property !== undefined) this.#section[this.#property] = value;
  }

  #error(reason: string): Error {
    const message = `Cannot read ${this.#kind} file ${this.#path}, line ${this.#number}: ${reason}`;
    return invalidInput(message, { code: "InvalidProfileFile" });
  }
}

function isName(name: string): boolean {
  return NAME.test(name);
}

function open(sections: Record<string, MutableSection>, name: string): MutableSection {
  const section = sections[name] ?? record();
  sections[name] = section;
  return section;
}
