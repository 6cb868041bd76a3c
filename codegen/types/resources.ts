/** The object layer's declarations: an interface for each kind of resource, the service itself included. */
import type { ResourceDefinitions, ResultDefinition } from "../../src/aws/resource/definition.js";
import {
  attributesAt,
  definitionOf,
  membersOfPath,
  type ResourceMember,
  relationsOf,
  resourceMembers,
} from "../../src/aws/resource/members.js";
import type { ServiceModel } from "../../src/model/ir.js";
import { lowerFirst } from "../../src/model/names.js";
import { propertyName, type ShapeTypes } from "./shapes.js";

/** Helper types of `src/aws/resource/types.ts`, each under its local name. */
const HELPERS = ["Action", "BatchAction", "CollectionOf", "Resource", "ResourceWaiter"];

/**
 * Kinds that have methods of our own, interfaces of `src/aws/resource/extension-types.ts`, each with the members of its definition
 * that they declare instead.
 */
const EXTENDED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  dynamodb: {
    DynamoDB: ["batchGetItem", "batchWriteItem"],
    Table: ["deleteItem", "getItem", "putItem", "query", "scan", "updateItem"],
  },
  s3: { Bucket: [], Object: [], ObjectSummary: [] },
};

export interface ResourceDeclarations {
  /** Imports of the helper types. */
  readonly imports: readonly string[];
  /** Member of the service's class that names the interface. */
  readonly member: string;
  readonly interfaces: readonly string[];
}

export function resourceDeclarations(
  model: ServiceModel,
  types: ShapeTypes,
): ResourceDeclarations | undefined {
  if (model.resources === undefined) return undefined;
  const declared = new Resources(model, types);
  const { id, name } = model.service;
  const methods = Object.keys(EXTENDED[id] ?? {}).map((type) => {
    const own = `${type === name ? `${name}Resource` : `${name}${type}`}Methods`;
    return `${own} as _${own}`;
  });
  return {
    imports: [
      `import type { ${HELPERS.map((each) => `${each} as _${each}`).join(", ")} } from "../../aws/resource/types.js";`,
      ...(methods.length > 0
        ? [`import type { ${methods.join(", ")} } from "../../aws/resource/extension-types.js";`]
        : []),
    ],
    member: `/** Type of \`session.resource(${name})\`. */\nstatic readonly "~resource"?: ${name}Resource;`,
    interfaces: declared.interfaces(),
  };
}

class Resources {
  readonly #model: ServiceModel;
  readonly #types: ShapeTypes;
  readonly #definitions: ResourceDefinitions;

  constructor(model: ServiceModel, types: ShapeTypes) {
    this.#model = model;
    this.#types = types;
    this.#definitions = model.resources as ResourceDefinitions;
  }

