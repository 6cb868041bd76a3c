/** Handlers that change rules of security groups in place. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Context, Handlers } from "../../service.js";
import { clientError, dryRun } from "./errors.js";
import {
  expand,
  findGroup,
  type GroupInput,
  noSuchRule,
  type Permission,
  sameRule,
} from "./security-groups.js";
import type { Rule } from "./security-resources.js";
import { regionOf } from "./store.js";

export const ruleChangeHandlers: Handlers<EC2> = {
  modifySecurityGroupRules(input, context) {
    const region = regionOf(context);
    const group = findGroup(region, input);
    const changed = input.SecurityGroupRules.map(({ SecurityGroupRuleId, SecurityGroupRule = {} }) => {
      const old = group.rules.find(({ id }) => id === SecurityGroupRuleId);
      if (old === undefined) throw noSuchRule(SecurityGroupRuleId);
      const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId, Description, ...ports } =
        SecurityGroupRule;
      const text = Description === undefined ? {} : { Description };
      const permission: Permission = {
        ...ports,
        ...(CidrIpv4 !== undefined && { IpRanges: [{ CidrIp: CidrIpv4, ...text }] }),
        ...(CidrIpv6 !== undefined && { Ipv6Ranges: [{ CidrIpv6, ...text }] }),
        ...(PrefixListId !== undefined && { PrefixListIds: [{ PrefixListId, ...text }] }),
        ...(ReferencedGroupId !== undefined && {
          UserIdGroupPairs: [{ GroupId: ReferencedGroupId, ...text }],
        }),
      };
      const [made, ...more] = expand(permission, old.egress, region, old.tags);
      if (made === undefined) {
        throw clientError(
          "MissingParameter",
          "The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId",
        );
      }
      if (more.length > 0) {
        throw clientError(
          "InvalidParameterCombination",
          "Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified",
        );
      }
      return { ...made, id: old.id };
    });
    if (input.DryRun) throw dryRun();
    group.rules = group.rules.map((rule) => changed.find(({ id }) => id === rule.id) ?? rule);
    return { Return: true };
  },

  updateSecurityGroupRuleDescriptionsIngress: (input, context) => describeAnew(input, false, context),
  updateSecurityGroupRuleDescriptionsEgress: (input, context) => describeAnew(input, true, context),
};

interface DescriptionInput extends GroupInput {
  readonly IpPermissions?: readonly Permission[];
  readonly SecurityGroupRuleDescriptions?: readonly {
    readonly SecurityGroupRuleId?: string;
    readonly Description?: string;
  }[];
  readonly DryRun?: boolean;
}

function describeAnew(input: DescriptionInput, egress: boolean, context: Context) {
  const region = regionOf(context);
  const group = findGroup(region, input);
  const find = (wanted: (rule: Rule) => boolean, missing: () => Error): Rule => {
    const rule = group.rules.find((each) => each.egress === egress && wanted(each));
    if (rule === undefined) throw missing();
    return rule;
  };
  const noPermission = () =>
    clientError("InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
  const listed = (input.IpPermissions ?? []).flatMap((permission) => expand(permission, egress, region));
  const changes = [
    ...listed.map((each) => [find((rule) => sameRule(rule, each), noPermission), each.description] as const),
    ...(input.SecurityGroupRuleDescriptions ?? []).map(
      ({ SecurityGroupRuleId: id = "", Description }) =>
        [
          find(
            (rule) => rule.id === id,
            () => noSuchRule(id),
          ),
          Description,
        ] as const,
    ),
  ];
  if (input.DryRun) throw dryRun();
  for (const [rule, description] of changes) rule.description = description;
  return { Return: true };
}
