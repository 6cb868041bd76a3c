/** Handlers of flow logs. They are kept and described; no traffic flows here, so nothing is delivered. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Context, Handlers } from "../../service.js";
import { s3Store } from "../s3/store.js";
import { clientError, dryRun, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import type { FlowLog } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

const DEFAULT_FORMAT =
  "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
    .split(" ")
    .map((field) => `\${${field}}`)
    .join(" ");

const invalid = (message: string) => clientError("InvalidParameter", message);

export const flowLogHandlers: Handlers<EC2> = {
  createFlowLogs(input, context) {
    const region = regionOf(context);
    const type = input.LogDestinationType ?? "cloud-watch-logs";
    const interval = input.MaxAggregationInterval ?? 600;
    if (interval !== 60 && interval !== 600) throw invalid("Invalid Flow Log Max Aggregation Interval");
    checkDestination({ ...input, type });
    const missing = input.ResourceIds.find((id) => !canBeLogged(region, id));
    if (missing !== undefined) throw notFound(missing.slice(0, missing.indexOf("-")), [missing]);
    const bucket = type === "s3" ? bucketOf(input.LogDestination) : undefined;
    if (bucket !== undefined && !hasBucket(context, bucket)) {
      const error = { Code: "400", Message: `LogDestination: ${bucket} does not exist.` };
      return {
        ClientToken: input.ClientToken,
        FlowLogIds: [],
        Unsuccessful: input.ResourceIds.map((ResourceId) => ({ ResourceId, Error: error })),
      };
    }
    const made = input.ResourceIds.map(
      (resourceId): FlowLog => ({
        id: newId("fl"),
        tags: requestedTags(input.TagSpecifications, "vpc-flow-log"),
        resourceId,
        traffic: input.TrafficType,
        destinationType: type,
        destination: input.LogDestination,
        logGroup: input.LogGroupName,
        roleArn: input.DeliverLogsPermissionArn,
        format: input.LogFormat ?? DEFAULT_FORMAT,
        intervalSeconds: interval,
        created: region.clock.date(),
      }),
    );
    const present = [...region.flowLogs.values()];
    if (made.some((log) => present.some((each) => sameLog(each, log)))) {
      throw clientError(
        "FlowLogAlreadyExists",
        "Error. There is an existing Flow Log with the same configuration and log destination.",
      );
    }
    if (input.DryRun) throw dryRun();
    for (const log of made) region.flowLogs.set(log.id, log);
    return { ClientToken: input.ClientToken, FlowLogIds: made.map(({ id }) => id), Unsuccessful: [] };
  },

  describeFlowLogs(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const ids = input.FlowLogIds ?? [];
    const named = [...region.flowLogs.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
    const { items, NextToken } = page(
      applyFilters(named, input.Filter, FIELDS, ({ tags }) => tags),
      input,
      1,
    );
    return { FlowLogs: items.map(logOutput), NextToken };
  },

  deleteFlowLogs(input, context) {
    const region = regionOf(context);
    const missing = input.FlowLogIds.filter((id) => !region.flowLogs.has(id));
    if (missing.length > 0) {
      throw clientError(
        "InvalidFlowLogId.NotFound",
        `These flow log ids in the input list are not found: [TotalCount: ${missing.length}] ${missing.join(" ")}`,
      );
    }
    if (input.DryRun) throw dryRun();
    for (const id of input.FlowLogIds) region.flowLogs.delete(id);
    return { Unsuccessful: [] };
  },
};

const FIELDS: FilterFields<FlowLog> = {
  "deliver-log-status": () => "SUCCESS",
  "log-destination-type": ({ destinationType }) => destinationType,
  "flow-log-id": ({ id }) => id,
  "log-group-name": ({ logGroup }) => logGroup,
  "resource-id": ({ resourceId }) => resourceId,
  "traffic-type": ({ traffic }) => traffic,
};

interface Destination {
  readonly type: string;
  readonly LogDestination?: string;
  readonly LogGroupName?: string;
  readonly DeliverLogsPermissionArn?: string;
}

function checkDestination({
  type,
  LogDestination,
  LogGroupName,
  DeliverLogsPermissionArn,
}: Destination): void {
  if (LogDestination === undefined && LogGroupName === undefined) {
    throw invalid("LogDestination can't be empty if LogGroupName is not provided.");
  }
  if (LogGroupName !== undefined && type !== "cloud-watch-logs") {
    throw invalid("LogDestination type must be cloud-watch-logs if LogGroupName is provided.");
  }
  if (type === "cloud-watch-logs" && DeliverLogsPermissionArn === undefined) {
    throw invalid("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.");
  }
}

function canBeLogged(region: Ec2Region, id: string): boolean {
  const own = [...region.instances.values()].some(({ networkInterfaceId }) => networkInterfaceId === id);
  return own || [region.vpcs, region.subnets, region.networkInterfaces].some((kind) => kind.has(id));
}

function bucketOf(destination: string | undefined): string | undefined {
  return /^arn:aws[\w-]*:s3:::([^/]+)/.exec(destination ?? "")?.[1];
}

function hasBucket(context: Context, name: string): boolean {
  try {
    context.store(s3Store).bucket(name);
    return true;
  } catch {
    return false;
  }
}

function sameLog(a: FlowLog, b: FlowLog): boolean {
  const keyOf = ({ id, tags, created, ...rest }: FlowLog) => JSON.stringify(rest);
  return keyOf(a) === keyOf(b);
}

function logOutput(log: FlowLog) {
  return {
    CreationTime: log.created,
    DeliverLogsPermissionArn: log.roleArn,
    DeliverLogsStatus: "SUCCESS",
    FlowLogId: log.id,
    FlowLogStatus: "ACTIVE",
    LogGroupName: log.logGroup,
    ResourceId: log.resourceId,
    TrafficType: log.traffic as "ALL" | undefined,
    LogDestinationType: log.destinationType as "s3",
    LogDestination: log.destination,
    LogFormat: log.format,
    Tags: tagList(log.tags) ?? [],
    MaxAggregationInterval: log.intervalSeconds,
  };
}
