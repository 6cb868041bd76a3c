/** Instance templates: what instances are made of again and again. */
import type { Instance } from "../../../gen/gcp/compute.js";
import { type AnyHandler, type Context, EmulatorError } from "../../service.js";
import { type Collection, handlersOf, referred } from "./resources.js";
import type { Draft } from "./store.js";

const TEMPLATES: Collection = {
  group: "instanceTemplates",
  segment: "instanceTemplates",
  parameter: "instanceTemplate",
  kind: "compute#instanceTemplate",
  scope: "global",
  verbs: ["policy"],
  create(body) {
    if (body.properties !== undefined) return body;
    throw new EmulatorError(
      "required",
      "Invalid value for field 'resource.properties': ''. Instance template must have properties.",
      400,
    );
  },
};

export const templateHandlers: Readonly<Record<string, AnyHandler>> = handlersOf(TEMPLATES);

/** An instance's body over what its template says. */
export function fromTemplate(
  context: Context,
  project: string,
  template: string | undefined,
  body: Draft<Instance>,
): Draft<Instance> {
  if (template === undefined) return body;
  const { resource } = referred(context, {
    field: "sourceInstanceTemplate",
    url: template,
    project,
    what: "instanceTemplate",
  });
  return { ...(resource.properties as Draft<Instance>), ...body };
}
