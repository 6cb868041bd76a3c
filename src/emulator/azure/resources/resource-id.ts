/** Names of resources: `/subscriptions/s/resourceGroups/g/providers/Microsoft.X/type/name`, a scope and what is at it. */
import { EmulatorError } from "../../service.js";

export interface ResourceId {
  /** As it is written, without slashes that are too many. */
  readonly id: string;
  /** For comparisons: the manager does not tell cases apart. */
  readonly key: string;
  /** Before the last `/providers/`. */
  readonly scope: string;
  /** `Microsoft.X/type/child` */
  readonly type: string;
  /** The last part; a child's is `parent/child`. */
  readonly name: string;
  /** Of a child. */
  readonly parentKey: string | undefined;
  readonly subscriptionId: string | undefined;
  readonly groupName: string | undefined;
}

/** Undefined: a collection, or no resource of a provider. */
export function resourceIdOf(path: string): ResourceId | undefined {
  const id = `/${path
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent)
    .join("/")}`;
  const at = id.toLowerCase().lastIndexOf("/providers/");
  const [namespace, ...parts] = at < 0 ? [] : id.slice(at + "/providers/".length).split("/");
  if (namespace === undefined || parts.length === 0 || parts.length % 2 !== 0) return undefined;
  const scope = id.slice(0, at);
  const [, subscriptionId, groupName] =
    /^\/subscriptions\/([^/]+)(?:\/resourcegroups\/([^/]+))?/i.exec(scope) ?? [];
  const types = parts.filter((_, index) => index % 2 === 0);
  const names = parts.filter((_, index) => index % 2 === 1);
  return {
    id,
    key: id.toLowerCase(),
    scope,
    type: [namespace, ...types].join("/"),
    name: names.join("/"),
    parentKey: names.length > 1 ? id.split("/").slice(0, -2).join("/").toLowerCase() : undefined,
    subscriptionId,
    groupName,
  };
}

/** The id of a resource of this type and name: a child's name has its parents' before it. */
export function joinResourceId(scope: string, type: string, name: string): string {
  const [namespace, ...types] = type.split("/");
  const names = name.split("/");
  if (types.length === 0 || types.length !== names.length)
    throw new EmulatorError(
      "InvalidTemplate",
      `The resource type '${type}' and name '${name}' have incorrect segment lengths.`,
      400,
    );
  const parts = types.flatMap((each, index) => [each, names[index]]);
  return `${scope}/providers/${namespace}/${parts.join("/")}`;
}
