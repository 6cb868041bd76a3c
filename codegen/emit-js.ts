/** The JavaScript of one service: its packed model handed to its cloud. */
import { existsSync } from "node:fs";
import type { ServiceModel } from "../src/model/ir.js";
import { pack } from "../src/model/pack.js";

/** Methods of our own that a service's class has: `src/<cloud>/extensions/<id>.ts`, where there is one. */
export interface Extension {
  /** Path from `src/`, without ending. */
  readonly path: string;
  /** What it exports: the methods, and their interface. */
  readonly value: string;
  readonly type: string;
  /** What else it exports that the service's module offers its users. */
  readonly offers: { readonly values: readonly string[]; readonly types: readonly string[] } | undefined;
}

const OFFERS: Readonly<Record<string, Extension["offers"]>> = {
  "aws/extensions/s3": {
    values: [],
    types: [
      "CopySource",
      "DirectoryOptions",
      "DirectoryResult",
      "DownloadInput",
      "PostCondition",
      "PostInput",
      "PostOptions",
      "PresignedPost",
      "UploadInput",
      "UploadResult",
    ],
  },
  "azure/extensions/blob": { values: [], types: ["Uploaded", "UploadInput"] },
  "aws/extensions/dynamodb": {
    values: [
      "Attr",
      "Expression",
      "Key",
      "NumberValue",
      "marshall",
      "marshallValue",
      "unmarshall",
      "unmarshallValue",
    ],
    types: [
      "Attribute",
      "AttributePath",
      "BatchWriter",
      "BatchWriterOptions",
      "NativeItem",
      "NativeNumber",
      "NativeValue",
      "UnmarshallOptions",
      "UnwrittenRequest",
    ],
  },
};

export function extensionOf({ cloud, id }: ServiceModel["service"]): Extension | undefined {
  const path = `${cloud}/extensions/${id}`;
  if (!existsSync(`src/${path}.ts`)) return undefined;
  const value = `${camelCase(id)}Extension`;
  const type = `${value.charAt(0).toUpperCase()}${value.slice(1)}`;
  return { path, value, type, offers: OFFERS[path] };
}

/** Protocols that share a module with another; the rest have one of their own name. */
const MODULES: Readonly<Record<string, string>> = { "aws-ec2": "aws-query" };

/**
 * Imports name `.ts` files: the output is bundled from src/gen, and rewritten where it is shipped as it is.
 *
 * @param rules AWS's packed endpoint rule set, in each module that uses it: a file more to load costs more than the kilobytes
 */
export function emitJs(model: ServiceModel, rules: string | undefined): string {
  const { cloud, name, protocol } = model.service;
  const imports: string[] = [];
  const constants = [`const text = ${literal(pack(model))};`];
  const argumentsOf = ["text"];
  if (cloud === "aws") {
    if (rules === undefined) throw new Error(`Cannot generate ${model.service.id}: no endpoint rule set`);
    constants.push(`const rules = ${literal(rules)};`);
    imports.push(
      `import { ${camelCase(protocol)} } from "../../protocol/${MODULES[protocol] ?? protocol}.ts";`,
    );
    argumentsOf.push("rules", camelCase(protocol));
  }
  const extension = extensionOf(model.service);
  if (extension) {
    imports.push(`import { ${extension.value} } from "../../${extension.path}.ts";`);
    argumentsOf.push(extension.value);
    const { values = [] } = extension.offers ?? {};
    if (values.length > 0) imports.push(`export { ${values.join(", ")} } from "../../${extension.path}.ts";`);
  }
  return `import { ${cloud}Service } from "../../${cloud}/service.ts";
${imports.join("\n")}
${constants.join("\n")}
export const ${name} = /* @__PURE__ */ ${cloud}Service(${argumentsOf.join(", ")});
`;
}

/** `aws-rest-json` -> `awsRestJson`, as its protocol is exported. */
function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** A module that exports JSON as text, for whoever needs it to parse. */
export function emitText(name: string, text: string): string {
  return `export const ${name} = ${literal(text.trim())};\n`;
}

/** In single quotes, which V8 reads faster than a template. ASCII alone: V8 keeps such a source at a byte a character. */
export function literal(text: string): string {
  const escaped = text.replace(/[\\'\n]/g, (each) => (each === "\n" ? "\\n" : `\\${each}`));
  return `'${escaped.replace(/[\u0080-\uffff]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`)}'`;
}
