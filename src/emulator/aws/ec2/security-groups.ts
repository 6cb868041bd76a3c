/** Handlers of security groups and their rules. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Context, Handlers } from "../../service.js";
import { clientError, dependencyViolation, dryRun, invalidParameter, notFound } from "./errors.js";
import {
  applyFilters,
  type FilterFields,
  newId,
  page,
  requestedTags,
  type TagSpecification,
  tagList,
} from "./filters.js";
import { stateName } from "./instance-state.js";
import { chosen, findVpc, setTags } from "./network.js";
import type { Rule, SecurityGroup } from "./security-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

export const securityGroupHandlers: Handlers<EC2> = {
  createSecurityGroup(input, context) {
    const region = regionOf(context);
    const vpcId = input.VpcId ?? region.defaultVpc?.id;
    if (vpcId === undefined) throw clientError("VPCIdNotSpecified", "No default VPC for this user");
    findVpc(region, vpcId);
    if (input.GroupName.startsWith("sg-"))
      throw invalidParameter(
        `Invalid value '${input.GroupName}' for groupName. Group names may not be in the format sg-*`,
      );
    if (input.Description === "")
      throw clientError("MissingParameter", "The request must contain the parameter GroupDescription");
    if (groupsNamed(region, input.GroupName).some((group) => group.vpcId === vpcId)) {
      throw clientError(
        "InvalidGroup.Duplicate",
        `The security group '${input.GroupName}' already exists for VPC '${vpcId}'`,
      );
    }
    if (input.DryRun) throw dryRun();
    const group = region.addGroup(vpcId, input.GroupName, input.Description);
    setTags(group, requestedTags(input.TagSpecifications, "security-group"));
    return { GroupId: group.id, Tags: tagList(group.tags), SecurityGroupArn: groupArn(region, group) };
  },

  describeSecurityGroups(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const byId = chosen(region.groups, input.GroupIds, "sg");
    const names = input.GroupNames ?? [];
    const unknown = names.find((name) => groupsNamed(region, name).length === 0);
    if (unknown !== undefined) throw notFound("sg", [unknown]);
    const named = names.length === 0 ? byId : byId.filter(({ name }) => names.includes(name));
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, fieldsOf(region), ({ tags }) => tags),
      input,
    );
    return { SecurityGroups: items.map((group) => groupOutput(region, group)), NextToken };
  },

  deleteSecurityGroup(input, context) {
    const region = regionOf(context);
    const group = findGroup(region, input);
    if (group.name === "default") {
      throw clientError(
        "CannotDelete",
        `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
      );
    }
    const now = region.clock.now();
    const used =
      [...region.instances.values()].some(
        (instance) => instance.groupIds.includes(group.id) && stateName(instance, now) !== "terminated",
      ) ||
      [...region.networkInterfaces.values()].some(({ groupIds }) => groupIds.includes(group.id)) ||
      [...region.groups.values()].some(
        (other) => other !== group && other.rules.some(({ groupId }) => groupId === group.id),
      );
    if (used) throw dependencyViolation(`resource ${group.id} has a dependent object`);
    if (input.DryRun) throw dryRun();
    region.groups.delete(group.id);
    return { Return: true, GroupId: group.id };
  },

  authorizeSecurityGroupIngress: (input, context) => authorize(input, false, context),
  authorizeSecurityGroupEgress: (input, context) => authorize(input, true, context),
  revokeSecurityGroupIngress: (input, context) => revoke(input, false, context),
  revokeSecurityGroupEgress: (input, context) => revoke(input, true, context),

  describeSecurityGroupRules(input, context) {
    const region = regionOf(context);
    const all = [...region.groups.values()].flatMap((group) => group.rules.map((rule) => ({ group, rule })));
    const fields: FilterFields<(typeof all)[number]> = {
      "group-id": ({ group }) => group.id,
      "security-group-rule-id": ({ rule }) => rule.id,
    };
    const groups = input.Filters?.filter(({ Name }) => Name === "group-id").flatMap(
      ({ Values = [] }) => Values,
    );
    const malformed = groups?.find((id) => !/^sg-/.test(id) && !id.includes("*"));
    if (malformed !== undefined) {
      throw clientError("InvalidGroupId.Malformed", `The security group ID '${malformed}' is malformed`);
    }
    const ids = input.SecurityGroupRuleIds ?? [];
    const missing = ids.find((id) => !all.some(({ rule }) => rule.id === id));
    if (missing !== undefined) throw noSuchRule(missing);
    const named = all.filter(({ rule }) => ids.length === 0 || ids.includes(rule.id));
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, fields, ({ rule }) => rule.tags),
      input,
    );
    return { SecurityGroupRules: items.map(({ group, rule }) => ruleOutput(region, group, rule)), NextToken };
  },
};

export interface GroupInput {
  readonly GroupId?: string;
  readonly GroupName?: string;
}

export function findGroup(region: Ec2Region, { GroupId, GroupName }: GroupInput): SecurityGroup {
  if (GroupId !== undefined) return (chosen(region.groups, [GroupId], "sg") as [SecurityGroup])[0];
  if (GroupName === undefined)
    throw clientError("MissingParameter", "The request must contain the parameter groupName or groupId");
  const group = groupsNamed(region, GroupName).find(({ vpcId }) => vpcId === region.defaultVpc?.id);
  if (group === undefined) throw notFound("sg", [GroupName]);
  return group;
}

function groupsNamed(region: Ec2Region, name: string): SecurityGroup[] {
  return [...region.groups.values()].filter((group) => group.name === name);
}

export interface Permission {
  readonly IpProtocol?: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly IpRanges?: readonly { readonly CidrIp?: string; readonly Description?: string }[];
  readonly Ipv6Ranges?: readonly { readonly CidrIpv6?: string; readonly Description?: string }[];
  readonly PrefixListIds?: readonly { readonly PrefixListId?: string; readonly Description?: string }[];
  readonly UserIdGroupPairs?: readonly {
    readonly GroupId?: string;
    readonly GroupName?: string;
    readonly Description?: string;
  }[];
}

interface RuleInput extends GroupInput {
  readonly CidrIp?: string;
  readonly IpProtocol?: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly SourceSecurityGroupName?: string;
  readonly IpPermissions?: readonly Permission[];
  readonly SecurityGroupRuleIds?: readonly string[];
  readonly TagSpecifications?: readonly TagSpecification[];
  readonly DryRun?: boolean;
}

/** The permissions, and those of the older form with one range. */
function rulesOf(input: RuleInput, egress: boolean, region: Ec2Region): Rule[] {
  const { CidrIp, SourceSecurityGroupName: GroupName, IpProtocol, FromPort, ToPort } = input;
  const single: Permission[] =
    CidrIp === undefined && GroupName === undefined
      ? []
      : [
          {
            ...(IpProtocol !== undefined && { IpProtocol }),
            ...(FromPort !== undefined && { FromPort }),
            ...(ToPort !== undefined && { ToPort }),
            ...(CidrIp !== undefined && { IpRanges: [{ CidrIp }] }),
            ...(GroupName !== undefined && { UserIdGroupPairs: [{ GroupName }] }),
          },
        ];
  return [...(input.IpPermissions ?? []), ...single].flatMap((permission) =>
    expand(permission, egress, region, requestedTags(input.TagSpecifications, "security-group-rule")),
  );
}

