/** Handlers of the policy simulator: what policies say of actions, without anybody calling them. */
import type { IAM } from "../../../gen/aws/iam.js";
import { type Context, EmulatorError, type Handlers, type Received } from "../../service.js";
import {
  concerns,
  type Decision,
  type Evaluation,
  evaluate,
  type Judgement,
  type Policy,
  type PolicyCaller,
  type PolicyRequest,
  type PolicySet,
} from "../policy/evaluation.js";
import type { ContextKeys } from "../policy/pattern.js";
import { contextKeysOf, statementPositions } from "../policy/statement.js";
import { checkDocument, checkResourceDocument } from "./documents.js";
import { accountOf, page } from "./entities.js";
import { exclude } from "./policy-exclusion.js";
import {
  boundaryPolicy,
  findEntity,
  type PolicySource,
  policiesOf,
  readPolicy,
} from "./principal-policies.js";

export const simulationHandlers: Handlers<IAM> = {
  simulateCustomPolicy(input, context) {
    const simulation = { ...input, policies: given(input.PolicyInputList), boundary: undefined };
    return simulate(simulation, input.CallerArn, context);
  },

  simulatePrincipalPolicy(input, context) {
    const account = accountOf(context);
    const entity = findEntity(account, input.PolicySourceArn);
    const excluded = input.PolicyExclusionList ?? [];
    const bound = boundaryPolicy(account, entity);
    const policies = [
      ...exclude(policiesOf(account, entity), excluded).map(held),
      ...given(input.PolicyInputList),
    ];
    const boundary = exclude(bound === undefined ? [] : [bound], excluded, "permission-boundary").map(
      held,
    )[0];
    return simulate({ ...input, policies, boundary }, input.CallerArn ?? input.PolicySourceArn, context);
  },

  getContextKeysForCustomPolicy: (input) => ({ ContextKeyNames: keyNames(given(input.PolicyInputList)) }),

  getContextKeysForPrincipalPolicy(input, context) {
    const account = accountOf(context);
    const own = policiesOf(account, findEntity(account, input.PolicySourceArn)).map(held);
    return { ContextKeyNames: keyNames([...own, ...given(input.PolicyInputList)]) };
  },
};

/** A policy, and what results call it. */
interface Source {
  readonly id: string;
  readonly document: string;
}

type SimulationInput = Omit<Received<Parameters<IAM["simulateCustomPolicy"]>[0]>, "PolicyInputList">;

interface Simulation extends SimulationInput {
  readonly policies: readonly Source[];
  readonly boundary: Source | undefined;
}

/** Policies of the request, by the name and the number of the member that brings them. */
function given(documents: readonly string[] | undefined, member = "PolicyInputList"): Source[] {
  return (documents ?? []).map((document, index) => ({
    id: `${member}.${index + 1}`,
    document: checkDocument(document),
  }));
}

/** Managed policies go by their names, inline ones by whose they are too. */
function held({ name, arn, document, holder }: PolicySource): Source {
  return { id: arn === undefined ? `${holder.kind}_${holder.principal.name}_${name}` : name, document };
}

function keyNames(policies: readonly Source[]): string[] {
  const names = policies.flatMap((source) => readPolicy(source).statements.flatMap(contextKeysOf));
  return distinct(names);
}

/** Names of keys differ in more than case. */
function distinct(names: readonly string[]): string[] {
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()];
}

function simulate(simulation: Simulation, callerArn: string | undefined, { account }: Context) {
  const { ActionNames, ResourceArns, ResourceOwner, ContextEntries = [] } = simulation;
  for (const action of ActionNames) checkAction(action);
  if (simulation.ResourcePolicy !== undefined && callerArn === undefined) {
    throw invalidInput("CallerArn must be specified when ResourcePolicy is.");
  }
  const policies = policiesOfSimulation(simulation);
  const caller = callerArn === undefined ? undefined : callerOf(callerArn, account);
  const context: ContextKeys = new Map(
    ContextEntries.map(({ ContextKeyName: name = "", ContextKeyValues: values = [] }) => [
      name.toLowerCase(),
      values,
    ]),
  );
  const home = caller?.account ?? account;
  const owner = /\d{12}/.exec(ResourceOwner ?? "")?.[0] ?? home;
  const results = ActionNames.map((action) => {
    const outcomes = (ResourceArns ?? ["*"]).map((resource) => {
      const crossAccount = (resource.split(":")[4] || owner) !== home;
      return outcomeOf({ ...policies, crossAccount }, { action, resource, context, caller });
    });
    return resultOf(action, outcomes, ResourceArns !== undefined);
  });
  const { items, rest } = page(results, simulation);
  return { EvaluationResults: items, ...rest };
}

function policiesOfSimulation(simulation: Simulation): Omit<PolicySet<Source>, "crossAccount"> {
  const {
    PermissionsBoundaryPolicyInputList: bounds,
    OrderedOrganizationPolicyInputList: levels,
    ResourcePolicy,
  } = simulation;
  if ((bounds?.length ?? 0) > 1) throw invalidInput("Only one permissions boundary can be given.");
  // A boundary that the request brings stands in for the one that is set.
  const boundary =
    bounds === undefined ? simulation.boundary : given(bounds, "PermissionsBoundaryPolicyInputList")[0];
  const resource = ResourcePolicy && {
    id: "ResourcePolicy",
    document: checkResourceDocument(ResourcePolicy),
  };
  return {
    identity: simulation.policies.map(readPolicy),
    boundary: boundary && [readPolicy(boundary)],
    resource: resource ? [readPolicy(resource)] : undefined,
    organization: levels?.map(({ ServiceControlPolicyInputList: documents }, level) =>
      given(documents, `OrderedOrganizationPolicyInputList.${level + 1}`).map(readPolicy),
    ),
  };
}

