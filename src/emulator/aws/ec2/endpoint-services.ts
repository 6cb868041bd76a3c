/**
 * Handlers of services that endpoints lead to: AWS's own, and those that accounts offer behind load balancers. The emulator has no
 * load balancers: their ARNs are taken by their form.
 */
import type { EC2, ServiceConfiguration, ServiceDetail } from "../../../gen/aws/ec2.js";
import type { Answered, Context, Handlers } from "../../service.js";
import { clientError, dryRun, invalidParameter } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import type { EndpointService } from "./network-resources.js";
import { SERVICES as GATEWAY_SERVICES } from "./prefix-lists.js";
import { zonesOf } from "./regions.js";
import { type Ec2Region, regionOf, regionOfAll } from "./store.js";

/** Some of AWS's own that have interface endpoints. See https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html */
const INTERFACE_SERVICES = [
  ...[
    "autoscaling",
    "cloudformation",
    "dynamodb",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
  ],
  ...[
    "ecs-telemetry",
    "elasticfilesystem",
    "elasticloadbalancing",
    "events",
    "execute-api",
    "kinesis-streams",
    "kms",
  ],
  ...[
    "lambda",
    "logs",
    "monitoring",
    "rds",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "sts",
  ],
];

export const endpointServiceHandlers: Handlers<EC2> = {
  createVpcEndpointServiceConfiguration(input, context) {
    const region = regionOf(context);
    const { DryRun, ClientToken, TagSpecifications, ...given } = input;
    checkBalancers(region, given);
    if (DryRun) throw dryRun();
    const id = newId("vpce-svc");
    const service: EndpointService = {
      id,
      tags: requestedTags(TagSpecifications, "vpc-endpoint-service"),
      name: `com.amazonaws.vpce.${region.name}.${id}`,
      given: { ...given, AcceptanceRequired: given.AcceptanceRequired ?? true },
      principals: new Map(),
    };
    region.endpointServices.set(id, service);
    return { ServiceConfiguration: configurationOutput(region, service), ClientToken };
  },

  describeVpcEndpointServiceConfigurations(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const ids = input.ServiceIds ?? [];
    const named =
      ids.length === 0 ? [...region.endpointServices.values()] : ids.map((id) => findService(region, id));
    const fields: FilterFields<EndpointService> = {
      "service-id": ({ id }) => id,
      "service-name": ({ name }) => name,
      "service-state": () => "Available",
    };
    const found = applyFilters(named, input.Filters, fields, ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return { ServiceConfigurations: items.map((service) => configurationOutput(region, service)), NextToken };
  },

  modifyVpcEndpointServiceConfiguration(input, context) {
    const region = regionOf(context);
    const service = findService(region, input.ServiceId);
    const { given } = service;
    const changed = (
      own: readonly string[] = [],
      added: readonly string[] = [],
      removed: readonly string[] = [],
    ) => [...new Set([...own, ...added])].filter((each) => !removed.includes(each));
    const planned = {
      ...given,
      AcceptanceRequired: input.AcceptanceRequired ?? given.AcceptanceRequired,
      NetworkLoadBalancerArns: changed(
        given.NetworkLoadBalancerArns,
        input.AddNetworkLoadBalancerArns,
        input.RemoveNetworkLoadBalancerArns,
      ),
      GatewayLoadBalancerArns: changed(
        given.GatewayLoadBalancerArns,
        input.AddGatewayLoadBalancerArns,
        input.RemoveGatewayLoadBalancerArns,
      ),
      SupportedRegions: changed(
        given.SupportedRegions,
        input.AddSupportedRegions,
        input.RemoveSupportedRegions,
      ),
      SupportedIpAddressTypes: changed(
        given.SupportedIpAddressTypes ?? ["ipv4"],
        input.AddSupportedIpAddressTypes,
        input.RemoveSupportedIpAddressTypes,
      ),
      PrivateDnsName: input.RemovePrivateDnsName ? undefined : (input.PrivateDnsName ?? given.PrivateDnsName),
    };
    checkBalancers(region, planned);
    if (input.DryRun) throw dryRun();
    const { PrivateDnsName, AcceptanceRequired, ...rest } = planned;
    service.given = {
      ...rest,
      ...(PrivateDnsName && { PrivateDnsName }),
      AcceptanceRequired: AcceptanceRequired === true,
    };
    return { Return: true };
  },

  /** Those that are not there are told, and do not keep the others. */
  deleteVpcEndpointServiceConfigurations(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const missing = input.ServiceIds.filter((id) => !region.endpointServices.delete(id));
    return {
      Unsuccessful: missing.map((id) => ({
        ResourceId: id,
        Error: {
          Code: "InvalidVpcEndpointService.NotFound",
          Message: `The VpcEndpointService Id '${id}' does not exist`,
        },
      })),
    };
  },

  describeVpcEndpointServicePermissions(input, context) {
    const service = findService(regionOf(context), input.ServiceId);
    if (input.DryRun) throw dryRun();
    const all = Array.from(service.principals, ([principal, id]) => permissionOutput(service, principal, id));
    const fields: FilterFields<(typeof all)[number]> = {
      principal: ({ Principal }) => Principal,
      "principal-type": ({ PrincipalType }) => PrincipalType,
    };
    const { items, NextToken } = page(
      applyFilters(all, input.Filters, fields, () => new Map()),
      input,
    );
    return { AllowedPrincipals: items, NextToken };
  },

  modifyVpcEndpointServicePermissions(input, context) {
    const service = findService(regionOf(context), input.ServiceId);
    if (input.DryRun) throw dryRun();
    const fresh = (input.AddAllowedPrincipals ?? []).filter((each) => !service.principals.has(each));
    for (const principal of fresh) service.principals.set(principal, newId("vpce-svc-perm"));
    for (const principal of input.RemoveAllowedPrincipals ?? []) service.principals.delete(principal);
    return {
      ReturnValue: true,
      AddedPrincipals: fresh.map((each) =>
        permissionOutput(service, each, service.principals.get(each) ?? ""),
      ),
    };
  },

  describeVpcEndpointServices(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const own = [...region.endpointServices.values()].map((service) => ownDetail(region, service));
    const all = [...amazonServices(region), ...own];
    const names = input.ServiceNames ?? [];
    const missing = names.find((name) => !all.some(({ ServiceName }) => ServiceName === name));
    if (missing !== undefined) throw noService(missing);
    const named = all.filter(({ ServiceName = "" }) => names.length === 0 || names.includes(ServiceName));
    const fields: FilterFields<(typeof all)[number]> = {
      owner: ({ Owner }) => Owner,
      "service-name": ({ ServiceName }) => ServiceName,
      "service-region": ({ ServiceRegion }) => ServiceRegion,
      "service-type": ({ ServiceType = [] }) => ServiceType.map((each) => each.ServiceType),
    };
    const found = applyFilters(named, input.Filters, fields, ({ Tags = [] }) => new Map(Tags.map(pairOf)));
    const { items, NextToken } = page(found, input);
    const ServiceNames = [...new Set(items.map(({ ServiceName = "" }) => ServiceName))];
    return { ServiceNames, ServiceDetails: items, NextToken };
  },
};

export function findService(region: Ec2Region, id: string): EndpointService {
  const service = region.endpointServices.get(id);
  if (service !== undefined) return service;
  throw clientError(
    "InvalidVpcEndpointServiceId.NotFound",
    `The VpcEndpointService Id '${id}' does not exist`,
  );
}

/** The service of a name, of any account that lets the caller's account in. */
export function offeredTo(context: Context, name: string): EndpointService {
  for (const region of regionOfAll(context)) {
    const service = [...region.endpointServices.values()].find((each) => each.name === name);
    const principals = [...(service?.principals.keys() ?? [])];
    const allowed =
      region.account === context.account ||
      principals.some((each) => each === "*" || each.split(":")[4] === context.account);
    if (service !== undefined && allowed) return service;
  }
  throw noService(name);
}

const noService = (name: string) =>
  clientError("InvalidServiceName", `The Vpc Endpoint Service '${name}' does not exist`);

type Balanced = Pick<EndpointService["given"], "NetworkLoadBalancerArns" | "GatewayLoadBalancerArns">;

function checkBalancers(
  region: Ec2Region,
  { NetworkLoadBalancerArns = [], GatewayLoadBalancerArns = [] }: Balanced,
) {
  if (NetworkLoadBalancerArns.length + GatewayLoadBalancerArns.length === 0) {
    throw clientError(
      "InvalidParameter",
      "exactly one of network_load_balancer_arn or gateway_load_balancer_arn is a required member",
    );
  }
  const check = (kind: string, arns: readonly string[]) => {
    const form = new RegExp(
      `^arn:aws[\\w-]*:elasticloadbalancing:${region.name}:\\d{12}:loadbalancer/${kind}/[^/]+/[^/]+$`,
    );
    const wrong = arns.find((arn) => !form.test(arn));
    if (wrong !== undefined) throw invalidParameter(`The load balancer ARN '${wrong}' is not valid`);
  };
  check("net", NetworkLoadBalancerArns);
  check("gwy", GatewayLoadBalancerArns);
}

function pairOf({
  Key = "",
  Value = "",
}: {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}) {
  return [Key, Value] as const;
}

function permissionOutput(
  { id: ServiceId }: EndpointService,
  Principal: string,
  ServicePermissionId: string,
) {
  const resource = Principal.split(":")[5] ?? "";
  const named = resource.startsWith("user/") ? "User" : resource.startsWith("role/") ? "Role" : "Account";
  const PrincipalType = Principal === "*" ? ("All" as const) : (named as "Account");
  return { Principal, PrincipalType, ServicePermissionId, ServiceId };
}

const isGatewayBalanced = ({ given }: EndpointService) => (given.GatewayLoadBalancerArns ?? []).length > 0;

/** What both descriptions of a service have. */
function sharedOutput(region: Ec2Region, service: EndpointService) {
  const zones = zonesOf(region.name);
  const type = isGatewayBalanced(service) ? ("GatewayLoadBalancer" as const) : ("Interface" as const);
  return {
    ServiceId: service.id,
    ServiceName: service.name,
    ServiceType: [{ ServiceType: type }],
    AvailabilityZones: zones.map(({ name }) => name),
    AvailabilityZoneIds: zones.map(({ id }) => id),
    AcceptanceRequired: service.given.AcceptanceRequired === true,
    ManagesVpcEndpoints: false,
    BaseEndpointDnsNames: [`${service.id}.${region.name}.vpce.amazonaws.com`],
    PrivateDnsName: service.given.PrivateDnsName,
    SupportedIpAddressTypes: (service.given.SupportedIpAddressTypes ?? ["ipv4"]) as "ipv4"[],
    Tags: tagList(service.tags) ?? [],
  };
}

const nonEmpty = (list: readonly string[] = []) => (list.length === 0 ? undefined : [...list]);

function configurationOutput(region: Ec2Region, service: EndpointService): Answered<ServiceConfiguration> {
  const { given } = service;
  return {
    ...sharedOutput(region, service),
    ServiceState: "Available",
    NetworkLoadBalancerArns: nonEmpty(given.NetworkLoadBalancerArns),
    GatewayLoadBalancerArns: nonEmpty(given.GatewayLoadBalancerArns),
    PrivateDnsNameConfiguration:
      given.PrivateDnsName === undefined
        ? {}
        : {
            State: "pendingVerification",
            Type: "TXT",
            Name: `_${service.id.slice(-17)}`,
            Value: `vpce:${service.id}`,
          },
    SupportedRegions: [...new Set([region.name, ...(given.SupportedRegions ?? [])])].map((Region) => ({
      Region,
      ServiceState: "Available",
    })),
    RemoteAccessEnabled: (given.SupportedRegions ?? []).length > 0,
  };
}

function ownDetail(region: Ec2Region, service: EndpointService): Answered<ServiceDetail> {
  return {
    ...sharedOutput(region, service),
    ServiceRegion: region.name,
    Owner: region.account,
    PrivateDnsNames: service.given.PrivateDnsName
      ? [{ PrivateDnsName: service.given.PrivateDnsName }]
      : undefined,
    PrivateDnsNameVerificationState: service.given.PrivateDnsName ? "pendingVerification" : undefined,
    VpcEndpointPolicySupported: false,
  };
}

function amazonServices(region: Ec2Region): Answered<ServiceDetail>[] {
  const zones = zonesOf(region.name);
  const detail = (service: string, type: "Gateway" | "Interface"): Answered<ServiceDetail> => ({
    ServiceName: `com.amazonaws.${region.name}.${service}`,
    ServiceType: [{ ServiceType: type }],
    ServiceRegion: region.name,
    AvailabilityZones: zones.map(({ name }) => name),
    AvailabilityZoneIds: zones.map(({ id }) => id),
    Owner: "amazon",
    BaseEndpointDnsNames: [`${service}.${region.name}.${type === "Gateway" ? "" : "vpce."}amazonaws.com`],
    VpcEndpointPolicySupported: true,
    AcceptanceRequired: false,
    ManagesVpcEndpoints: false,
    Tags: [],
    SupportedIpAddressTypes: ["ipv4"],
  });
  return [
    ...GATEWAY_SERVICES.map((service) => detail(service, "Gateway")),
    ...INTERFACE_SERVICES.map((service) => detail(service, "Interface")),
  ];
}
