/**
 * Policy documents: taken as text, refused when they are not policies, in the order and the words in which IAM refuses them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { EmulatorError } from "../../service.js";
import { validationError } from "./store.js";

const SYNTAX = "Syntax errors in policy.";

/** A managed policy's document: of the present version, which inline ones may leave out. */
export function checkManagedDocument(document: string): string {
  if (parse(document, SYNTAX).version !== "2012-10-17") {
    throw malformed("Policy document must be version 2012-10-17 or greater.");
  }
  return checkDocument(document);
}

/** A policy of an identity, as its document says it, once that is seen to be one. */
export function checkDocument(document: string, noJson = SYNTAX): string {
  const { statements } = parse(document, noJson);
  checkStatements(statements);
  if (
    statements.some(({ Principal, NotPrincipal }) => Principal !== undefined || NotPrincipal !== undefined)
  ) {
    throw malformed("Policy document should not specify a principal.");
  }
  for (const { Resource, NotResource } of statements) {
    if (texts(Resource ?? NotResource).length === 0)
      throw malformed("Policy statement must contain resources.");
  }
  return document;
}

/** Who may assume a role. */
export function checkTrustDocument(document: string): string {
  const { statements } = parse(document, NO_JSON);
  checkStatements(statements);
  for (const { Action, Resource, NotResource } of statements) {
    if (Resource !== undefined || NotResource !== undefined) throw malformed("Has prohibited field Resource");
    if (texts(Action).some((action) => !action.startsWith("sts:"))) {
      throw malformed("AssumeRole policy may only specify STS AssumeRole actions.");
    }
  }
  return document;
}

/** A policy of a resource, which says whom it is for. */
export function checkResourceDocument(document: string): string {
  checkStatements(parse(document, SYNTAX).statements);
  return document;
}

/** What narrows a session. */
export function checkSessionDocument(
  document: string | undefined,
  lengthMax = Number.POSITIVE_INFINITY,
): void {
  if (document === undefined) return;
  if (document.length > lengthMax) {
    throw validationError(
      `1 validation error detected: Value '${document}' at 'policy' failed to satisfy constraint: Member must have length less than or equal to ${lengthMax}`,
    );
  }
  checkDocument(document, NO_JSON);
}

/** What roles and sessions say of a text that is no JSON. */
const NO_JSON = "This policy contains invalid Json";

interface Statement {
  readonly Effect: string;
  readonly Sid?: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Condition?: Readonly<Record<string, unknown>>;
}

const ELEMENTS: ReadonlySet<string> = new Set(["Version", "Id", "Statement", "Conditions"]);
const STATEMENT_ELEMENTS: ReadonlySet<string> = new Set([
  "Sid",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Condition",
]);
const CONDITION =
  /^(ForAnyValue:|ForAllValues:)?(String(Not)?Equals(IgnoreCase)?|String(Not)?Like|Numeric(Not)?Equals|Numeric(Less|Greater)Than(Equals)?|Date(Not)?Equals|Date(Less|Greater)Than(Equals)?|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)|Null)(IfExists)?$/;

function parse(document: string, noJson: string) {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    throw malformed(noJson);
  }
  if (!isRecord(parsed) || Object.keys(parsed).some((name) => !ELEMENTS.has(name))) throw malformed(SYNTAX);
  const { Version, Id, Statement } = parsed;
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17") throw malformed(SYNTAX);
  if (Id !== undefined && typeof Id !== "string") throw malformed(SYNTAX);
  const statements: readonly unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  if (statements.length === 0 || !statements.every(isStatement)) throw malformed(SYNTAX);
  return { version: Version, statements: statements as readonly Statement[] };
}

function isStatement(statement: unknown): statement is Statement {
  if (!isRecord(statement)) return false;
  const { Effect, Sid, Action, NotAction, Resource, NotResource, Condition } = statement;
  return (
    Object.keys(statement).every((name) => STATEMENT_ELEMENTS.has(name)) &&
    (Resource === undefined || NotResource === undefined) &&
    (Action === undefined || NotAction === undefined) &&
    typeof Effect === "string" &&
    /^(allow|deny)$/i.test(Effect) &&
    (Sid === undefined || typeof Sid === "string") &&
    [Action, NotAction, Resource, NotResource].every(isTexts) &&
    (Condition === undefined || isCondition(Condition))
  );
}

