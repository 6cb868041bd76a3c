/** What every AWS protocol does to an input before it encodes it. */
import { invalidInput } from "../internal/cloud-error.js";
import type { OperationModel } from "../model/model.js";
import { operationPlans } from "./plan.js";
import type { Values } from "./protocol.js";

/** The input with its idempotency tokens: made once a call, so that every attempt sends the same. */
export function withTokens(operation: OperationModel, input: Values): Values {
  const plans = operationPlans(operation);
  plans.tokens ??= operation.input?.members.filter(({ traits }) => traits.idempotencyToken) ?? [];
  const absent = plans.tokens.filter(({ name }) => input[name] === undefined || input[name] === null);
  if (absent.length === 0) return input;
  return { ...input, ...Object.fromEntries(absent.map(({ name }) => [name, crypto.randomUUID()])) };
}

/** What goes before the endpoint's host, labels filled in; nothing where the operation has none. */
export function hostPrefixOf(operation: OperationModel, input: Values): { hostPrefix?: string } {
  const template = operation.traits.aws?.hostPrefix;
  if (template === undefined) return {};
  const hostPrefix = template.replace(/\{([^}]*)\}/g, (_, name: string) => {
    const value = input[name];
    if (typeof value !== "string" || !/^[A-Za-z0-9.-]+$/.test(value)) {
      throw invalidInput(
        `input.${name} must be letters, digits, hyphens and periods: it is part of the request's host`,
      );
    }
    return value;
  });
  return { hostPrefix };
}
