/** EC2's errors, in its words. See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
import { EmulatorError } from "../../service.js";
import { kindOfPrefix } from "./id-kinds.js";

export const clientError = (code: string, message: string) => new EmulatorError(code, message, 400);

const UNKNOWN = { code: "InvalidID", singular: "ID" };

/** EC2 ends some of its sentences. */
const DOTTED = new Set(["vol", "snap"]);

/** What the newer parts say of an id. */
const DELETED_OR_MISSING = new Set(["tgw", "tgw-attach", "tgw-rtb"]);

export function notFound(prefix: string, ids: readonly string[]): EmulatorError {
  const { code, singular } = kindOfPrefix(prefix) ?? UNKNOWN;
  return clientError(`${code}.NotFound`, missing(prefix, singular, ids));
}

function missing(prefix: string, singular: string, ids: readonly string[]): string {
  if (DELETED_OR_MISSING.has(prefix)) return `${singular} ${ids.join(", ")} was deleted or does not exist.`;
  if (ids.length > 1) return `The ${singular}s '${ids.join(", ")}' do not exist`;
  return `The ${singular} '${ids[0]}' does not exist${DOTTED.has(prefix) ? "." : ""}`;
}

/** Kinds that are spelt otherwise where their id is malformed. */
const MALFORMED: ReadonlyMap<string, string> = new Map([
  ["cgw", "InvalidCustomerGatewayId"],
  ["dopt", "InvalidDhcpOptionsId"],
  ["eni", "InvalidNetworkInterfaceId"],
  ["igw", "InvalidInternetGatewayId"],
  ["rtb", "InvalidRouteTableId"],
  ["sg", "InvalidGroupId"],
  ["snap", "InvalidSnapshotID"],
  ["vol", "InvalidVolumeID"],
]);

export function checkIds(prefix: string, ids: readonly string[]): void {
  const pattern = new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`);
  const bad = ids.find((id) => !pattern.test(id));
  if (bad === undefined) return;
  const hint = bad.startsWith(`${prefix}-`) ? "" : ` (expecting "${prefix}-...")`;
  const code = MALFORMED.get(prefix) ?? kindOfPrefix(prefix)?.code ?? UNKNOWN.code;
  throw clientError(`${code}.Malformed`, `Invalid id: "${bad}"${hint}`);
}

export const invalidParameter = (message: string) => clientError("InvalidParameterValue", message);

export const dependencyViolation = (message: string) => clientError("DependencyViolation", message);

/** A dry run that would have gone through is an error too. */
export const dryRun = () =>
  new EmulatorError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
