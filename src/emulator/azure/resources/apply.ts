/** A template's resource, put where it belongs. */
import { type Context, EmulatorError } from "../../service.js";
import { putGroup } from "./groups.js";
import { resourceIdOf } from "./resource-id.js";
import { putResource } from "./resources.js";
import { setTags } from "./tags.js";
import type { PlannedResource } from "./template.js";

/** Returns whether it is new. */
export function applyResource(context: Context, { id, type, name, body }: PlannedResource): boolean {
  const at = resourceIdOf(id);
  switch (type.toLowerCase()) {
    case "microsoft.resources/resourcegroups": {
      const [, , subscriptionId] = id.split("/");
      return putGroup(context, subscriptionId ?? "", name, body).isNew;
    }
    case "microsoft.resources/tags":
      setTags(context, at?.scope ?? "", { ...(body.properties?.tags as Record<string, string> | undefined) });
      return true;
    default:
      if (at === undefined)
        throw new EmulatorError("InvalidTemplate", `'${id}' is not the id of a resource.`, 400);
      return putResource(context, at, body);
  }
}
