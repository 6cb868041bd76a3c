/** Deployments of templates to resource groups and subscriptions: checked at once, done in time. */
import { createHash } from "node:crypto";
import type { Resources } from "../../../gen/azure/resources.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { applyResource } from "./apply.js";
import { whatIf } from "./changes.js";
import { findGroup, open } from "./groups.js";
import { resourceIdOf } from "./resource-id.js";
import { removeResource } from "./resources.js";
import { type Deployment, type ManagerStore, originOf } from "./store.js";
import { type Place, type Plan, planTemplate } from "./template.js";

/** How long a deployment, or the deletion of one, takes by the emulator's clock. */
const DEPLOYMENT_MS = 2_000;
const NAME = /^[-\w._()]{1,64}$/;

interface Address {
  readonly subscriptionId?: string | undefined;
  readonly resourceGroupName?: string | undefined;
}

interface DeploymentAddress extends Address {
  readonly deploymentName: string;
}

interface Asked {
  readonly location?: string | undefined;
  readonly tags?: Record<string, string> | undefined;
  readonly properties?:
    | {
        readonly mode: string;
        readonly template?: Record<string, unknown> | undefined;
        readonly templateLink?: unknown;
        readonly parameters?: Record<string, unknown> | undefined;
        readonly parametersLink?: unknown;
        readonly onErrorDeployment?: unknown;
      }
    | undefined;
}

export const deploymentHandlers: Handlers<Resources> = {
  "deployments.createOrUpdate": ({ parameters, ...address }, context) => start(address, parameters, context),
  "deployments.createOrUpdateAtSubscriptionScope": ({ parameters, ...address }, context) =>
    start(address, parameters, context),
  "deployments.validate": ({ parameters, ...address }, context) => validate(address, parameters, context),
  "deployments.validateAtSubscriptionScope": ({ parameters, ...address }, context) =>
    validate(address, parameters, context),
  "deployments.whatIf": ({ parameters, ...address }, context) => preview(address, parameters, context),
  "deployments.whatIfAtSubscriptionScope": ({ parameters, ...address }, context) =>
    preview(address, parameters, context),
  "deployments.get": (address, context) => shown(find(address, context)),
  "deployments.getAtSubscriptionScope": (address, context) => shown(find(address, context)),
  "deployments.checkExistence": (address, context) => exists(address, context),
  "deployments.checkExistenceAtSubscriptionScope": (address, context) => exists(address, context),
  "deployments.exportTemplate": (address, context) => ({ template: find(address, context).template }),
  "deployments.exportTemplateAtSubscriptionScope": (address, context) => ({
    template: find(address, context).template,
  }),
  "deployments.cancel": (address, context) => cancel(address, context),
  "deployments.cancelAtSubscriptionScope": (address, context) => cancel(address, context),
  "deployments.delete": (address, context) => remove(address, context),
  "deployments.deleteAtSubscriptionScope": (address, context) => remove(address, context),
  "deployments.listByResourceGroup": ({ $filter, $top, ...address }, context) =>
    listed(address, $filter, $top, context),
  "deployments.listAtSubscriptionScope": ({ $filter, $top, ...address }, context) =>
    listed(address, $filter, $top, context),
  "deploymentOperations.list": (address, context) => ({ value: stepsOf(find(address, context)) }),
  "deploymentOperations.listAtSubscriptionScope": (address, context) => ({
    value: stepsOf(find(address, context)),
  }),
  "deploymentOperations.get": ({ operationId, ...address }, context) =>
    stepOf(find(address, context), operationId),
  "deploymentOperations.getAtSubscriptionScope": ({ operationId, ...address }, context) =>
    stepOf(find(address, context), operationId),
};

/** How a deployment is, where its client watches it. */
export function deploymentStatus(path: string, context: Context) {
  const id = /^(.+\/providers\/microsoft\.resources\/deployments\/[^/]+)\/operationstatuses\/[^/]+$/i.exec(
    path,
  )?.[1];
  if (id === undefined) return undefined;
  const deployment = open(context).store.deployments.get(decodeURIComponent(id).toLowerCase());
  if (deployment === undefined)
    throw new EmulatorError("DeploymentNotFound", "The deployment could not be found.", 404);
  const { state, error } = deployment;
  return { status: state, ...(error && { error }) };
}