export function expand(
  permission: Permission,
  egress: boolean,
  region: Ec2Region,
  tags: ReadonlyMap<string, string> = new Map(),
): Rule[] {
  const protocol = permission.IpProtocol;
  if (protocol === undefined) {
    throw invalidParameter(
      "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
    );
  }
  const all = protocol === "-1";
  const { FromPort, ToPort } = permission;
  if (!all && /^(tcp|udp|6|17)$/.test(protocol)) {
    const valid = (port: number | undefined) => port !== undefined && port >= 0 && port <= 65_535;
    if (!valid(FromPort) || !valid(ToPort))
      throw invalidParameter(
        `Invalid value for portRange. Must specify both from and to ports with TCP/UDP.`,
      );
    if ((FromPort as number) > (ToPort as number))
      throw invalidParameter(`Invalid TCP/UDP port range (${FromPort}:${ToPort})`);
  }
  const base = {
    egress,
    protocol: protocol === "6" ? "tcp" : protocol === "17" ? "udp" : protocol,
    fromPort: all ? undefined : FromPort,
    toPort: all ? undefined : ToPort,
  };
  const rule = (side: Partial<Rule>, description: string | undefined): Rule => ({
    ...base,
    ...side,
    id: newId("sgr"),
    tags: new Map(tags),
    description,
  });
  return [
    ...(permission.IpRanges ?? []).map(({ CidrIp, Description }) =>
      rule({ cidrIpv4: checkRange(CidrIp) }, Description),
    ),
    ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6, Description }) =>
      rule({ cidrIpv6: CidrIpv6 }, Description),
    ),
    ...(permission.PrefixListIds ?? []).map(({ PrefixListId, Description }) =>
      rule({ prefixListId: PrefixListId }, Description),
    ),
    ...(permission.UserIdGroupPairs ?? []).map(({ Description, ...pair }) =>
      rule({ groupId: findGroup(region, pair).id }, Description),
    ),
  ];
}

