/** How a request is signed: what the endpoint rules say, else what the model says, the user's preference first. */
import type { OperationModel } from "../model/model.js";
import type { Settings } from "./config/settings.js";
import type { EndpointAuthScheme } from "./endpoint/rule-set.js";

export type SchemeName = "sigv2" | "sigv4" | "sigv4a" | "sigv4-s3express" | "bearer" | "none";

export interface AuthScheme {
  readonly name: SchemeName;
  readonly signingName: string;
  /** Of sigv4a: comma-separated, may be `*`. */
  readonly signingRegion: string;
  /** S3's rule: the path is signed as sent. */
  readonly pathAsSent: boolean | undefined;
  /** The body is not covered by the signature. */
  readonly unsignedBody: boolean;
}

export interface SchemeChoice {
  readonly operation: OperationModel;
  readonly settings: Settings;
  readonly region: string;
  /** From the endpoint rules, in their order. */
  readonly offered: readonly EndpointAuthScheme[];
  /** AWS_BEARER_TOKEN_<NAME> of the service is set. */
  readonly hasToken: boolean;
  /** The client has no credentials by the user's wish. */
  readonly anonymous: boolean;
}

const NAMES: Readonly<Record<string, SchemeName>> = {
  "aws.auth#sigv4": "sigv4",
  "aws.auth#sigv4a": "sigv4a",
  "smithy.api#httpBearerAuth": "bearer",
  "smithy.api#noAuth": "none",
  sigv4: "sigv4",
  sigv4a: "sigv4a",
  "sigv4-s3express": "sigv4-s3express",
  bearer: "bearer",
  httpBearerAuth: "bearer",
  none: "none",
  noAuth: "none",
};

/** What models of old services say that have no list of schemes. */
const OLD_NAMES: Readonly<Record<string, SchemeName>> = { bearer: "bearer", v2: "sigv2" };

export function chooseScheme(choice: SchemeChoice): AuthScheme {
  const { operation, settings, region, offered } = choice;
  const { aws } = operation.traits;
  const name = schemeName(choice);
  const endpoint = offered.find((each) => NAMES[each.name] === name);
  const regionSet = endpoint?.signingRegionSet ?? settings.get("sigv4aSigningRegionSet");
  const ownRegion = endpoint?.signingRegion ?? region;
  return {
    name,
    signingName: endpoint?.signingName ?? signingNameOf(operation),
    signingRegion: name === "sigv4a" ? (regionSet?.join(",") ?? ownRegion) : ownRegion,
    pathAsSent: endpoint?.disableDoubleEncoding,
    unsignedBody: aws?.unsignedPayload === true || aws?.authtype === "v4-unsigned-body",
  };
}

/** The service's name in a credential scope. */
function signingNameOf({ service }: OperationModel): string {
  return service.aws?.signingName ?? service.aws?.endpointPrefix ?? service.id;
}

/** Whose AWS_BEARER_TOKEN_<NAME> is taken without being asked for; botocore's list. */
const TOKEN_SERVICES = new Set(["bedrock"]);

function schemeName({ operation, settings, offered, hasToken, anonymous }: SchemeChoice): SchemeName {
  const { aws } = operation.traits;
  if (anonymous) return "none";
  if (aws?.authtype === "none" || aws?.auth?.[0] === "smithy.api#noAuth") return "none";
  if (aws?.authtype === "bearer") return "bearer";
  const modelled = namesOf(aws?.auth ?? operation.service.aws?.auth ?? []);
  if (modelled.includes("bearer") && hasToken && TOKEN_SERVICES.has(signingNameOf(operation)))
    return "bearer";
  const fromRules = namesOf(offered.map((each) => each.name));
  const candidates = fromRules.length > 0 ? fromRules : modelled;
  const preferred = namesOf(settings.get("authSchemePreference") ?? []).find((each) =>
    candidates.includes(each),
  );
  return preferred ?? candidates[0] ?? OLD_NAMES[operation.service.aws?.signatureVersion ?? ""] ?? "sigv4";
}

function namesOf(names: readonly string[]): SchemeName[] {
  return names.flatMap((each) => NAMES[each] ?? []);
}
