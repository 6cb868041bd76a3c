/** Handlers of requests for spot instances. There is always room for them, and they are met at once. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Context, Handlers } from "../../service.js";
import type { Instance, SpotRequest } from "./compute-resources.js";
import { clientError, dryRun, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { startInstances } from "./run.js";
import { type Ec2Region, regionOf } from "./store.js";

export const spotRequestHandlers: Handlers<EC2> = {
  requestSpotInstances(input, context) {
    const region = regionOf(context);
    const specification = input.LaunchSpecification;
    if (specification?.ImageId === undefined) {
      throw clientError(
        "MissingParameter",
        "The request must contain the parameter launchSpecification.imageId",
      );
    }
    const count = input.InstanceCount ?? 1;
    if (count < 1) throw clientError("InvalidParameterValue", `Invalid value '${count}' for instanceCount.`);
    if (input.DryRun) throw dryRun();
    const instances = startSpot(specification, count, context);
    const made = instances.map(
      (instance): SpotRequest => ({
        id: newId("sir"),
        tags: requestedTags(input.TagSpecifications, "spot-instances-request"),
        input,
        instanceId: instance.id,
        zone: instance.zone,
        created: region.clock.date(),
        cancelled: false,
      }),
    );
    for (const request of made) region.spotRequests.set(request.id, request);
    return {
      SpotInstanceRequests: made.map((request) => {
        const { InstanceId: _, LaunchedAvailabilityZone: __, ...output } = requestOutput(region, request);
        return { ...output, State: "open" as const, Status: status(request, "pending-evaluation") };
      }),
    };
  },

  describeSpotInstanceRequests(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = chosenRequests(region, input.SpotInstanceRequestIds);
    const found = applyFilters(named, input.Filters, FIELDS, ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return { SpotInstanceRequests: items.map((request) => requestOutput(region, request)), NextToken };
  },

  /** Their instances run on. */
  cancelSpotInstanceRequests(input, context) {
    const requests = chosenRequests(regionOf(context), input.SpotInstanceRequestIds);
    if (input.DryRun) throw dryRun();
    for (const request of requests) request.cancelled = true;
    return {
      CancelledSpotInstanceRequests: requests.map(({ id }) => ({
        SpotInstanceRequestId: id,
        State: "cancelled" as const,
      })),
    };
  },
};

function startSpot(
  specification: NonNullable<SpotRequest["input"]["LaunchSpecification"]>,
  count: number,
  context: Context,
): Instance[] {
  const { AddressingType: _, KernelId: __, RamdiskId: ___, ...launch } = specification;
  const InstanceMarketOptions = { MarketType: "spot" };
  return startInstances({ ...launch, MaxCount: count, InstanceMarketOptions }, context);
}

function chosenRequests(region: Ec2Region, ids: readonly string[] = []): SpotRequest[] {
  const missing = ids.filter((id) => !region.spotRequests.has(id));
  if (missing.length > 0) throw notFound("sir", missing);
  return [...region.spotRequests.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
}

const stateOf = ({ cancelled }: SpotRequest) => (cancelled ? "cancelled" : "active");

const FIELDS: FilterFields<SpotRequest> = {
  "spot-instance-request-id": ({ id }) => id,
  state: stateOf,
  "status-code": (request) => status(request).Code,
  "instance-id": ({ instanceId }) => instanceId,
  "launched-availability-zone": ({ zone }) => zone,
  "launch-group": ({ input }) => input.LaunchGroup,
  "launch.image-id": ({ input }) => input.LaunchSpecification?.ImageId,
  "launch.instance-type": ({ input }) => input.LaunchSpecification?.InstanceType,
  "launch.key-name": ({ input }) => input.LaunchSpecification?.KeyName,
  type: ({ input }) => input.Type ?? "one-time",
};

function status({ cancelled, created }: SpotRequest, code?: "pending-evaluation") {
  if (code !== undefined) {
    return {
      Code: code,
      Message: "Your Spot request has been submitted for review, and is pending evaluation.",
      UpdateTime: created,
    };
  }
  return cancelled
    ? {
        Code: "request-canceled-and-instance-running",
        Message: "Your Spot request is canceled, but your instance is still running.",
        UpdateTime: created,
      }
    : { Code: "fulfilled", Message: "Your Spot request is fulfilled.", UpdateTime: created };
}

function requestOutput(region: Ec2Region, request: SpotRequest) {
  const { input, id, instanceId, zone, created, tags } = request;
  const { SecurityGroups: _, SecurityGroupIds: __, UserData, ...launch } = input.LaunchSpecification ?? {};
  const groups = (region.instances.get(instanceId)?.groupIds ?? [])
    .map((groupId) => region.groups.get(groupId))
    .filter((group) => group !== undefined);
  return {
    SpotInstanceRequestId: id,
    SpotPrice: input.SpotPrice && Number(input.SpotPrice).toFixed(6),
    Type: input.Type ?? ("one-time" as const),
    State: stateOf(request) as "active",
    Status: status(request),
    ValidFrom: input.ValidFrom,
    ValidUntil: input.ValidUntil,
    LaunchGroup: input.LaunchGroup,
    AvailabilityZoneGroup: input.AvailabilityZoneGroup,
    LaunchSpecification: {
      ...launch,
      InstanceType: launch.InstanceType ?? ("m1.small" as const),
      SecurityGroups: groups.map((group) => ({ GroupId: group.id, GroupName: group.name })),
    },
    InstanceId: instanceId,
    CreateTime: created,
    ProductDescription: "Linux/UNIX" as const,
    Tags: tagList(tags) ?? [],
    LaunchedAvailabilityZone: zone,
    InstanceInterruptionBehavior: input.InstanceInterruptionBehavior ?? ("terminate" as const),
  };
}
