/** Policies that a simulation leaves out: by their type, their ARN, or the name of an inline one. */
import type { IAM } from "../../../gen/aws/iam.js";
import type { Received } from "../../service.js";
import { matches, wildcards } from "../policy/pattern.js";
import { isAwsPolicy } from "./entities.js";
import type { PolicySource } from "./principal-policies.js";

type Exclusion = NonNullable<
  Received<Parameters<IAM["simulatePrincipalPolicy"]>[0]>["PolicyExclusionList"]
>[number];

/** The policies that no exclusion names; `type` where it is another than theirs by where they come from. */
export function exclude(
  policies: readonly PolicySource[],
  exclusions: readonly Exclusion[],
  type?: "permission-boundary",
): PolicySource[] {
  return policies.filter((policy) => !exclusions.some((exclusion) => names(exclusion, policy, type)));
}

function names(
  { PolicyType, PolicyArn, InlinePolicyIdentifier: inline }: Exclusion,
  { name, arn, holder }: PolicySource,
  type: string | undefined,
): boolean {
  const ownType = arn === undefined ? "inline" : isAwsPolicy(arn) ? "aws-managed" : "user-managed";
  return (
    PolicyType === (type ?? ownType) ||
    (PolicyArn !== undefined && arn !== undefined && matches(wildcards(PolicyArn), arn)) ||
    (inline !== undefined &&
      arn === undefined &&
      inline.PolicyName === name &&
      inline.AttachmentType === holder.kind &&
      matches(wildcards(inline.AttachmentName), holder.principal.name))
  );
}
