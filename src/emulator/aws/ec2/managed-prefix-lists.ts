/** Handlers of prefix lists that users manage, with AWS's own among them. What they change is done at once. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { clientError, dryRun, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { prefixListId, SERVICES } from "./prefix-lists.js";
import type { PrefixList } from "./security-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

/** For so long a deleted list is still described. */
const DELETED_SHOWN_MS = 3_600_000;
const ENTRIES_MAX = 1000;

export const managedPrefixListHandlers: Handlers<EC2> = {
  createManagedPrefixList(input, context) {
    const region = regionOf(context);
    const entries = new Map((input.Entries ?? []).map(({ Cidr, Description }) => [Cidr, Description]));
    checkEntries(input.MaxEntries, entries.size);
    if (input.DryRun) throw dryRun();
    const list: PrefixList = {
      id: newId("pl"),
      tags: requestedTags(input.TagSpecifications, "prefix-list"),
      name: input.PrefixListName,
      family: input.AddressFamily,
      maxEntries: input.MaxEntries,
      versions: [entries],
      state: "create-complete",
      deleted: undefined,
    };
    region.prefixLists.set(list.id, list);
    return { PrefixList: listOutput(region, list) };
  },

  describeManagedPrefixLists(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const now = region.clock.now();
    const own = [...region.prefixLists.values()].filter(
      ({ deleted }) => deleted === undefined || now - deleted.getTime() < DELETED_SHOWN_MS,
    );
    const all = [...own.map((list) => listOutput(region, list)), ...awsLists(region)];
    const ids = input.PrefixListIds ?? [];
    const missing = ids.find((id) => !all.some((list) => list.PrefixListId === id));
    if (missing !== undefined) throw notFound("pl", [missing]);
    const named = all.filter((list) => ids.length === 0 || ids.includes(list.PrefixListId));
    const fields: FilterFields<(typeof all)[number]> = {
      "owner-id": ({ OwnerId }) => OwnerId,
      "prefix-list-id": ({ PrefixListId }) => PrefixListId,
      "prefix-list-name": ({ PrefixListName }) => PrefixListName,
    };
    const found = applyFilters(named, input.Filters, fields, ({ PrefixListId }) => {
      return region.prefixLists.get(PrefixListId)?.tags ?? new Map();
    });
    const { items, NextToken } = page(found, input);
    return { PrefixLists: items, NextToken };
  },

  getManagedPrefixListEntries(input, context) {
    const region = regionOf(context);
    const id = input.PrefixListId;
    if (input.DryRun) throw dryRun();
    // Which ranges AWS's own lists hold changes: none are told.
    if (awsLists(region).some((list) => list.PrefixListId === id)) return { Entries: [] };
    const list = findList(region, id);
    const entries = list.versions[Number(input.TargetVersion ?? list.versions.length) - 1];
    if (entries === undefined) {
      throw clientError(
        "PrefixListVersionNotFound",
        `The prefix list version '${input.TargetVersion}' does not exist`,
      );
    }
    const { items, NextToken } = page([...entries], input, 1);
    return { Entries: items.map(([Cidr, Description]) => ({ Cidr, Description })), NextToken };
  },

  getManagedPrefixListAssociations(input, context) {
    const region = regionOf(context);
    const list = findList(region, input.PrefixListId);
    if (input.DryRun) throw dryRun();
    const groups = [...region.groups.values()].filter(({ rules }) =>
      rules.some((rule) => rule.prefixListId === list.id),
    );
    const tables = [...region.routeTables.values()].filter(({ routes }) => routes.has(list.id));
    const { items, NextToken } = page([...groups, ...tables], input);
    return {
      PrefixListAssociations: items.map(({ id }) => ({ ResourceId: id, ResourceOwner: region.account })),
      NextToken,
    };
  },

  modifyManagedPrefixList(input, context) {
    const region = regionOf(context);
    const list = findList(region, input.PrefixListId);
    const version = list.versions.length;
    const changes = (input.AddEntries?.length ?? 0) + (input.RemoveEntries?.length ?? 0) > 0;
    if (changes && input.CurrentVersion !== undefined && Number(input.CurrentVersion) !== version) {
      throw clientError("PrefixListVersionMismatch", "The prefix list has the incorrect version number.");
    }
    const entries = new Map(list.versions.at(-1));
    for (const { Cidr } of input.RemoveEntries ?? []) entries.delete(Cidr);
    for (const { Cidr, Description } of input.AddEntries ?? []) entries.set(Cidr, Description);
    checkEntries(input.MaxEntries ?? list.maxEntries, entries.size);
    if (input.DryRun) throw dryRun();
    list.name = input.PrefixListName ?? list.name;
    list.maxEntries = input.MaxEntries ?? list.maxEntries;
    if (changes) list.versions.push(entries);
    list.state = "modify-complete";
    return { PrefixList: listOutput(region, list) };
  },

  restoreManagedPrefixListVersion(input, context) {
    const region = regionOf(context);
    const list = findList(region, input.PrefixListId);
    const earlier = list.versions[Number(input.PreviousVersion) - 1];
    if (earlier === undefined || Number(input.CurrentVersion) !== list.versions.length) {
      throw clientError("PrefixListVersionMismatch", "The prefix list has the incorrect version number.");
    }
    if (input.DryRun) throw dryRun();
    list.versions.push(earlier);
    return { PrefixList: listOutput(region, list) };
  },

  deleteManagedPrefixList(input, context) {
    const region = regionOf(context);
    const list = findList(region, input.PrefixListId);
    if (input.DryRun) throw dryRun();
    list.state = "delete-complete";
    list.deleted = region.clock.date();
    return { PrefixList: listOutput(region, list) };
  },
};

function findList(region: Ec2Region, id: string): PrefixList {
  const list = region.prefixLists.get(id);
  if (list === undefined || list.deleted !== undefined) throw notFound("pl", [id]);
  return list;
}

function checkEntries(maximum: number, count: number): void {
  if (maximum < 1 || maximum > ENTRIES_MAX) {
    throw clientError("InvalidParameterValue", `Value (${maximum}) for parameter MaxEntries is invalid.`);
  }
  if (count > maximum) {
    throw clientError(
      "PrefixListMaxEntriesExceeded",
      `The prefix list has ${count} entries, more than its maximum of ${maximum}`,
    );
  }
}

function listOutput(region: Ec2Region, list: PrefixList) {
  return {
    PrefixListId: list.id,
    AddressFamily: list.family,
    State: list.state,
    PrefixListArn: `arn:aws:ec2:${region.name}:${region.account}:prefix-list/${list.id}`,
    PrefixListName: list.name,
    MaxEntries: list.maxEntries,
    Version: list.versions.length,
    Tags: tagList(list.tags) ?? [],
    OwnerId: region.account,
  };
}

function awsLists(region: Ec2Region) {
  return SERVICES.map((service) => {
    const name = `com.amazonaws.${region.name}.${service}`;
    const id = prefixListId(name);
    return {
      PrefixListId: id,
      AddressFamily: "IPv4",
      State: "create-complete" as const,
      PrefixListArn: `arn:aws:ec2:${region.name}:aws:prefix-list/${id}`,
      PrefixListName: name,
      Tags: [],
      OwnerId: "AWS",
    };
  });
}
