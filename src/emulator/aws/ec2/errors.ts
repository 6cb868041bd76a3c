/** EC2's errors, in its words. See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
import { EmulatorError } from "../../service.js";

export const clientError = (code: string, message: string) => new EmulatorError(code, message, 400);

/** What each kind of id is called where it is not found. */
const KINDS: Readonly<Record<string, readonly [code: string, singular: string]>> = {
  i: ["InvalidInstanceID", "instance ID"],
  vpc: ["InvalidVpcID", "vpc ID"],
  subnet: ["InvalidSubnetID", "subnet ID"],
  sg: ["InvalidGroup", "security group"],
  vol: ["InvalidVolume", "volume"],
  snap: ["InvalidSnapshot", "snapshot"],
  eni: ["InvalidNetworkInterfaceID", "networkInterface ID"],
  igw: ["InvalidInternetGatewayID", "internetGateway ID"],
  dopt: ["InvalidDhcpOptionID", "DhcpOption ID"],
  eigw: ["InvalidEgressOnlyInternetGatewayId", "eigw ID"],
  acl: ["InvalidNetworkAclID", "networkAcl ID"],
  rtb: ["InvalidRouteTableID", "routeTable ID"],
  pl: ["InvalidPrefixListID", "prefix list ID"],
  vgw: ["InvalidVpnGatewayID", "vpnGateway ID"],
  cgw: ["InvalidCustomerGatewayID", "customerGateway ID"],
  sir: ["InvalidSpotInstanceRequestID", "spot instance request ID"],
};

/** EC2 ends some of its sentences. */
const DOTTED = new Set(["vol", "snap"]);

export function notFound(prefix: string, ids: readonly string[]): EmulatorError {
  const [code, singular] = KINDS[prefix] ?? ["InvalidID", "ID"];
  const message =
    ids.length === 1
      ? `The ${singular} '${ids[0]}' does not exist${DOTTED.has(prefix) ? "." : ""}`
      : `The ${singular}s '${ids.join(", ")}' do not exist`;
  return clientError(`${code}.NotFound`, message);
}

export function checkIds(prefix: string, ids: readonly string[]): void {
  const pattern = new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`);
  const bad = ids.find((id) => !pattern.test(id));
  if (bad === undefined) return;
  const [code] = KINDS[prefix] ?? ["InvalidID"];
  const hint = bad.startsWith(`${prefix}-`) ? "" : ` (expecting "${prefix}-...")`;
  throw clientError(
    prefix === "sg" ? "InvalidGroupId.Malformed" : `${code}.Malformed`,
    `Invalid id: "${bad}"${hint}`,
  );
}

export const invalidParameter = (message: string) => clientError("InvalidParameterValue", message);

export const dependencyViolation = (message: string) => clientError("DependencyViolation", message);

/** A dry run that would have gone through is an error too. */
export const dryRun = () =>
  new EmulatorError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
