/** Handlers of targets and sessions of traffic mirrors. Nothing is copied: there is no traffic. */
import type { EC2, TrafficMirrorTarget } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import { clientError, dryRun, invalidParameter } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import type { MirrorSession, MirrorTarget } from "./mirror-resources.js";
import { chosen } from "./network.js";
import { checkInterface } from "./network-interfaces.js";
import { type Ec2Region, regionOf } from "./store.js";

/** See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTrafficMirrorSession.html */
const SESSION_NUMBER_MAX = 32_766;
const VIRTUAL_NETWORKS = 2 ** 24;
const PACKET_LENGTH = 8500;

export const trafficMirrorHandlers: Handlers<EC2> = {
  createTrafficMirrorTarget(input, context) {
    const region = regionOf(context);
    const { TagSpecifications, DryRun, ClientToken, ...given } = input;
    const ends = [
      given.NetworkInterfaceId,
      given.NetworkLoadBalancerArn,
      given.GatewayLoadBalancerEndpointId,
    ];
    if (ends.filter((end) => end !== undefined).length !== 1) {
      throw clientError(
        "InvalidInput",
        "Invalid number of inputs. Only 1 of NetworkInterfaceId, NetworkLoadBalancerArn or GatewayLoadBalancerEndpointId required.",
      );
    }
    if (given.NetworkInterfaceId !== undefined) checkInterface(region, given.NetworkInterfaceId);
    if (given.GatewayLoadBalancerEndpointId !== undefined) {
      chosen(region.vpcEndpoints, [given.GatewayLoadBalancerEndpointId], "vpce");
    }
    if (DryRun) throw dryRun();
    const tags = requestedTags(TagSpecifications, "traffic-mirror-target");
    const target: MirrorTarget = { id: newId("tmt"), tags, given };
    region.mirrorTargets.set(target.id, target);
    return { TrafficMirrorTarget: targetOutput(region, target), ClientToken };
  },

  describeTrafficMirrorTargets(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = chosen(region.mirrorTargets, input.TrafficMirrorTargetIds, "tmt");
    const fields: FilterFields<MirrorTarget> = {
      "traffic-mirror-target-id": ({ id }) => id,
      "network-interface-id": ({ given }) => given.NetworkInterfaceId,
      "network-load-balancer-arn": ({ given }) => given.NetworkLoadBalancerArn,
      "owner-id": () => region.account,
      description: ({ given }) => given.Description,
    };
    const found = applyFilters(named, input.Filters, fields, ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return { TrafficMirrorTargets: items.map((target) => targetOutput(region, target)), NextToken };
  },

  deleteTrafficMirrorTarget(input, context) {
    const region = regionOf(context);
    const id = input.TrafficMirrorTargetId;
    chosen(region.mirrorTargets, [id], "tmt");
    const used = [...region.mirrorSessions.values()].some(({ given }) => given.TrafficMirrorTargetId === id);
    if (used)
      throw clientError("TrafficMirrorTargetInUseException", `The traffic mirror target ${id} is in use`);
    if (input.DryRun) throw dryRun();
    region.mirrorTargets.delete(id);
    return { TrafficMirrorTargetId: id };
  },

  createTrafficMirrorSession(input, context) {
    const region = regionOf(context);
    const { TagSpecifications, DryRun, ClientToken, ...given } = input;
    const planned = {
      ...given,
      PacketLength: given.PacketLength ?? PACKET_LENGTH,
      VirtualNetworkId:
        given.VirtualNetworkId ??
        (crypto.getRandomValues(new Uint32Array(1))[0] as number) % VIRTUAL_NETWORKS,
    };
    checkInterface(region, given.NetworkInterfaceId);
    checkSession(region, planned);
    if (DryRun) throw dryRun();
    const tags = requestedTags(TagSpecifications, "traffic-mirror-session");
    const session: MirrorSession = { id: newId("tms"), tags, given: planned };
    region.mirrorSessions.set(session.id, session);
    return { TrafficMirrorSession: sessionOutput(region, session), ClientToken };
  },

  describeTrafficMirrorSessions(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = chosen(region.mirrorSessions, input.TrafficMirrorSessionIds, "tms");
    const fields: FilterFields<MirrorSession> = {
      "traffic-mirror-session-id": ({ id }) => id,
      "traffic-mirror-target-id": ({ given }) => given.TrafficMirrorTargetId,
      "traffic-mirror-filter-id": ({ given }) => given.TrafficMirrorFilterId,
      "network-interface-id": ({ given }) => given.NetworkInterfaceId,
      "owner-id": () => region.account,
      "packet-length": ({ given }) => given.PacketLength,
      "session-number": ({ given }) => given.SessionNumber,
      "virtual-network-id": ({ given }) => given.VirtualNetworkId,
      description: ({ given }) => given.Description,
    };
    const found = applyFilters(named, input.Filters, fields, ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return { TrafficMirrorSessions: items.map((session) => sessionOutput(region, session)), NextToken };
  },

  modifyTrafficMirrorSession(input, context) {
    const region = regionOf(context);
    const [session] = chosen(region.mirrorSessions, [input.TrafficMirrorSessionId], "tms") as [MirrorSession];
    const { TrafficMirrorSessionId: _, RemoveFields = [], DryRun, ...changed } = input;
    const planned = { ...session.given, ...changed };
    checkSession(region, planned, session.id);
    if (DryRun) throw dryRun();
    if (RemoveFields.includes("packet-length")) planned.PacketLength = PACKET_LENGTH;
    if (RemoveFields.includes("description")) delete planned.Description;
    if (RemoveFields.includes("virtual-network-id")) delete planned.VirtualNetworkId;
    session.given = planned;
    return { TrafficMirrorSession: sessionOutput(region, session) };
  },

  deleteTrafficMirrorSession(input, context) {
    const region = regionOf(context);
    const id = input.TrafficMirrorSessionId;
    chosen(region.mirrorSessions, [id], "tms");
    if (input.DryRun) throw dryRun();
    region.mirrorSessions.delete(id);
    return { TrafficMirrorSessionId: id };
  },
};

/** An interface has each session number once. */
function checkSession(region: Ec2Region, given: MirrorSession["given"], own?: string): void {
  chosen(region.mirrorTargets, [given.TrafficMirrorTargetId], "tmt");
  chosen(region.mirrorFilters, [given.TrafficMirrorFilterId], "tmf");
  if (given.SessionNumber < 1 || given.SessionNumber > SESSION_NUMBER_MAX) {
    throw invalidParameter(
      `Value (${given.SessionNumber}) for parameter sessionNumber is invalid. Expecting 1 to ${SESSION_NUMBER_MAX}.`,
    );
  }
  const taken = [...region.mirrorSessions.values()].find(
    (each) =>
      each.id !== own &&
      each.given.NetworkInterfaceId === given.NetworkInterfaceId &&
      each.given.SessionNumber === given.SessionNumber,
  );
  if (taken !== undefined) {
    throw clientError(
      "TrafficMirrorSessionNumberInUse",
      `The session number ${given.SessionNumber} is in use by ${taken.id}`,
    );
  }
}

function targetOutput(region: Ec2Region, { id, tags, given }: MirrorTarget): Answered<TrafficMirrorTarget> {
  const own = given.NetworkInterfaceId === undefined ? undefined : "network-interface";
  const balancer = given.NetworkLoadBalancerArn === undefined ? undefined : "network-load-balancer";
  return {
    ...given,
    TrafficMirrorTargetId: id,
    Type: own ?? balancer ?? "gateway-load-balancer-endpoint",
    OwnerId: region.account,
    Tags: tagList(tags) ?? [],
  };
}

function sessionOutput(region: Ec2Region, { id, tags, given }: MirrorSession) {
  return { ...given, TrafficMirrorSessionId: id, OwnerId: region.account, Tags: tagList(tags) ?? [] };
}
