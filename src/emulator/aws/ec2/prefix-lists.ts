/** Prefix lists of the services that gateway endpoints lead to. Their ranges are AWS's and change: none are told. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { clientError, dryRun } from "./errors.js";
import { applyFilters, type FilterFields, page } from "./filters.js";
import { regionOf } from "./store.js";

export const SERVICES = ["s3", "dynamodb"];

export const prefixListHandlers: Handlers<EC2> = {
  describePrefixLists(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const all = SERVICES.map((service) => `com.amazonaws.${region.name}.${service}`).map((name) => ({
      id: prefixListId(name),
      name,
    }));
    const ids = input.PrefixListIds ?? [];
    const missing = ids.find((id) => !all.some((list) => list.id === id));
    if (missing !== undefined) {
      throw clientError("InvalidPrefixListId.NotFound", `The prefix list ID '${missing}' does not exist`);
    }
    const fields: FilterFields<(typeof all)[number]> = {
      "prefix-list-id": ({ id }) => id,
      "prefix-list-name": ({ name }) => name,
    };
    const named = all.filter(({ id }) => ids.length === 0 || ids.includes(id));
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, fields, () => new Map()),
      input,
    );
    return {
      PrefixLists: items.map(({ id, name }) => ({ PrefixListId: id, PrefixListName: name, Cidrs: [] })),
      NextToken,
    };
  },
};

/** Stays the same for a service: `com.amazonaws.us-east-1.s3`. */
export function prefixListId(service: string): string {
  let hash = 0;
  for (const char of service) hash = (hash * 31 + (char.codePointAt(0) as number)) >>> 0;
  return `pl-${hash.toString(16).padStart(8, "0")}`;
}
