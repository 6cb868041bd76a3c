/** Inputs and outputs of operations with native values in the place of attribute values, and conditions in that of expressions. */
import type { AttributeValue } from "../../gen/aws/dynamodb.js";
import { invalidInput } from "../../internal/cloud-error.js";
import type { Model, Shape } from "../../model/model.js";
import type { Values } from "../../protocol/protocol.js";
import { Expression, ExpressionBuilder } from "./dynamodb-condition.js";
import { marshallValue, type NativeValue, unmarshallValue } from "./dynamodb-value.js";

type Convert = (value: unknown) => unknown;

const toWire: Convert = (value) => marshallValue(value as NativeValue);
const toNative: Convert = (value) => unmarshallValue(value as AttributeValue);

/** The input as the client takes it. Conditions are written first, as boto3 does, then all values are marshalled. */
export function wireInput(model: Model, operation: string, input: Values): Values {
  const shape = model.operation(operation)?.input;
  if (shape === undefined) return input;
  return replace(attributeValue(model), shape, withExpressions(input), toWire) as Values;
}

/** The output with native values. */
export function nativeOutput(model: Model, operation: string, output: Values): Values {
  const shape = model.operation(operation)?.output;
  return shape === undefined ? output : (replace(attributeValue(model), shape, output, toNative) as Values);
}

/** Builds the conditions of a structure and adds their names and values to those that it has. */
function withExpressions(input: Values): Values {
  const conditions = Object.entries(input).filter(
    (entry): entry is [string, Expression] => entry[1] instanceof Expression,
  );
  if (conditions.length === 0) return input;
  const builder = new ExpressionBuilder();
  const filled: Values = { ...input };
  // boto3 numbers what is not a key condition first.
  const isKey = (name: string) => name === "KeyConditionExpression";
  conditions.sort(([a], [b]) => Number(isKey(a)) - Number(isKey(b)));
  for (const [name, condition] of conditions) filled[name] = builder.build(condition, isKey(name));
  addTo(filled, "ExpressionAttributeNames", builder.names);
  addTo(filled, "ExpressionAttributeValues", builder.values);
  return filled;
}

function addTo(input: Values, name: string, generated: Values): void {
  if (Object.keys(generated).length === 0) return;
  const own = (input[name] ?? {}) as Values;
  const taken = Object.keys(generated).find((each) => each in own);
  if (taken !== undefined) {
    throw invalidInput(`input.${name} has ${taken}, which a condition's own placeholder is called`);
  }
  input[name] = { ...own, ...generated };
}

/** A copy in which every value of the shape `found` is converted. */
function replace(found: Shape | undefined, shape: Shape, value: unknown, convert: Convert): unknown {
  if (shape === found) return convert(value);
  if (typeof value !== "object" || value === null) return value;
  switch (shape.type) {
    case "structure": {
      const copy: Values = { ...(value as Values) };
      for (const name of Object.keys(copy)) {
        const member = shape.member(name);
        if (member && copy[name] !== undefined)
          copy[name] = replace(found, member.shape, copy[name], convert);
      }
      return copy;
    }
    case "list": {
      const element = shape.element?.shape as Shape;
      return Array.isArray(value) ? value.map((each) => replace(found, element, each, convert)) : value;
    }
    case "map": {
      const element = shape.element?.shape as Shape;
      const entries = Object.entries(value).filter(([, each]) => each !== undefined);
      return Object.fromEntries(entries.map(([key, each]) => [key, replace(found, element, each, convert)]));
    }
    default:
      return value;
  }
}

/** Shapes of a model are made once and have no name at run time: this one is known by where it stands. */
function attributeValue(model: Model): Shape | undefined {
  return model.operation("GetItem")?.output?.member("Item")?.shape.element?.shape;
}