function checkRange(cidr: string | undefined): string {
  if (cidr !== undefined && /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(cidr)) return cidr;
  throw invalidParameter(`CIDR block ${cidr} is malformed`);
}

export function sameRule(a: Rule, b: Rule): boolean {
  const keyOf = ({ id, description, tags, ...rest }: Rule) =>
    JSON.stringify(
      Object.entries(rest)
        .filter(([, value]) => value !== undefined)
        .sort(),
    );
  return keyOf(a) === keyOf(b);
}

/** Of each direction. See https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
const RULES_MAX = 60;

function authorize(input: RuleInput, egress: boolean, context: Context) {
  const region = regionOf(context);
  const group = findGroup(region, input);
  const added = rulesOf(input, egress, region);
  if (added.length === 0)
    throw clientError("MissingParameter", "The request must contain the parameter ipPermissions");
  const duplicate = added.find((rule) => group.rules.some((each) => sameRule(each, rule)));
  if (duplicate !== undefined) {
    const peer = duplicate.cidrIpv4 ?? duplicate.cidrIpv6 ?? duplicate.groupId ?? duplicate.prefixListId;
    const ports =
      duplicate.fromPort === undefined
        ? "ALL"
        : `from port: ${duplicate.fromPort}, to port: ${duplicate.toPort}`;
    throw clientError(
      "InvalidPermission.Duplicate",
      `the specified rule "peer: ${peer}, ${duplicate.protocol.toUpperCase()}, ${ports}, ALLOW" already exists`,
    );
  }
  const present = group.rules.filter((rule) => rule.egress === egress).length;
  if (present + added.length > RULES_MAX) {
    throw clientError(
      "RulesPerSecurityGroupLimitExceeded",
      "The maximum number of rules per security group has been reached.",
    );
  }
  if (input.DryRun) throw dryRun();
  group.rules.push(...added);
  return { Return: true, SecurityGroupRules: added.map((rule) => ruleOutput(region, group, rule)) };
}

function revoke(input: RuleInput, egress: boolean, context: Context) {
  const region = regionOf(context);
  const group = findGroup(region, input);
  const ids = input.SecurityGroupRuleIds ?? [];
  const unknown = ids.find((id) => !group.rules.some((rule) => rule.id === id));
  if (unknown !== undefined) throw noSuchRule(unknown);
  const listed = rulesOf(input, egress, region);
  const missing = listed.some((rule) => !group.rules.some((each) => sameRule(each, rule)));
  if (missing) {
    throw clientError(
      "InvalidPermission.NotFound",
      "The specified rule does not exist in this security group.",
    );
  }
  if (input.DryRun) throw dryRun();
  const revoked = group.rules.filter(
    (rule) => ids.includes(rule.id) || listed.some((each) => sameRule(each, rule)),
  );
  group.rules = group.rules.filter((rule) => !revoked.includes(rule));
  return {
    Return: true,
    RevokedSecurityGroupRules: revoked.map((rule) => {
      const { GroupOwnerId, SecurityGroupRuleArn, Tags, ReferencedGroupInfo, ...own } = ruleOutput(
        region,
        group,
        rule,
      );
      return { ...own, ReferencedGroupId: ReferencedGroupInfo?.GroupId };
    }),
  };
}

export function noSuchRule(id: string) {
  return clientError(
    "InvalidSecurityGroupRuleId.NotFound",
    `The security group rule ID '${id}' does not exist`,
  );
}

function groupArn(region: Ec2Region, { id }: SecurityGroup): string {
  return `arn:aws:ec2:${region.name}:${region.account}:security-group/${id}`;
}

function fieldsOf(region: Ec2Region): FilterFields<SecurityGroup> {
  return {
    "group-id": ({ id }) => id,
    "group-name": ({ name }) => name,
    description: ({ description }) => description,
    "vpc-id": ({ vpcId }) => vpcId,
    "owner-id": () => region.account,
    ...peerFields(region, "ip-permission", false),
    ...peerFields(region, "egress.ip-permission", true),
    ...ruleFields("ip-permission", false),
    ...ruleFields("egress.ip-permission", true),
  };
}

/** Of groups that rules name. */
function peerFields(region: Ec2Region, prefix: string, egress: boolean): FilterFields<SecurityGroup> {
  const peers = ({ rules }: SecurityGroup) =>
    rules.flatMap(({ groupId, ...rule }) =>
      rule.egress === egress && groupId !== undefined ? [groupId] : [],
    );
  return {
    [`${prefix}.group-name`]: (group) => peers(group).map((id) => region.groups.get(id)?.name),
    [`${prefix}.user-id`]: (group) => peers(group).map(() => region.account),
  };
}