function callerOf(arn: string, account: string): PolicyCaller {
  const match = /^arn:[\w-]+:iam::(\d{12}):(user|role|group)\//.exec(arn);
  if (match === null && !arn.endsWith(":root")) throw invalidInput(`Invalid CallerArn: ${arn}`);
  return {
    account: match?.[1] ?? account,
    arn,
    // Whoever has assumed the role.
    roleArn: match?.[2] === "role" ? arn : undefined,
  };
}

interface Outcome {
  readonly resource: string;
  readonly evaluation: Evaluation<Source>;
  readonly missing: readonly string[];
  readonly crossAccount: boolean;
}

function outcomeOf(set: PolicySet<Source>, request: PolicyRequest): Outcome {
  const all: readonly Policy<Source>[] = [
    ...set.identity,
    ...(set.boundary ?? []),
    ...(set.resource ?? []),
    ...(set.organization?.flat() ?? []),
  ];
  const asked = all.flatMap(({ statements }) =>
    statements.filter((statement) => concerns(statement, request)).flatMap(contextKeysOf),
  );
  return {
    resource: request.resource,
    evaluation: evaluate(set, request),
    missing: distinct(asked).filter((name) => !request.context.has(name.toLowerCase())),
    crossAccount: set.crossAccount,
  };
}

/** One of an action: what holds for all its resources, and of each where the request names them. */
function resultOf(action: string, outcomes: readonly Outcome[], named: boolean) {
  const evaluations = outcomes.map(({ evaluation }) => evaluation);
  const organizations = evaluations
    .map(({ byKind }) => byKind.organization)
    .filter((each) => each !== undefined);
  const matched = new Map(
    evaluations.flatMap((each) =>
      each.matched.map((one) => [`${one.source.id} ${one.statement.index}`, one] as const),
    ),
  );
  return {
    EvalActionName: action,
    EvalResourceName: outcomes.length === 1 ? outcomes[0]?.resource : "*",
    EvalDecision: strictest(evaluations.map(({ decision }) => decision)),
    MatchedStatements: matchedOutput([...matched.values()]),
    MissingContextValues: named ? [] : outcomes.flatMap(({ missing }) => missing),
    OrganizationsDecisionDetail:
      organizations.length === 0
        ? undefined
        : { AllowedByOrganizations: organizations.every(({ decision }) => decision === "allowed") },
    PermissionsBoundaryDecisionDetail: boundaryDetail(evaluations),
    EvalDecisionDetails: outcomes.length === 1 ? detailsOf(outcomes[0]) : undefined,
    ResourceSpecificResults: named
      ? outcomes.map((outcome) => ({
          EvalResourceName: outcome.resource,
          EvalResourceDecision: outcome.evaluation.decision,
          MatchedStatements: matchedOutput(outcome.evaluation.matched),
          MissingContextValues: outcome.missing,
          EvalDecisionDetails: detailsOf(outcome),
          PermissionsBoundaryDecisionDetail: boundaryDetail([outcome.evaluation]),
        }))
      : undefined,
  };
}

function strictest(decisions: readonly Decision[]): Decision {
  if (decisions.includes("explicitDeny")) return "explicitDeny";
  return decisions.includes("implicitDeny") ? "implicitDeny" : "allowed";
}

function boundaryDetail(evaluations: readonly Evaluation<Source>[]) {
  const boundaries = evaluations.map(({ byKind }) => byKind.boundary).filter((each) => each !== undefined);
  if (boundaries.length === 0) return undefined;
  return { AllowedByPermissionsBoundary: boundaries.every(({ decision }) => decision === "allowed") };
}

/** Told where two accounts have a say. */
function detailsOf(outcome: Outcome | undefined): Record<string, Decision> | undefined {
  if (!outcome?.crossAccount) return undefined;
  const { identity, boundary, resource } = outcome.evaluation.byKind;
  return {
    "IAM Policy": identity.decision,
    ...(resource !== undefined && { "Resource Policy": resource.decision }),
    ...(boundary !== undefined && { "Permissions Boundary Policy": boundary.decision }),
  };
}

function matchedOutput(matched: Judgement<Source>["matched"]) {
  return matched.map(({ source, statement }) => {
    const { start, end } = statementPositions(source.document)[statement.index] ?? {};
    return {
      SourcePolicyId: source.id,
      SourcePolicyType: source.id === "ResourcePolicy" ? "Resource Policy" : "IAM Policy",
      StartPosition: start,
      EndPosition: end,
    };
  });
}

function checkAction(action: string): void {
  if (!/^[\w-]+:\w+$/.test(action)) throw invalidInput(`Invalid Action Name: ${action}`);
}

function invalidInput(message: string): EmulatorError {
  return new EmulatorError("InvalidInput", message, 400);
}
