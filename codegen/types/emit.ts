/** The declarations of one service. */
import type { ServiceModel } from "../../src/model/ir.js";

export function emitTypes(model: ServiceModel): string {
  return `export declare const ${model.service.name}: unknown;\n`;
}