function ruleFields(prefix: string, egress: boolean): FilterFields<SecurityGroup> {
  const each =
    (name: "cidrIpv4" | "cidrIpv6" | "fromPort" | "toPort" | "protocol" | "groupId" | "prefixListId") =>
    ({ rules }: SecurityGroup) =>
      rules.filter((rule) => rule.egress === egress).map((rule) => rule[name]);
  return {
    [`${prefix}.cidr`]: each("cidrIpv4"),
    [`${prefix}.ipv6-cidr`]: each("cidrIpv6"),
    [`${prefix}.from-port`]: each("fromPort"),
    [`${prefix}.to-port`]: each("toPort"),
    [`${prefix}.protocol`]: each("protocol"),
    [`${prefix}.group-id`]: each("groupId"),
    [`${prefix}.prefix-list-id`]: each("prefixListId"),
  };
}

function groupOutput(region: Ec2Region, group: SecurityGroup) {
  return {
    GroupId: group.id,
    GroupName: group.name,
    Description: group.description,
    OwnerId: region.account,
    VpcId: group.vpcId,
    SecurityGroupArn: groupArn(region, group),
    IpPermissions: permissions(
      region,
      group.rules.filter(({ egress }) => !egress),
    ),
    IpPermissionsEgress: permissions(
      region,
      group.rules.filter(({ egress }) => egress),
    ),
    Tags: tagList(group.tags),
  };
}

/** Rules with the same protocol and ports stand together. */
function permissions(region: Ec2Region, rules: readonly Rule[]) {
  const together = new Map<string, Rule[]>();
  for (const rule of rules) {
    const key = `${rule.protocol} ${rule.fromPort} ${rule.toPort}`;
    together.set(key, [...(together.get(key) ?? []), rule]);
  }
  return Array.from(together.values(), (same) => {
    const [first] = same as [Rule];
    return {
      IpProtocol: first.protocol,
      FromPort: first.fromPort,
      ToPort: first.toPort,
      IpRanges: same.flatMap(({ cidrIpv4, description }) =>
        cidrIpv4 === undefined ? [] : [{ CidrIp: cidrIpv4, Description: description }],
      ),
      Ipv6Ranges: same.flatMap(({ cidrIpv6, description }) =>
        cidrIpv6 === undefined ? [] : [{ CidrIpv6: cidrIpv6, Description: description }],
      ),
      PrefixListIds: same.flatMap(({ prefixListId, description }) =>
        prefixListId === undefined ? [] : [{ PrefixListId: prefixListId, Description: description }],
      ),
      UserIdGroupPairs: same.flatMap(({ groupId, description }) =>
        groupId === undefined ? [] : [{ GroupId: groupId, UserId: region.account, Description: description }],
      ),
    };
  });
}

function ruleOutput(region: Ec2Region, group: SecurityGroup, rule: Rule) {
  return {
    SecurityGroupRuleId: rule.id,
    GroupId: group.id,
    GroupOwnerId: region.account,
    IsEgress: rule.egress,
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort ?? -1,
    ToPort: rule.toPort ?? -1,
    CidrIpv4: rule.cidrIpv4,
    CidrIpv6: rule.cidrIpv6,
    PrefixListId: rule.prefixListId,
    ReferencedGroupInfo:
      rule.groupId === undefined ? undefined : { GroupId: rule.groupId, UserId: region.account },
    Description: rule.description,
    SecurityGroupRuleArn: `arn:aws:ec2:${region.name}:${region.account}:security-group-rule/${rule.id}`,
    Tags: tagList(rule.tags) ?? [],
  };
}
