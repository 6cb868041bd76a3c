/** What a service's extension does to its object layer: the code of one service is not part of what others load. */
import type { Client } from "../../client/service.js";
import type { Model } from "../../model/model.js";
import type { Values } from "../../protocol/protocol.js";

export interface ResourceLayer {
  /** The input of an operation as the client takes it. */
  input(model: Model, operation: string, input: Values): Values;
  /** The output of an operation as resources answer it. */
  output(model: Model, operation: string, output: Values): Values;
  /** Members of kinds, by kind: methods and getters, with the resource as `this`. They replace those of the definition. */
  readonly members: Readonly<Record<string, object>>;
}

/** Member of the client's prototype: an extension has it beside its methods. */
interface Layered {
  readonly "~resources"?: ResourceLayer;
}

export function layerOf(client: Client): ResourceLayer | undefined {
  return (client as Layered)["~resources"];
}
