/**
 * Texts of policies with wildcards and variables.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */

/** Values of condition keys, by the key in lower case: names of keys differ in more than case. */
export type ContextKeys = ReadonlyMap<string, readonly string[]>;

/** A text of a policy as it is written, and whether its policy is of the version that knows variables. */
export interface PolicyText {
  readonly text: string;
  readonly variables: boolean;
}

/** Stand for the wildcards once variables are replaced: what a variable brings in is no wildcard. */
const ANY = "\uE000";
const ONE = "\uE001";

const VARIABLE = /\$\{([^}]*)\}/g;

/** The names of variables in a text: `aws:username`. */
export function variablesOf({ text, variables }: PolicyText): string[] {
  if (!variables) return [];
  return Array.from(text.matchAll(VARIABLE), ([, inner = ""]) => splitVariable(inner).name).filter(
    (name) => !isEscape(name),
  );
}

/** A text without variables as a pattern. */
export function wildcards(text: string): string {
  return text.replaceAll("*", ANY).replaceAll("?", ONE);
}

/** With its variables replaced, wildcards marked for `matches`; undefined where a variable has no single value. */
export function expand(source: PolicyText, context: ContextKeys, withWildcards: boolean): string | undefined {
  const mark = (text: string) => (withWildcards ? wildcards(text) : text);
  if (!source.variables) return mark(source.text);
  let expanded = "";
  let end = 0;
  for (const found of source.text.matchAll(VARIABLE)) {
    const value = valueOfVariable(found[1] ?? "", context);
    if (value === undefined) return undefined;
    expanded += mark(source.text.slice(end, found.index)) + value;
    end = found.index + found[0].length;
  }
  return expanded + mark(source.text.slice(end));
}

function valueOfVariable(inner: string, context: ContextKeys): string | undefined {
  if (isEscape(inner)) return inner;
  const { name, otherwise } = splitVariable(inner);
  const values = context.get(name.toLowerCase());
  return values?.length === 1 ? values[0] : otherwise;
}

/** `${*}`, `${?}` and `${$}` are the characters themselves. */
function isEscape(inner: string): boolean {
  return inner === "*" || inner === "?" || inner === "$";
}

/** `aws:PrincipalTag/team, 'none'`: a name, and what stands where it has no value. */
function splitVariable(inner: string): { readonly name: string; readonly otherwise: string | undefined } {
  const [, name = inner, otherwise] = /^([^,]*?)\s*,\s*'(.*)'\s*$/.exec(inner) ?? [];
  return { name: name.trim(), otherwise };
}

/** Whether a text has the form of an expanded pattern. Linear but for the last wildcard: patterns are strangers'. */
export function matches(pattern: string, text: string): boolean {
  let at = 0;
  let position = 0;
  let resumeAt = -1;
  let resumePosition = 0;
  while (position < text.length) {
    const expected = pattern[at];
    if (expected === ANY) {
      resumeAt = ++at;
      resumePosition = position;
    } else if (expected === ONE || (expected !== undefined && expected === text[position])) {
      at++;
      position++;
    } else if (resumeAt >= 0) {
      at = resumeAt;
      position = ++resumePosition;
    } else return false;
  }
  while (pattern[at] === ANY) at++;
  return at === pattern.length;
}

const ARN_PARTS = 6;

/**
 * Wildcards stay within the parts of an ARN, except one at its very end; parts that are left out are any.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matchesArn(pattern: string, arn: string): boolean {
  if (pattern === ANY) return true;
  const expected = partsOf(pattern);
  const parts = partsOf(arn);
  if (parts.length < ARN_PARTS) return matches(pattern, arn);
  return parts.every((part, index) => matches(expected[index] ?? ANY, part));
}

/** The sixth part has the colons that follow. */
function partsOf(arn: string): string[] {
  const parts = arn.split(":");
  return parts.length <= ARN_PARTS
    ? parts
    : [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(":")];
}