function isTexts(value: unknown): boolean {
  if (value === undefined || typeof value === "string") return true;
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isCondition(condition: unknown): boolean {
  if (!isRecord(condition)) return false;
  return Object.entries(condition).every(
    ([operator, keys]) =>
      isRecord(keys) &&
      (CONDITION.test(operator) || Object.keys(keys).length === 0) &&
      Object.values(keys).every(isValue),
  );
}

function isValue(value: unknown): boolean {
  return ["string", "boolean", "number"].includes(typeof value) || Array.isArray(value);
}

function checkStatements(statements: readonly Statement[]): void {
  const resources = statements.flatMap(({ Resource, NotResource }) => texts(Resource ?? NotResource));
  const wrong = resources.map(resourceProblem).find((problem) => problem !== undefined);
  const legacy =
    statements.some(({ Effect }) => Effect !== "Allow" && Effect !== "Deny") ||
    statements.some(({ Condition }) => hasWrongDate(Condition)) ||
    (wrong === undefined && resources.some((resource) => isCutShort(resource) || isOfNoService(resource)));
  if (legacy) throw malformed("The policy failed legacy parsing");
  const ids = statements.map(({ Sid }) => Sid).filter((sid) => sid !== undefined && sid !== "");
  if (ids.some((sid) => !/^[0-9A-Za-z]*$/.test(sid as string))) {
    throw malformed(
      "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
    );
  }
  if (new Set(ids).size < ids.length)
    throw malformed("Statement IDs (SID) in a single policy must be unique.");
  const actions = statements.map(({ Action, NotAction }) => texts(Action ?? NotAction));
  if (actions.some((each) => each.length === 0)) throw malformed("Policy statement must contain actions.");
  if (wrong !== undefined) throw malformed(wrong);
  for (const action of actions.flat()) checkAction(action);
}

function checkAction(action: string): void {
  const [vendor = "", ...rest] = action.split(":");
  if (action === "*") return;
  if (rest.length === 0) {
    throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  }
  if (rest.length > 1) throw malformed("Actions/Condition can contain only one colon.");
  if (vendor !== "*" && /[^a-zA-Z0-9\-.]/.test(vendor)) throw malformed(`Vendor ${vendor} is not valid`);
}

const PARTITIONS: ReadonlySet<string> = new Set([
  "aws",
  "aws-cn",
  "aws-us-gov",
  "aws-iso",
  "aws-iso-b",
  "aws-iso-e",
  "aws-iso-f",
  "aws-eusc",
]);

/** What IAM has ARNs of. */
const IAM_PATHS = [
  "user/",
  "federated-user/",
  "role/",
  "group/",
  "instance-profile/",
  "mfa/",
  "server-certificate/",
  "policy/",
  "sms-mfa/",
  "saml-provider/",
  "oidc-provider/",
  "report/",
  "access-report/",
];

function resourceProblem(resource: string): string | undefined {
  if (resource === "*") return undefined;
  const [, partition, ...rest] = resource.split(":");
  if (partition === undefined) return `Resource ${resource} must be in ARN format or "*".`;
  if (partition !== "*" && !PARTITIONS.has(partition)) {
    const [service = "*", region = "*", account = "*", ...path] = rest;
    const shown = `arn:${partition}:${service}:${region}:${account}:${path.length > 0 ? path.join(":") : "*"}`;
    return `Partition "${partition}" is not valid for resource "${shown}".`;
  }
  if (rest.length === 0) return "Resource vendor must be fully qualified and cannot contain regexes.";
  const [service, region = "", , path = ""] = rest;
  if (service === "iam" && region !== "")
    return `IAM resource ${resource} cannot contain region information.`;
  if (service === "iam" && path !== "*" && !IAM_PATHS.some((kind) => path.startsWith(kind))) {
    return `IAM resource path must either be "*" or start with ${IAM_PATHS.join(", ")}.`;
  }
  if (service === "s3" && region !== "" && !path.startsWith("accesspoint/")) {
    return `Resource ${resource} can not contain region information.`;
  }
  return undefined;
}

/** An ARN has six parts. */
function isCutShort(resource: string): boolean {
  return resource !== "*" && resource.includes("::") && resource.split(":").length < 6;
}

function isOfNoService(resource: string): boolean {
  return resource.split(":")[2] === "";
}

const LONG_MAX = 2n ** 63n - 1n;
const ISO_8601 = /^\d{4}(-\d\d(-\d\d)?)?(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?)?$/i;

/** Dates are in ISO 8601, or milliseconds in 64 bits. */
function hasWrongDate(condition: Statement["Condition"]): boolean {
  const dates = Object.entries(condition ?? {})
    .filter(([operator]) => /^(ForAnyValue:|ForAllValues:)?Date/.test(operator))
    .flatMap(([, keys]) => Object.values(keys as Readonly<Record<string, unknown>>).flat());
  return dates.some((date) => {
    const text = String(date);
    return /^-?\d{5,}$/.test(text) ? BigInt(text) > LONG_MAX : !ISO_8601.test(text);
  });
}

function texts(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(message: string): EmulatorError {
  return new EmulatorError("MalformedPolicyDocument", message, 400);
}
