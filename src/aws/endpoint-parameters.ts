/** What a service's endpoint rule set is asked with: settings of the client, members of the input, facts of the operation. */
import type { Model, OperationModel } from "../model/model.js";
import type { Values } from "../protocol/protocol.js";
import type { ClientState } from "./client-state.js";
import type { Settings } from "./config/settings.js";
import { STS_LEGACY_REGIONS } from "./credentials/endpoint.js";
import type { ParameterDefinition, ParameterValue } from "./endpoint/rule-set.js";

/** Values of parameters before they are asked for: those that are not set are undefined. */
export type Settable = Readonly<Record<string, ParameterValue | undefined>>;

/**
 * Values of the parameters of one call, each from the first that has it: the operation's constants, members of its input,
 * expressions over its input, the client's own parameters, settings.
 */
export async function endpointParameters(
  definitions: Readonly<Record<string, ParameterDefinition>>,
  operation: OperationModel,
  input: Values,
  builtIns: Settable,
  clientContext: Settable,
): Promise<Record<string, ParameterValue>> {
  const { staticContext, operationContext } = operation.traits.aws ?? {};
  const searched = operationContext && (await searchInput(operationContext, input));
  const bound = contextMembers(operation);
  const parameters: Record<string, ParameterValue> = {};
  for (const [name, { builtIn }] of Object.entries(definitions)) {
    const member = bound.get(name);
    const value =
      staticContext?.[name] ??
      (member === undefined ? undefined : input[member]) ??
      searched?.[name] ??
      clientContext[name] ??
      (builtIn === undefined ? undefined : builtIns[builtIn]);
    if (value !== undefined && value !== null) parameters[name] = value as ParameterValue;
  }
  return parameters;
}

/** Values of the parameters that expressions over the input give. */
async function searchInput(expressions: Readonly<Record<string, string>>, input: Values): Promise<Settable> {
  const { search } = await import("../client/jmespath.js");
  return Object.fromEntries(
    Object.entries(expressions).map(([name, expression]) => [
      name,
      (search(expression, input) ?? undefined) as ParameterValue | undefined,
    ]),
  );
}

const MEMBERS = new WeakMap<OperationModel, ReadonlyMap<string, string>>();

/** Names of the parameters that members of the input bind, to those members. */
export function contextMembers(operation: OperationModel): ReadonlyMap<string, string> {
  let members = MEMBERS.get(operation);
  if (members === undefined) {
    const pairs = operation.input?.members.flatMap(({ name, traits }): [string, string][] =>
      traits.context === undefined ? [] : [[traits.context, name]],
    );
    members = new Map(pairs);
    MEMBERS.set(operation, members);
  }
  return members;
}

/**
 * botocore's exceptions for S3: a bucket's location is asked for by path, since its host may be in another region than the
 * signature; an ARN never goes into a path.
 */
export function forOperation(
  { service, name }: OperationModel,
  { Bucket: bucket }: Values,
  given: Settable,
): Settable {
  if (service.id !== "s3") return given;
  if (name === "GetBucketLocation") return { ...given, "AWS::S3::ForcePathStyle": true };
  const isArn = typeof bucket === "string" && bucket.startsWith("arn:");
  return isArn && given["AWS::S3::ForcePathStyle"] === true
    ? { ...given, "AWS::S3::ForcePathStyle": false }
    : given;
}

/** The settings that rule sets know by a name of their own. */
export function builtIns(model: Model, state: ClientState): Settable {
  const { settings, region, endpoint } = state;
  const custom = endpoint !== undefined;
  return {
    "AWS::Region": region,
    // A given endpoint is taken as it is.
    "AWS::UseFIPS": !custom && settings.get("useFipsEndpoint") === true,
    "AWS::UseDualStack": !custom && useDualStack(model, settings),
    "AWS::STS::UseGlobalEndpoint":
      !custom &&
      region !== undefined &&
      settings.get("stsRegionalEndpoints") === "legacy" &&
      STS_LEGACY_REGIONS.has(region),
    "AWS::Auth::AccountIdEndpointMode": settings.get("accountIdEndpointMode"),
    "SDK::Endpoint": endpoint,
    ...s3BuiltIns(state),
  };
}

function s3BuiltIns({ settings, endpoint, region }: ClientState): Settable {
  const accelerate = settings.get("s3UseAccelerateEndpoint") === true;
  const style = settings.get("s3AddressingStyle");
  // boto3: an endpoint of one's own is no wildcard host, so buckets go into the path unless told otherwise.
  const ownHost = endpoint !== undefined && !/s3-accelerate/.test(endpoint);
  return {
    "AWS::S3::Accelerate": accelerate,
    "AWS::S3::ForcePathStyle": !accelerate && (ownHost ? style !== "virtual" : style === "path"),
    "AWS::S3::UseArnRegion": settings.get("s3UseArnRegion") ?? true,
    "AWS::S3Control::UseArnRegion": settings.get("s3UseArnRegion") ?? false,
    "AWS::S3::UseGlobalEndpoint": region === "us-east-1" && !usesRegionalUsEast1(settings),
    "AWS::S3::DisableMultiRegionAccessPoints": settings.get("s3DisableMultiregionAccessPoints") ?? false,
    "AWS::S3::DisableS3ExpressSessionAuth": settings.get("s3DisableExpressSessionAuth") ?? false,
  };
}

/** botocore's default for us-east-1 is S3's first, global host, unless a defaults mode says otherwise. */
function usesRegionalUsEast1(settings: Settings): boolean {
  const said = settings.get("s3UsEast1RegionalEndpoint");
  return said === undefined ? settings.get("defaultsMode") !== "legacy" : said === "regional";
}

function useDualStack(model: Model, settings: Settings): boolean {
  const { id } = model.service;
  const own = id === "s3" || id === "s3control" ? settings.get("s3UseDualstackEndpoint") : undefined;
  return (own ?? settings.get("useDualstackEndpoint")) === true;
}

/** Parameters that a service takes from its client: of S3 the same settings again, of others their own. */
export function clientContext({ service }: Model, settings: Settings): Settable {
  const names = service.aws?.clientContext;
  if (names === undefined) return {};
  const values: Settable = {
    Accelerate: settings.get("s3UseAccelerateEndpoint"),
    UseArnRegion: settings.get("s3UseArnRegion"),
    DisableMultiRegionAccessPoints: settings.get("s3DisableMultiregionAccessPoints"),
    DisableS3ExpressSessionAuth: settings.get("s3DisableExpressSessionAuth"),
  };
  return Object.fromEntries(Object.keys(names).map((name) => [name, values[name]]));
}