function start(address: DeploymentAddress, asked: Asked, context: Context) {
  const { store, scope } = placeOf(address, context);
  const id = `${scope}/providers/Microsoft.Resources/deployments/${address.deploymentName}`;
  if (!NAME.test(address.deploymentName))
    throw new EmulatorError(
      "InvalidDeploymentName",
      `The deployment name '${address.deploymentName}' is not valid.`,
      400,
    );
  const known = store.deployments.get(id.toLowerCase());
  if (known?.state === "Running")
    throw new EmulatorError(
      "DeploymentActive",
      `Unable to edit or replace deployment '${known.name}': previous deployment is still active.`,
      409,
    );
  const { plan, mode, template } = plannedOf(address, asked, context);
  const deployment: Deployment = {
    id,
    name: address.deploymentName,
    location: asked.location,
    tags: asked.tags,
    correlationId: crypto.randomUUID(),
    mode,
    template,
    plan,
    state: "Running",
    error: undefined,
    changedOn: context.clock.date(),
    done: [],
  };
  store.deployments.set(id.toLowerCase(), deployment);
  const operation = crypto.randomUUID();
  const endsAt = context.clock.now() + DEPLOYMENT_MS;
  const finish = () => run(deployment, address, asked, context);
  store.operations.set(operation, { id: operation, endsAt, finished: false, finish });
  const version = new URLSearchParams(context.request.query).get("api-version") ?? "";
  const watched = `${originOf(context.request)}${id}/operationStatuses/${operation}?api-version=${version}`;
  context.responseHeaders["azure-asyncoperation"] = watched;
  context.responseHeaders["retry-after"] = "1";
  context.responseStatus = known === undefined ? 201 : 200;
  return {
    ...shown(deployment),
    properties: { ...shown(deployment).properties, provisioningState: "Accepted" },
  };
}

/** Puts the resources one after the other; the first that is refused ends the deployment. */
function run(deployment: Deployment, address: Address, asked: Asked, context: Context): void {
  if (deployment.state !== "Running") return;
  deployment.changedOn = context.clock.date();
  try {
    const { plan } = plannedOf(address, asked, context);
    deployment.plan = plan;
    for (const resource of plan.resources) {
      const isNew = applyResource(context, resource);
      deployment.done.push({ resource, statusCode: isNew ? "Created" : "OK", error: undefined });
    }
    if (deployment.mode === "Complete") removeOthers(placeOf(address, context), plan);
    deployment.state = "Succeeded";
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    const { code, message } = error;
    const resource = deployment.plan.resources[deployment.done.length];
    if (resource !== undefined)
      deployment.done.push({ resource, statusCode: "Conflict", error: { code, message } });
    deployment.state = "Failed";
    deployment.error = {
      code: "DeploymentFailed",
      message:
        "At least one resource deployment operation failed. Please list deployment operations for details.",
      details: [{ code, message }],
    };
  }
}

/** A complete deployment leaves nothing in the group that its template does not have. */
function removeOthers({ store, scope }: Placed, { resources }: Plan): void {
  const kept = new Set(resources.map(({ id }) => id.toLowerCase()));
  for (const { at } of [...store.resources.values()])
    if (at.scope.toLowerCase() === scope.toLowerCase() && at.parentKey === undefined && !kept.has(at.key))
      removeResource(store, at);
}

function validate(address: DeploymentAddress, asked: Asked, context: Context) {
  const { scope } = placeOf(address, context);
  const { plan, mode, template } = plannedOf(address, asked, context);
  return {
    id: `${scope}/providers/Microsoft.Resources/deployments/${address.deploymentName}`,
    name: address.deploymentName,
    type: "Microsoft.Resources/deployments",
    properties: {
      mode,
      templateHash: hashOf(template),
      parameters: plan.parameters,
      timestamp: context.clock.date(),
      correlationId: crypto.randomUUID(),
      provisioningState: "Succeeded",
      validatedResources: plan.resources.map(({ id }) => ({ id })),
    },
  };
}

function preview(address: DeploymentAddress, asked: Asked, context: Context) {
  const { store, scope } = placeOf(address, context);
  const { plan, mode } = plannedOf(address, asked, context);
  return { status: "Succeeded", properties: { changes: whatIf(store, scope, plan, mode) } };
}

interface Placed {
  readonly store: ManagerStore;
  readonly scope: string;
}

function placeOf({ subscriptionId, resourceGroupName }: Address, context: Context): Placed {
  const { store, subscription } = open(context, subscriptionId);
  const scope = `/subscriptions/${subscription.id}`;
  if (resourceGroupName === undefined) return { store, scope };
  return { store, scope: `${scope}/resourceGroups/${findGroup(subscription, resourceGroupName).name}` };
}

function plannedOf(address: Address & { readonly deploymentName?: string }, asked: Asked, context: Context) {
  const {
    mode,
    template,
    parameters = {},
    templateLink,
    parametersLink,
    onErrorDeployment,
  } = asked.properties ?? {
    mode: "",
  };
  if (templateLink !== undefined || parametersLink !== undefined || onErrorDeployment !== undefined)
    throw new EmulatorError(
      "NotImplemented",
      "The emulator does not implement templateLink, parametersLink and onErrorDeployment of deployments",
      501,
    );
  const isGroup = address.resourceGroupName !== undefined;
  if (template === undefined || (mode !== "Incremental" && !(isGroup && mode === "Complete")))
    throw new EmulatorError(
      "InvalidDeployment",
      "The deployment needs a template, and a mode of its scope.",
      400,
    );
  if (!isGroup && !asked.location)
    throw new EmulatorError("LocationRequired", "The deployment's location is required.", 400);
  const { store, scope } = placeOf(address, context);
  const { subscription } = open(context, address.subscriptionId);
  const group = isGroup ? findGroup(subscription, address.resourceGroupName ?? "") : undefined;
  const place: Place = {
    scope,
    subscription: { id: `/subscriptions/${subscription.id}`, subscriptionId: subscription.id },
    group: group && {
      id: scope,
      name: group.name,
      type: "Microsoft.Resources/resourceGroups",
      location: group.location,
      tags: group.tags ?? {},
      properties: { provisioningState: group.provisioningState },
    },
    deployment: { name: address.deploymentName, location: asked.location, properties: { mode, template } },
    reference: (id) => {
      const resource = store.resources.get(resourceIdOf(id)?.key ?? "");
      return resource && (resource.body.properties ?? {});
    },
  };
  return { plan: planTemplate(template, parameters, place), mode, template };
}