  interfaces(): string[] {
    const { name } = this.#model.service;
    return [name, ...Object.keys(this.#definitions.resources)].map((type) => this.#declare(type));
  }

  #declare(type: string): string {
    const shape = this.#attributeShape(type);
    const attributes = Object.keys(this.#model.shapes[shape ?? ""]?.members ?? {});
    const members = resourceMembers(this.#definitions, type, attributes);
    const replaced = EXTENDED[this.#model.service.id]?.[type];
    const kept = members.filter(({ member }) => !replaced?.includes(member));
    const lines = kept.map((member) => this.#member(type, shape, member));
    // boto3 adds the counterpart of createTags to each kind that has it.
    if (this.#model.service.id === "ec2" && type !== this.#model.service.name && members.some(isCreateTags)) {
      lines.push(`deleteTags: _Action<${this.#input("DeleteTags")}, "Resources", {}>;`);
    }
    const extended = replaced === undefined ? "" : `, _${this.#nameOf(type)}Methods`;
    return `export interface ${this.#nameOf(type)} extends _Resource${extended} {\n${lines.join("\n")}\n}`;
  }

  /** `EC2Instance`, `S3Bucket`; of the service itself `EC2Resource`. */
  #nameOf(type: string): string {
    const { name } = this.#model.service;
    const own =
      type === name && !(type in this.#definitions.resources) ? `${name}Resource` : `${name}${type}`;
    if (own in this.#model.shapes) throw new Error(`Cannot declare resource ${own}: a shape has that name`);
    return own;
  }

  #attributeShape(type: string): string | undefined {
    const found = attributesAt(this.#definitions, type);
    let name = this.#model.operations[found?.operation ?? ""]?.output;
    for (const member of membersOfPath(found?.path ?? "")) {
      name = this.#model.shapes[name ?? ""]?.members?.[member]?.shape;
      while (name !== undefined && this.#model.shapes[name]?.type === "list") {
        name = this.#model.shapes[name]?.member?.shape;
      }
    }
    return name;
  }

  #member(type: string, shape: string | undefined, { member, category, name }: ResourceMember): string {
    const definition = definitionOf(this.#definitions, type);
    const own = propertyName(member);
    switch (category) {
      case "Identifier":
        return `readonly ${own}: string;`;
      case "Load":
        return `${own}(): Promise<this>;`;
      case "Attribute":
        return `${own}(): Promise<${this.#types.of(shape, "output")}[${JSON.stringify(name)}]>;`;
      case "Action": {
        const { request, resource, path } = definition.actions?.[name] ?? { request: { operation: "" } };
        const tags = type === this.#model.service.name && name === "CreateTags";
        const output = tags
          ? "EC2Tag[]"
          : resource
            ? this.#found(resource)
            : this.#outputAt(request.operation, path);
        return `${own}: _Action<${this.#input(request.operation)}, ${filled(request.params)}, ${output}>;`;
      }
      case "Reference":
      case "Subresource": {
        const { resource } = relationsOf(this.#definitions, type)[name] as { resource: ResultDefinition };
        if (category === "Reference") return `${own}(): Promise<${this.#found(resource)} | undefined>;`;
        const given = (resource.identifiers ?? []).filter(({ source }) => source === "input");
        const parameters = given.map(({ target }) => `${lowerFirst(target)}: string`).join(", ");
        return `${own}(${parameters}): ${this.#nameOf(resource.type)};`;
      }
      case "Collection": {
        const { request, resource } = definition.hasMany?.[name] ?? {
          request: { operation: "" },
          resource: { type: "" },
        };
        const item = this.#nameOf(resource.type);
        return `readonly ${own}: _CollectionOf<${item}, ${this.#input(request.operation)}, ${this.#batch(resource.type)}>;`;
      }
      case "Waiter": {
        const waiter = this.#model.waiters?.[definition.waiters?.[name]?.waiterName ?? ""];
        return `${own}: _ResourceWaiter<${this.#input(waiter?.operation ?? "")}>;`;
      }
    }
  }

  #batch(type: string): string {
    const actions = Object.entries(definitionOf(this.#definitions, type).batchActions ?? {});
    const lines = actions.map(([name, { request }]) => {
      const output = this.#outputAt(request.operation, undefined);
      return `${propertyName(lowerFirst(name))}: _BatchAction<${this.#input(request.operation)}, ${output}>;`;
    });
    return lines.length === 0 ? "{}" : `{ ${lines.join(" ")} }`;
  }

  /** One resource, or a list where an identifier is taken from one. */
  #found({ type, identifiers = [] }: ResultDefinition): string {
    const many = identifiers.some(({ path }) => path?.includes("[]"));
    return `${this.#nameOf(type)}${many ? "[]" : ""}`;
  }

  #input(operation: string): string {
    return this.#types.of(this.#model.operations[operation]?.input, "input");
  }

  #outputAt(operation: string, path: string | undefined): string {
    const output = this.#model.operations[operation]?.output;
    return path === undefined || path === "@" ? this.#types.of(output, "output") : "unknown";
  }
}

function isCreateTags({ category, name }: ResourceMember): boolean {
  return category === "Action" && name === "CreateTags";
}

/** Members of an input that the resource fills in whole or in part. */
function filled(params: readonly { readonly target: string }[] = []): string {
  const names = new Set(params.map(({ target }) => /^\w+/.exec(target)?.[0] ?? target));
  return names.size === 0 ? "never" : [...names].map((name) => JSON.stringify(name)).join(" | ");
}
