/** Handlers of filters of traffic mirrors and of their rules. */
import type { EC2, TrafficMirrorFilterRule, TrafficMirrorNetworkService } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import { clientError, dryRun } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import type { MirrorFilter, MirrorRule } from "./mirror-resources.js";
import { chosen } from "./network.js";
import { type Ec2Region, regionOf } from "./store.js";

export const trafficMirrorFilterHandlers: Handlers<EC2> = {
  createTrafficMirrorFilter(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const filter: MirrorFilter = {
      id: newId("tmf"),
      tags: requestedTags(input.TagSpecifications, "traffic-mirror-filter"),
      description: input.Description,
      services: new Set(),
    };
    region.mirrorFilters.set(filter.id, filter);
    return { TrafficMirrorFilter: filterOutput(region, filter), ClientToken: input.ClientToken };
  },

  describeTrafficMirrorFilters(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = chosen(region.mirrorFilters, input.TrafficMirrorFilterIds, "tmf");
    const fields: FilterFields<MirrorFilter> = {
      "traffic-mirror-filter-id": ({ id }) => id,
      description: ({ description }) => description,
    };
    const found = applyFilters(named, input.Filters, fields, ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return { TrafficMirrorFilters: items.map((filter) => filterOutput(region, filter)), NextToken };
  },

  modifyTrafficMirrorFilterNetworkServices(input, context) {
    const region = regionOf(context);
    const filter = findFilter(region, input.TrafficMirrorFilterId);
    if (input.DryRun) throw dryRun();
    for (const service of input.AddNetworkServices ?? []) filter.services.add(service);
    for (const service of input.RemoveNetworkServices ?? []) filter.services.delete(service);
    return { TrafficMirrorFilter: filterOutput(region, filter) };
  },

  deleteTrafficMirrorFilter(input, context) {
    const region = regionOf(context);
    const { id } = findFilter(region, input.TrafficMirrorFilterId);
    const used = [...region.mirrorSessions.values()].some(({ given }) => given.TrafficMirrorFilterId === id);
    if (used) throw clientError("TrafficMirrorFilterInUse", `The traffic mirror filter ${id} is in use`);
    if (input.DryRun) throw dryRun();
    region.mirrorFilters.delete(id);
    for (const rule of rulesOf(region, id)) region.mirrorRules.delete(rule.id);
    return { TrafficMirrorFilterId: id };
  },

  createTrafficMirrorFilterRule(input, context) {
    const region = regionOf(context);
    const filter = findFilter(region, input.TrafficMirrorFilterId);
    const { TagSpecifications, DryRun, ClientToken, ...given } = input;
    const taken = rulesOf(region, filter.id).some(
      (rule) =>
        rule.given.TrafficDirection === given.TrafficDirection && rule.given.RuleNumber === given.RuleNumber,
    );
    if (taken) {
      throw clientError(
        "TrafficMirrorFilterRuleAlreadyExists",
        `The rule number ${given.RuleNumber} is taken in the ${given.TrafficDirection} rules of ${filter.id}`,
      );
    }
    if (DryRun) throw dryRun();
    const tags = requestedTags(TagSpecifications, "traffic-mirror-filter-rule");
    const rule: MirrorRule = { id: newId("tmfr"), tags, given };
    region.mirrorRules.set(rule.id, rule);
    return { TrafficMirrorFilterRule: ruleOutput(rule), ClientToken };
  },

  describeTrafficMirrorFilterRules(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = chosen(region.mirrorRules, input.TrafficMirrorFilterRuleIds, "tmfr");
    const id = input.TrafficMirrorFilterId;
    const own = named.filter(({ given }) => id === undefined || given.TrafficMirrorFilterId === id);
    const fields: FilterFields<MirrorRule> = {
      "traffic-mirror-filter-rule-id": (rule) => rule.id,
      "traffic-mirror-filter-id": ({ given }) => given.TrafficMirrorFilterId,
      "rule-number": ({ given }) => given.RuleNumber,
      "rule-action": ({ given }) => given.RuleAction,
      "traffic-direction": ({ given }) => given.TrafficDirection,
      protocol: ({ given }) => given.Protocol,
      "source-cidr-block": ({ given }) => given.SourceCidrBlock,
      "destination-cidr-block": ({ given }) => given.DestinationCidrBlock,
      description: ({ given }) => given.Description,
    };
    const found = applyFilters(own, input.Filters, fields, ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return { TrafficMirrorFilterRules: items.map(ruleOutput), NextToken };
  },

  modifyTrafficMirrorFilterRule(input, context) {
    const region = regionOf(context);
    const rule = findRule(region, input.TrafficMirrorFilterRuleId);
    const { TrafficMirrorFilterRuleId: _, RemoveFields = [], DryRun, ...changed } = input;
    if (DryRun) throw dryRun();
    const { given } = rule;
    rule.given = { ...given, ...changed };
    if (RemoveFields.includes("destination-port-range")) delete rule.given.DestinationPortRange;
    if (RemoveFields.includes("source-port-range")) delete rule.given.SourcePortRange;
    if (RemoveFields.includes("protocol")) delete rule.given.Protocol;
    if (RemoveFields.includes("description")) delete rule.given.Description;
    return { TrafficMirrorFilterRule: ruleOutput(rule) };
  },

  deleteTrafficMirrorFilterRule(input, context) {
    const region = regionOf(context);
    const { id } = findRule(region, input.TrafficMirrorFilterRuleId);
    if (input.DryRun) throw dryRun();
    region.mirrorRules.delete(id);
    return { TrafficMirrorFilterRuleId: id };
  },
};

function findFilter(region: Ec2Region, id: string): MirrorFilter {
  return (chosen(region.mirrorFilters, [id], "tmf") as [MirrorFilter])[0];
}

function findRule(region: Ec2Region, id: string): MirrorRule {
  return (chosen(region.mirrorRules, [id], "tmfr") as [MirrorRule])[0];
}

function rulesOf(region: Ec2Region, filterId: string): MirrorRule[] {
  return [...region.mirrorRules.values()].filter(({ given }) => given.TrafficMirrorFilterId === filterId);
}

function ruleOutput({ id, tags, given }: MirrorRule): Answered<TrafficMirrorFilterRule> {
  return { ...given, TrafficMirrorFilterRuleId: id, Tags: tagList(tags) ?? [] };
}

function filterOutput(region: Ec2Region, { id, tags, description, services }: MirrorFilter) {
  const rules = rulesOf(region, id);
  const toward = (direction: string) =>
    rules.filter(({ given }) => given.TrafficDirection === direction).map(ruleOutput);
  return {
    TrafficMirrorFilterId: id,
    Description: description,
    IngressFilterRules: toward("ingress"),
    EgressFilterRules: toward("egress"),
    NetworkServices: [...services] as TrafficMirrorNetworkService[],
    Tags: tagList(tags) ?? [],
  };
}