function find(address: DeploymentAddress, context: Context): Deployment {
  const { store, scope } = placeOf(address, context);
  const id = `${scope}/providers/Microsoft.Resources/deployments/${address.deploymentName}`;
  const deployment = store.deployments.get(id.toLowerCase());
  if (deployment !== undefined) return deployment;
  throw new EmulatorError(
    "DeploymentNotFound",
    `Deployment '${address.deploymentName}' could not be found.`,
    404,
  );
}

function exists(address: DeploymentAddress, context: Context) {
  const { store, scope } = placeOf(address, context);
  const id = `${scope}/providers/Microsoft.Resources/deployments/${address.deploymentName}`;
  context.responseStatus = store.deployments.has(id.toLowerCase()) ? 204 : 404;
  return {};
}

function cancel(address: DeploymentAddress, context: Context) {
  const deployment = find(address, context);
  if (deployment.state !== "Running")
    throw new EmulatorError(
      "DeploymentCannotBeCancelled",
      `The deployment '${deployment.name}' cannot be cancelled: it is ${deployment.state}.`,
      409,
    );
  deployment.state = "Canceled";
  deployment.error = { code: "DeploymentCanceled", message: "The deployment was canceled.", details: [] };
  return {};
}

function remove(address: DeploymentAddress, context: Context) {
  const { store, scope } = placeOf(address, context);
  const id = `${scope}/providers/Microsoft.Resources/deployments/${address.deploymentName}`;
  const deployment = store.deployments.get(id.toLowerCase());
  if (deployment?.state === "Running")
    throw new EmulatorError("DeploymentActive", `The deployment '${deployment.name}' is still active.`, 409);
  context.responseStatus = 204;
  store.deployments.delete(id.toLowerCase());
  return {};
}

function listed(address: Address, filter: string | undefined, top: number | undefined, context: Context) {
  const { store, scope } = placeOf(address, context);
  const state = filter && /^provisioningState eq '([^']*)'$/i.exec(filter.trim())?.[1];
  if (filter && state === undefined)
    throw new EmulatorError(
      "InvalidFilterInQueryString",
      `Invalid $filter '${filter}' specified in the query string.`,
      400,
    );
  const prefix = `${scope}/providers/Microsoft.Resources/deployments/`.toLowerCase();
  const value = [...store.deployments]
    .filter(([key, each]) => key.startsWith(prefix) && (!state || each.state === state))
    .map(([, each]) => shown(each));
  return { value: value.slice(0, top ?? value.length) };
}

function shown(deployment: Deployment) {
  const { id, name, location, tags, plan, state, error, template } = deployment;
  const isDone = state === "Succeeded";
  return {
    id,
    name,
    type: "Microsoft.Resources/deployments",
    location,
    tags,
    properties: {
      templateHash: hashOf(template),
      parameters: plan.parameters,
      mode: deployment.mode as "Incremental" | "Complete",
      provisioningState: state,
      timestamp: deployment.changedOn,
      duration: isDone ? `PT${DEPLOYMENT_MS / 1000}S` : "PT0S",
      correlationId: deployment.correlationId,
      ...(isDone && {
        outputs: plan.outputs,
        outputResources: plan.resources.map(({ id: resource }) => ({ id: resource })),
      }),
      ...(error && { error }),
    },
  };
}

function stepsOf(deployment: Deployment) {
  return deployment.done.map(({ resource, statusCode, error }, at) => ({
    id: `${deployment.id}/operations/${at + 1}`,
    operationId: String(at + 1),
    properties: {
      provisioningOperation: "Create" as const,
      provisioningState: error === undefined ? "Succeeded" : "Failed",
      timestamp: deployment.changedOn,
      statusCode,
      ...(error && { statusMessage: { status: "Failed", error } }),
      targetResource: { id: resource.id, resourceType: resource.type, resourceName: resource.name },
    },
  }));
}

function stepOf(deployment: Deployment, operationId: string) {
  const step = stepsOf(deployment).find((each) => each.operationId === operationId);
  if (step !== undefined) return step;
  throw new EmulatorError(
    "DeploymentOperationNotFound",
    `The deployment operation '${operationId}' could not be found.`,
    404,
  );
}

/** The same for the same template; not the number that Azure makes. */
function hashOf(template: object): string {
  return createHash("sha256").update(JSON.stringify(template)).digest().readBigUInt64BE().toString();
}
