/**
 * What calling EC2 needs. Who describes asks for everything; who changes, for what the request names by id and for what it
 * makes. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
import { type Context, EmulatorError } from "../../service.js";
import { type Asked, denialMessage, findDenial, passing, tagKeys } from "../authorization.js";
import { accountOf, arnOf as iamArnOf } from "../iam/entities.js";
import { partitionOfRegion } from "../partition.js";
import { encodeDenial } from "../sts/authorization-message.js";
import { isTaggableType } from "./id-kinds.js";
import { regionOf } from "./store.js";
import { typeOf } from "./tags.js";

interface Ec2Input {
  readonly InstanceType?: string;
  readonly IamInstanceProfile?: { readonly Name?: string; readonly Arn?: string };
  readonly TagSpecifications?: readonly {
    readonly Tags?: readonly { readonly Key?: string; readonly Value?: string }[];
  }[];
}

export function authorizeEc2(input: Ec2Input, context: Context): void {
  const operation = context.operation?.name ?? "";
  const describes = operation.startsWith("Describe");
  const action = `ec2:${operation}`;
  const keys = {
    "ec2:region": context.region,
    "ec2:instancetype": input.InstanceType,
    ...tagKeys((input.TagSpecifications ?? []).flatMap(({ Tags = [] }) => Tags)),
  };
  const resources = describes ? [] : [...newResources(operation, context), ...namedResources(input, context)];
  const asked: Asked[] = resources.map(({ arn, id }) => ({
    action,
    resource: arn,
    keys: { ...keys, ...resourceTags(id, context) },
  }));
  if (asked.length === 0) asked.push({ action, resource: "*", keys });
  const denial = findDenial(
    [...asked, ...tagging(input, resources, keys, operation), ...passed(input, context)],
    context,
  );
  if (denial === undefined) return;
  const hidden = describes ? "" : `. Encoded authorization failure message: ${encodeDenial(denial)}`;
  throw new EmulatorError(
    "UnauthorizedOperation",
    `You are not authorized to perform this operation. ${denialMessage(denial)}${hidden}`,
    403,
  );
}

/** Who makes something with tags needs to tag too. */
function tagging(
  input: Ec2Input,
  resources: readonly Resource[],
  keys: Asked["keys"],
  operation: string,
): Asked[] {
  if (!input.TagSpecifications?.length) return [];
  return resources
    .filter(({ id }) => id === undefined)
    .map(({ arn }) => ({
      action: "ec2:CreateTags",
      resource: arn,
      keys: { ...keys, "ec2:createaction": operation },
    }));
}

/** The role of the profile that an instance gets. */
function passed({ IamInstanceProfile: profile }: Ec2Input, context: Context): Asked[] {
  if (profile === undefined) return [];
  const account = accountOf(context);
  const name = profile.Name ?? profile.Arn?.slice(profile.Arn.lastIndexOf("/") + 1) ?? "";
  const role = account.roles.get(account.profiles.get(name)?.role ?? "");
  return role === undefined ? [] : [passing(iamArnOf(account, "role", role.path, role.name))];
}

interface Resource {
  readonly arn: string;
  /** Undefined for what is yet to be made. */
  readonly id: string | undefined;
}

function newResources(operation: string, context: Context): Resource[] {
  const made = operation === "RunInstances" ? "Instance" : /^Create(\w+)$/.exec(operation)?.[1];
  const type = made?.replace(/(?!^)([A-Z])/g, "-$1").toLowerCase() ?? "";
  return isTaggableType(type) ? [{ arn: arnOf(type, "*", context), id: undefined }] : [];
}

/** Everything in the input that looks like an id of a known kind. */
function namedResources(input: unknown, context: Context): Resource[] {
  if (typeof input === "string") {
    const type = /^[a-z]+(-[a-z]+)*-[0-9a-f]{8,}$/.test(input) ? typeOf(input) : "";
    return type === "" ? [] : [{ arn: arnOf(type, input, context), id: input }];
  }
  if (typeof input !== "object" || input === null || input instanceof Date) return [];
  return Object.values(input).flatMap((value) => namedResources(value, context));
}

/** Images and snapshots are of no account: others may use them. */
function arnOf(type: string, id: string, { account, region }: Context): string {
  const owner = type === "image" || type === "snapshot" ? "" : account;
  return `arn:${partitionOfRegion(region)}:ec2:${region}:${owner}:${type}/${id}`;
}

function resourceTags(id: string | undefined, context: Context): Record<string, string> {
  const tags = id === undefined ? undefined : regionOf(context).tagged(id)?.tags;
  const names = ["aws:resourcetag", "ec2:resourcetag"];
  return Object.fromEntries(
    Array.from(tags ?? [], ([key, value]) =>
      names.map((name) => [`${name}/${key.toLowerCase()}`, value]),
    ).flat(),
  );
}
