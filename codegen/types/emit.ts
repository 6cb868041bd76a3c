/** The declarations of one service: its class, its operations with what a reader needs to know of each, its shapes. */
import type { CloudName, OperationTraits, ServiceModel, ShapeTraits } from "../../src/model/ir.js";
import { isPresignable, lowerFirst, memberPath } from "../../src/model/names.js";
import { type Extension, extensionOf } from "../emit-js.js";
import { commonErrors, documentation } from "./documentation.js";
import { resourceDeclarations } from "./resources.js";
import { propertyName, ShapeTypes } from "./shapes.js";

/** Where a cloud's own types stand: options of a client, and the interface that lists services by id. */
const CLOUDS: Readonly<Record<CloudName, { readonly options: string; readonly services: string }>> = {
  aws: { options: "AwsClientOptions", services: "AwsServices" },
  azure: { options: "AzureClientOptions", services: "AzureServices" },
  gcp: { options: "GcpClientOptions", services: "GcpServices" },
};

export function emitTypes(model: ServiceModel): string {
  const { cloud, id, name } = model.service;
  const { options, services } = CLOUDS[cloud];
  const extension = extensionOf(model.service);
  const types = new ShapeTypes(model, [name]);
  const members = [
    ...operationMembers(model, types),
    ...waiterMembers(model, types),
    ...errorMembers(model, types),
  ];
  const resources = cloud === "aws" ? resourceDeclarations(model, types) : undefined;
  const shapes = types.declarations();
  const helpers = types.imports;
  return [
    `import type { Client as _Client } from "../../client/service.js";`,
    `import type { BaseSession as _Session } from "../../client/session.js";`,
    ...(helpers.length > 0 ? [`import type { ${helpers.join(", ")} } from "../../client/types.js";`] : []),
    `import type { Model as _Model } from "../../model/model.js";`,
    `import type { ${options} as _Options } from "../../${cloud}/options.js";`,
    ...(resources?.imports ?? []),
    ...(extension
      ? [`import type { ${extension.type} as _Extension } from "../../${extension.path}.js";`]
      : []),
    ...(extension?.offers ? [offers(extension.path, extension.offers)] : []),
    `declare module "../../${cloud}/session.js" { interface ${services} { ${propertyName(id)}: ${name} } }`,
    ...(extension ? [`export interface ${name} extends _Extension {}`] : []),
    classDocumentation(model),
    `export declare class ${name} extends _Client {`,
    `constructor(options?: _Options & { session?: _Session | undefined });`,
    `static readonly serviceModel: _Model;`,
    ...(resources ? [resources.member] : []),
    ...members,
    "}",
    ...(resources?.interfaces ?? []),
    ...shapes,
    "",
  ].join("\n");
}

function offers(path: string, { values, types }: NonNullable<Extension["offers"]>): string {
  return `export { ${[...values, ...types.map((each) => `type ${each}`)].join(", ")} } from "../../${path}.js";`;
}

function classDocumentation(model: ServiceModel): string {
  const common = commonErrors(model);
  const facts = [`${[model.service.title, model.service.apiVersion].filter(Boolean).join(", ")}.`];
  if (common.length > 0) facts.push(`Common errors: ${common.join(", ")}.`);
  return `/** ${facts.join(" ")} */`;
}

type Members = Map<string, Members | string>;

function operationMembers(model: ServiceModel, types: ShapeTypes): string[] {
  const root: Members = new Map();
  const common = commonErrors(model);
  for (const [name, operation] of Object.entries(model.operations)) {
    const path = memberPath(name);
    let node = root;
    for (const part of path.slice(0, -1)) {
      const known = node.get(part);
      const next: Members = known instanceof Map ? known : new Map();
      node.set(part, next);
      node = next;
    }
    const member = path[path.length - 1] as string;
    node.set(
      member,
      `${documentation(model, name, common)}\n${declaration(member, operationType(model, operation, types))}`,
    );
  }
  return declareTree(root);
}

function declareTree(members: Members): string[] {
  return [...members].flatMap(([name, member]) =>
    typeof member === "string"
      ? [member]
      : [`readonly ${propertyName(name)}: {`, ...declareTree(member), "};"],
  );
}

function declaration(name: string, type: string): string {
  return `readonly ${propertyName(name)}: ${type};`;
}

function operationType(model: ServiceModel, operation: OperationTraits, types: ShapeTypes): string {
  const input = types.of(operation.input, "input");
  const output = types.of(operation.output, "output");
  const item = itemType(operation, types);
  const presignable = isPresignable(model.service, operation);
  const base = `${presignable ? "Presignable" : ""}${item === undefined ? "" : "Paged"}Operation`;
  const type = `${types.helper(base)}<${[input, output, ...(item === undefined ? [] : [item])].join(", ")}>`;
  if (operation.lro === undefined) return type;
  const result = operation.lro.result === undefined ? output : types.of(operation.lro.result, "output");
  return `${type} & ${types.helper("LongRunning")}<${input}, ${result}>`;
}

/** What `.items()` yields; undefined where the operation does not page. */
function itemType({ page, output }: OperationTraits, types: ShapeTypes): string | undefined {
  if (page === undefined) return undefined;
  const [path] = page.items;
  return path === undefined || output === undefined ? "never" : types.itemAt(output, path);
}

function waiterMembers(model: ServiceModel, types: ShapeTypes): string[] {
  const waiters = Object.entries(model.waiters ?? {}).flatMap(
    ([name, { operation, delaySeconds, maxAttempts }]) => {
      const { input, output } = model.operations[operation] ?? {};
      const type = `${types.helper("Waiter")}<${types.of(input, "input")}, ${types.of(output, "output")}>`;
      return [
        `/** Calls ${memberPath(operation).join(".")} every ${delaySeconds} s, ${maxAttempts} times at most. */`,
        declaration(lowerFirst(name), type),
      ];
    },
  );
  return waiters.length === 0 ? ["readonly waitUntil: {};"] : ["readonly waitUntil: {", ...waiters, "};"];
}

function errorMembers(model: ServiceModel, types: ShapeTypes): string[] {
  const names = new Set(Object.values(model.operations).flatMap((operation) => operation.errors ?? []));
  const errors = [...names].map((name) => {
    const shape = model.shapes[name] as ShapeTraits;
    // The header in which such a service keeps the query protocol's code is in no model.
    const isKnown = shape.error?.code !== undefined || model.service.aws?.queryCompatible !== true;
    const code = isKnown ? JSON.stringify(shape.error?.code ?? name) : "string";
    return declaration(name, `${types.helper("ErrorClass")}<${code}, ${types.of(name, "output")}>`);
  });
  return errors.length === 0 ? ["readonly errors: {};"] : ["readonly errors: {", ...errors, "};"];
}
