/** Handlers of what can be changed about instances beside their attributes: credits, metadata, profiles, placement groups. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Context, Handlers } from "../../service.js";
import type { Instance, PlacementGroup } from "./compute-resources.js";
import { clientError, dryRun, invalidParameter, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { describeInstance } from "./instance-output.js";
import { chosen } from "./network.js";
import { profileFor } from "./run.js";
import { type Ec2Region, regionOf } from "./store.js";

export const instanceOptionHandlers: Handlers<EC2> = {
  describeInstanceCreditSpecifications(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = chosen(region.instances, input.InstanceIds, "i").filter(({ type }) => type.startsWith("t"));
    const fields: FilterFields<Instance> = { "instance-id": ({ id }) => id };
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, fields, ({ tags }) => tags),
      input,
    );
    return {
      InstanceCreditSpecifications: items.map((instance) => ({
        InstanceId: instance.id,
        CpuCredits: instance.credits ?? (instance.type.startsWith("t2") ? "standard" : "unlimited"),
      })),
      NextToken,
    };
  },

  modifyInstanceCreditSpecification(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const done: { InstanceId: string }[] = [];
    const failed: { InstanceId: string; Error: { Code: "InvalidInstanceID.NotFound"; Message: string } }[] =
      [];
    for (const { InstanceId = "", CpuCredits } of input.InstanceCreditSpecifications) {
      const instance = region.instances.get(InstanceId);
      if (instance === undefined) {
        const Message = `The instance ID '${InstanceId}' does not exist`;
        failed.push({ InstanceId, Error: { Code: "InvalidInstanceID.NotFound", Message } });
        continue;
      }
      instance.credits = CpuCredits;
      done.push({ InstanceId });
    }
    return {
      SuccessfulInstanceCreditSpecifications: done,
      UnsuccessfulInstanceCreditSpecifications: failed,
    };
  },

  modifyInstanceMetadataOptions(input, context) {
    const region = regionOf(context);
    const [instance] = chosen(region.instances, [input.InstanceId], "i") as [Instance];
    if (input.DryRun) throw dryRun();
    if (input.HttpTokens !== undefined) instance.tokensRequired = input.HttpTokens === "required";
    const { HttpPutResponseHopLimit, HttpEndpoint, InstanceMetadataTags, HttpProtocolIpv6 } = input;
    const asked = { HttpPutResponseHopLimit, HttpEndpoint, InstanceMetadataTags, HttpProtocolIpv6 };
    const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    instance.metadataOptions = { ...instance.metadataOptions, ...given };
    const { MetadataOptions } = describeInstance(region, instance);
    return {
      InstanceId: instance.id,
      InstanceMetadataOptions: { ...MetadataOptions, State: "pending" as const },
    };
  },

  getPasswordData(input, context) {
    const region = regionOf(context);
    const [instance] = chosen(region.instances, [input.InstanceId], "i") as [Instance];
    if (input.DryRun) throw dryRun();
    // Only Windows has one, and only minutes after the start.
    return { InstanceId: instance.id, PasswordData: "", Timestamp: instance.launched };
  },
};

export const profileAssociationHandlers: Handlers<EC2> = {
  associateIamInstanceProfile(input, context) {
    const region = regionOf(context);
    const [instance] = chosen(region.instances, [input.InstanceId], "i") as [Instance];
    if (instance.profile !== undefined) {
      throw clientError("IncorrectState", `There is an existing association for instance ${instance.id}`);
    }
    const profile = profileOf(input.IamInstanceProfile, context);
    instance.profile = { ...profile, associationId: newId("iip-assoc"), at: region.clock.date() };
    return { IamInstanceProfileAssociation: associationOutput(instance, "associating") };
  },

  describeIamInstanceProfileAssociations(input, context) {
    const region = regionOf(context);
    const ids = input.AssociationIds ?? [];
    const all = [...region.instances.values()].filter(
      ({ profile }) => profile !== undefined && (ids.length === 0 || ids.includes(profile.associationId)),
    );
    const fields: FilterFields<Instance> = { "instance-id": ({ id }) => id, state: () => "associated" };
    const { items, NextToken } = page(
      applyFilters(all, input.Filters, fields, () => new Map()),
      input,
    );
    return {
      IamInstanceProfileAssociations: items.map((instance) => associationOutput(instance, "associated")),
      NextToken,
    };
  },

  replaceIamInstanceProfileAssociation(input, context) {
    const region = regionOf(context);
    const instance = findAssociated(region, input.AssociationId);
    const profile = profileOf(input.IamInstanceProfile, context);
    instance.profile = { ...profile, associationId: newId("iip-assoc"), at: region.clock.date() };
    return { IamInstanceProfileAssociation: associationOutput(instance, "associating") };
  },

  disassociateIamInstanceProfile(input, context) {
    const instance = findAssociated(regionOf(context), input.AssociationId);
    const output = associationOutput(instance, "disassociating");
    instance.profile = undefined;
    return { IamInstanceProfileAssociation: output };
  },
};

export const placementGroupHandlers: Handlers<EC2> = {
  createPlacementGroup(input, context) {
    const region = regionOf(context);
    const name = input.GroupName ?? "";
    if (name === "")
      throw clientError("MissingParameter", "The request must contain the parameter groupName");
    if (region.placementGroups.has(name)) {
      throw clientError("InvalidPlacementGroup.Duplicate", `The Placement Group '${name}' already exists.`);
    }
    const strategy = input.Strategy ?? "cluster";
    if (!STRATEGIES.has(strategy))
      throw invalidParameter(`The placement group strategy '${strategy}' is invalid.`);
    if (input.DryRun) throw dryRun();
    const group: PlacementGroup = {
      id: newId("pg"),
      tags: requestedTags(input.TagSpecifications, "placement-group"),
      name,
      strategy,
      partitions: strategy === "partition" ? (input.PartitionCount ?? 2) : undefined,
      spread: strategy === "spread" ? (input.SpreadLevel ?? "rack") : undefined,
    };
    region.placementGroups.set(name, group);
    return { PlacementGroup: placementOutput(region, group) };
  },

  describePlacementGroups(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const names = input.GroupNames ?? [];
    const missing = names.find((name) => !region.placementGroups.has(name));
    if (missing !== undefined) throw unknownPlacement(missing);
    const ids = input.GroupIds ?? [];
    const named = [...region.placementGroups.values()].filter(
      ({ name, id }) =>
        (names.length === 0 || names.includes(name)) && (ids.length === 0 || ids.includes(id)),
    );
    const fields: FilterFields<PlacementGroup> = {
      "group-name": ({ name }) => name,
      strategy: ({ strategy }) => strategy,
      state: () => "available",
      "spread-level": ({ spread }) => spread,
    };
    const found = applyFilters(named, input.Filters, fields, ({ tags }) => tags);
    return { PlacementGroups: found.map((group) => placementOutput(region, group)) };
  },

  deletePlacementGroup(input, context) {
    const region = regionOf(context);
    if (!region.placementGroups.has(input.GroupName)) throw unknownPlacement(input.GroupName);
    if (input.DryRun) throw dryRun();
    region.placementGroups.delete(input.GroupName);
    return {};
  },
};

const STRATEGIES: ReadonlySet<string> = new Set(["cluster", "spread", "partition"]);

function unknownPlacement(name: string) {
  return clientError("InvalidPlacementGroup.Unknown", `The Placement Group '${name}' is unknown.`);
}

function placementOutput(
  region: Ec2Region,
  { id, name, strategy, partitions, spread, tags }: PlacementGroup,
) {
  return {
    GroupId: id,
    GroupName: name,
    State: "available" as const,
    Strategy: strategy as "cluster",
    PartitionCount: partitions,
    SpreadLevel: spread as "rack" | undefined,
    GroupArn: `arn:aws:ec2:${region.name}:${region.account}:placement-group/${name}`,
    Tags: tagList(tags) ?? [],
  };
}

function profileOf(named: { readonly Arn?: string; readonly Name?: string }, context: Context) {
  const profile = profileFor({ IamInstanceProfile: named }, context);
  if (profile === undefined)
    throw invalidParameter("The request must contain the parameter IamInstanceProfile");
  return profile;
}

function findAssociated(region: Ec2Region, id: string): Instance {
  const instance = [...region.instances.values()].find(({ profile }) => profile?.associationId === id);
  if (instance !== undefined) return instance;
  throw clientError("InvalidAssociationID.NotFound", `An invalid association-id of '${id}' was given`);
}

function associationOutput(
  { id, profile }: Instance,
  state: "associating" | "associated" | "disassociating",
) {
  if (profile === undefined) throw notFound("i", [id]);
  return {
    AssociationId: profile.associationId,
    InstanceId: id,
    IamInstanceProfile: { Arn: profile.arn, Id: profile.id },
    State: state,
    Timestamp: profile.at,
  };
}
