/**
 * Handlers of reports on who may use which services and when they last did. Of all that AWS has, they tell of the services that
 * are here.
 */
import type { IAM } from "../../../gen/aws/iam.js";
import type { Handlers } from "../../service.js";
import { matches, wildcards } from "../policy/pattern.js";
import type { Statement } from "../policy/statement.js";
import { accountOf, page } from "./entities.js";
import {
  type Entity,
  entityArn,
  findEntity,
  managedPolicy,
  type PolicySource,
  policiesOf,
  readPolicy,
} from "./principal-policies.js";
import { type AccessReport, type Account, type Activity, type EntityUse, noSuchEntity } from "./store.js";

/** Names of services by what their actions begin with. */
const SERVICES: Readonly<Record<string, string>> = {
  ec2: "Amazon EC2",
  iam: "AWS Identity and Access Management",
  s3: "Amazon S3",
  sts: "AWS Security Token Service",
};

export const accessReportHandlers: Handlers<IAM> = {
  generateServiceLastAccessedDetails(input, context) {
    const account = accountOf(context);
    const { policies, entities } = subjectOf(account, input.Arn);
    const granted = Object.keys(SERVICES).filter((service) => policies.some((each) => grants(each, service)));
    const JobId = crypto.randomUUID();
    account.accessReports.set(JobId, {
      byAction: input.Granularity === "ACTION_LEVEL",
      created: context.clock.date(),
      services: new Map(
        granted.map((service) => [service, entities.map((entity) => useOf(account, entity, service))]),
      ),
    });
    return { JobId };
  },

  getServiceLastAccessedDetails(input, context) {
    const report = findReport(accountOf(context), input.JobId);
    const all = Array.from(report.services, ([service, uses]) =>
      lastAccessed(service, uses, report.byAction),
    );
    const { items, rest } = page(all, input);
    return {
      ...jobOutput(report),
      JobType: report.byAction ? ("ACTION_LEVEL" as const) : ("SERVICE_LEVEL" as const),
      ServicesLastAccessed: items,
      ...rest,
    };
  },

  getServiceLastAccessedDetailsWithEntities(input, context) {
    const report = findReport(accountOf(context), input.JobId);
    const { items, rest } = page(report.services.get(input.ServiceNamespace) ?? [], input);
    return {
      ...jobOutput(report),
      EntityDetailsList: items.map(({ arn, name, kind, id, path, use }) => ({
        EntityInfo: { Arn: arn, Name: name, Type: kind, Id: id, Path: path },
        LastAuthenticated: use?.at,
      })),
      ...rest,
    };
  },

  listPoliciesGrantingServiceAccess(input, context) {
    const account = accountOf(context);
    const policies = policiesOf(account, findEntity(account, input.Arn));
    return {
      PoliciesGrantingServiceAccess: input.ServiceNamespaces.map((service) => ({
        ServiceNamespace: service,
        Policies: policies.filter((policy) => grants(policy, service)).map(grantingOutput),
      })),
      IsTruncated: false,
    };
  },
};

/** Whose policies a report is on, and the users and roles that have them. */
interface Subject {
  readonly policies: readonly Pick<PolicySource, "document">[];
  readonly entities: readonly Entity[];
}

function subjectOf(account: Account, arn: string): Subject {
  const users = [...account.users.values()].map((principal): Entity => ({ kind: "user", principal }));
  if (/:policy\//.test(arn)) {
    const roles = [...account.roles.values()].map((principal): Entity => ({ kind: "role", principal }));
    const entities = [...users, ...roles].filter((entity) =>
      policiesOf(account, entity).some((each) => each.arn === arn),
    );
    return { policies: [managedPolicy(account, arn)], entities };
  }
  const entity = findEntity(account, arn);
  const policies = policiesOf(account, entity);
  if (entity.kind !== "group") return { policies, entities: [entity] };
  const { name } = entity.principal;
  return {
    policies,
    entities: users.filter((user) => account.users.get(user.principal.name)?.groups.has(name)),
  };
}

function useOf(account: Account, entity: Entity, service: string): EntityUse {
  const { id, name, path } = entity.principal;
  const use = account.activity.get(id)?.get(service);
  return {
    arn: entityArn(account, entity),
    kind: entity.kind === "role" ? "ROLE" : "USER",
    id,
    name,
    path,
    use: use && { ...use, actions: new Map(use.actions) },
  };
}

/** Whether a policy allows any action of a service, whatever a denial takes away again. */
function grants(policy: Pick<PolicySource, "document">, service: string): boolean {
  const allows = ({ effect, actions }: Statement) => {
    const whole = actions.values.map(({ text }) => text.toLowerCase());
    if (effect !== "Allow") return false;
    if (actions.not) return !whole.some((action) => action === "*" || action === `${service}:*`);
    return whole.some((action) => matches(wildcards(action.split(":")[0] ?? ""), service));
  };
  return readPolicy(policy).statements.some(allows);
}

function findReport(account: Account, id: string): AccessReport {
  const report = account.accessReports.get(id);
  if (report === undefined) throw noSuchEntity(`The job with id ${id} cannot be found.`);
  return report;
}

/** Done at once. */
function jobOutput({ created }: AccessReport) {
  return { JobStatus: "COMPLETED" as const, JobCreationDate: created, JobCompletionDate: created };
}

function lastAccessed(service: string, entities: readonly EntityUse[], byAction: boolean) {
  const used = entities
    .filter((each): each is EntityUse & { readonly use: Activity } => each.use !== undefined)
    .sort((a, b) => b.use.at.getTime() - a.use.at.getTime());
  const last = used[0];
  const actions = Array.from(last?.use.actions ?? [], ([ActionName, { at, region }]) => ({
    ActionName,
    LastAccessedEntity: last?.arn,
    LastAccessedTime: at,
    LastAccessedRegion: region,
  }));
  return {
    ServiceName: SERVICES[service] ?? service,
    ServiceNamespace: service,
    TotalAuthenticatedEntities: used.length,
    LastAuthenticated: last?.use.at,
    LastAuthenticatedEntity: last?.arn,
    LastAuthenticatedRegion: last?.use.region,
    TrackedActionsLastAccessed: byAction && actions.length > 0 ? actions : undefined,
  };
}

function grantingOutput({ name, arn, holder }: PolicySource) {
  if (arn !== undefined) return { PolicyName: name, PolicyType: "MANAGED" as const, PolicyArn: arn };
  const types = { user: "USER", group: "GROUP", role: "ROLE" } as const;
  return {
    PolicyName: name,
    PolicyType: "INLINE" as const,
    EntityType: types[holder.kind],
    EntityName: holder.principal.name,
  };
}
