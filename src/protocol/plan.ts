/**
 * What the codecs of this folder keep on a shape, each in a slot of its own: a service that speaks several protocols has
 * one model, and its shapes are read by several codecs.
 */
import type { Member, OperationModel, Shape } from "../model/model.js";
import type { JsonPlan } from "./codec/json.js";
import type { XmlPlan } from "./codec/xml-plan.js";
import type { HttpBinding } from "./http-binding.js";
import type { PathTemplate } from "./path-template.js";

export interface ShapePlans {
  xml: XmlPlan | undefined;
  json: JsonPlan | undefined;
  http: HttpBinding | undefined;
}

export function plansOf(shape: Shape): ShapePlans {
  shape.plan ??= { xml: undefined, json: undefined, http: undefined } satisfies ShapePlans;
  return shape.plan as ShapePlans;
}

export interface OperationPlans {
  template: PathTemplate | undefined;
  /** Members of the input that are filled with a UUID when absent. */
  tokens: readonly Member[] | undefined;
}

export function operationPlans(operation: OperationModel): OperationPlans {
  operation.plan ??= { template: undefined, tokens: undefined } satisfies OperationPlans;
  return operation.plan as OperationPlans;
}
