/** Tags that a request gives what it makes are looked at before anything is made. */
import type { AnyHandler } from "../../service.js";
import { clientError, invalidParameter } from "./errors.js";
import type { TagSpecification } from "./filters.js";

/** EBS has a code of its own. */
const OF_EBS = new Set(["volume", "snapshot"]);

export function withCheckedTags(
  handlers: Readonly<Record<string, AnyHandler>>,
): Readonly<Record<string, AnyHandler>> {
  const checked = Object.entries(handlers).map(([name, handler]): [string, AnyHandler] => [
    name,
    (input, context) => {
      check(input.TagSpecifications as readonly TagSpecification[] | undefined);
      return handler(input, context);
    },
  ]);
  return Object.fromEntries(checked);
}

function check(specifications: readonly TagSpecification[] | undefined): void {
  for (const { ResourceType = "", Tags = [] } of specifications ?? []) {
    if (ResourceType === "") {
      throw clientError("InvalidParameter", "Tag specification resource type must have a value");
    }
    if (Tags.length === 0) {
      const code = OF_EBS.has(ResourceType) ? "InvalidParameterValue" : "InvalidParameter";
      throw clientError(code, "Tag specification must have at least one tag");
    }
    checkTagKeys(Tags);
  }
}

export function checkTagKeys(tags: readonly { readonly Key?: string }[]): void {
  if (tags.some(({ Key }) => Key?.startsWith("aws:"))) {
    throw invalidParameter(`Tag keys starting with 'aws:' are reserved for internal use`);
  }
}
