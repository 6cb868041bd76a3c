/** A policy document read for evaluation: its statements, where they stand in the text, and the context keys they ask for. */
import { type PolicyText, variablesOf } from "./pattern.js";

export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions: Texts;
  /** Undefined in a policy of a resource that does not name it: a role's trust policy. */
  readonly resources: Texts | undefined;
  /** Undefined in a policy of an identity. */
  readonly principals: Principals | undefined;
  readonly conditions: readonly Condition[];
  /** Of the statements of its policy. */
  readonly index: number;
}

/** `Action` and `NotAction`, `Resource` and `NotResource`. */
export interface Texts {
  readonly not: boolean;
  readonly values: readonly PolicyText[];
}

/** `Principal` and `NotPrincipal`: by `AWS`, `Service`, `Federated`, `CanonicalUser`. */
export interface Principals {
  readonly not: boolean;
  readonly byKind: ReadonlyMap<string, readonly string[]>;
}

export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly PolicyText[];
}

interface StatementSource {
  readonly Effect?: string;
  readonly Action?: OneOrMore;
  readonly NotAction?: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly NotResource?: OneOrMore;
  readonly Principal?: PrincipalSource;
  readonly NotPrincipal?: PrincipalSource;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}

type OneOrMore = unknown;
type PrincipalSource = string | Readonly<Record<string, OneOrMore>>;

/** The statements of a document that is known to be a policy. */
export function readStatements(document: string): Statement[] {
  const { Version, Statement = [] } = JSON.parse(document) as {
    Version?: string;
    Statement?: StatementSource | readonly StatementSource[];
  };
  const variables = Version === "2012-10-17";
  const texts = (values: OneOrMore) => listOf(values).map((text) => ({ text, variables }));
  return [Statement].flat().map((source, index) => ({
    effect: source.Effect === "Deny" ? "Deny" : "Allow",
    actions: { not: source.NotAction !== undefined, values: texts(source.Action ?? source.NotAction) },
    resources:
      source.Resource === undefined && source.NotResource === undefined
        ? undefined
        : { not: source.NotResource !== undefined, values: texts(source.Resource ?? source.NotResource) },
    principals: principalsOf(source),
    conditions: Object.entries(source.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({ operator, key, values: texts(values) })),
    ),
    index,
  }));
}

function principalsOf({ Principal, NotPrincipal }: StatementSource): Principals | undefined {
  const source = Principal ?? NotPrincipal;
  if (source === undefined) return undefined;
  const byKind = typeof source === "string" ? { AWS: source } : source;
  return {
    not: NotPrincipal !== undefined,
    byKind: new Map(Object.entries(byKind).map(([kind, values]) => [kind, listOf(values)])),
  };
}

/** Numbers and booleans of conditions are the texts that they are written as. */
function listOf(values: OneOrMore): string[] {
  return [values]
    .flat()
    .filter((value) => value !== undefined && value !== null)
    .map(String);
}

/** The context keys that a statement's resources and conditions ask for, as they are written. */
export function contextKeysOf({ resources, conditions }: Statement): string[] {
  return [
    ...(resources?.values.flatMap(variablesOf) ?? []),
    ...conditions.flatMap(({ key, values }) => [key, ...values.flatMap(variablesOf)]),
  ];
}

export interface Position {
  readonly Line: number;
  readonly Column: number;
}

/**
 * From behind the bracket, comma or colon before each statement to behind its brace, counted from one, as IAM's simulator has
 * it: https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-custom-policy.html
 */
export function statementPositions(document: string): { readonly start: Position; readonly end: Position }[] {
  const spans: { readonly start: Position; readonly end: Position }[] = [];
  let depth = 0;
  let text = "";
  let key = "";
  let behind = 0;
  let start = 0;
  let level = 0;
  for (const { 0: token, index } of document.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
    if (token === "{" || token === "[") {
      if (key === "Statement" && level === 0 && token === "{") {
        level = depth + 1;
        start = behind;
      }
      depth++;
    } else if (token === "}" || token === "]") {
      if (depth === level && token === "}") {
        spans.push({ start: positionAt(document, start), end: positionAt(document, index + 1) });
        level = 0;
      }
      depth--;
      if (depth === 1) key = "";
    } else if (token === ":" && depth === 1) key = text;
    else if (token.startsWith('"')) text = token.slice(1, -1);
    if (!token.startsWith('"')) behind = index + 1;
  }
  return spans;
}

function positionAt(document: string, offset: number): Position {
  const before = document.slice(0, offset);
  return { Line: before.split("\n").length, Column: offset - before.lastIndexOf("\n") };
}
