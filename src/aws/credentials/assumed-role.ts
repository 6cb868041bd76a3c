/** `session.assumeRole(...)`: STS's AssumeRole with what its caller may say. */
import type { AwsCredentials } from "../../auth/credentials.js";
import type { CredentialContext } from "./context.js";
import { sessionName } from "./roles.js";
import { assumeRole } from "./sts.js";

/** Members of AssumeRole. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export interface AssumeRoleInput {
  readonly RoleArn: string;
  /** Default `trivet-session-<ms>`. */
  readonly RoleSessionName?: string | undefined;
  readonly ExternalId?: string | undefined;
  /** 900 to 43,200; default 3,600. */
  readonly DurationSeconds?: number | undefined;
  /** A session policy, JSON. */
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly { readonly arn?: string | undefined }[] | undefined;
  readonly SourceIdentity?: string | undefined;
  readonly SerialNumber?: string | undefined;
  readonly TokenCode?: string | undefined;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[] | undefined;
  readonly TransitiveTagKeys?: readonly string[] | undefined;
}

/** @param endpoint where the session sends all its clients, STS's among them */
export function assumedRole(
  context: CredentialContext,
  credentials: AwsCredentials,
  input: AssumeRoleInput,
  endpoint?: string | undefined,
): Promise<AwsCredentials> {
  const form: Record<string, string | number | undefined> = {
    RoleArn: input.RoleArn,
    RoleSessionName: input.RoleSessionName ?? sessionName(context),
    ExternalId: input.ExternalId,
    DurationSeconds: input.DurationSeconds,
    Policy: input.Policy,
    SourceIdentity: input.SourceIdentity,
    SerialNumber: input.SerialNumber,
    TokenCode: input.TokenCode,
  };
  input.PolicyArns?.forEach(({ arn }, index) => {
    form[`PolicyArns.member.${index + 1}.arn`] = arn;
  });
  input.Tags?.forEach(({ Key, Value }, index) => {
    form[`Tags.member.${index + 1}.Key`] = Key;
    form[`Tags.member.${index + 1}.Value`] = Value;
  });
  input.TransitiveTagKeys?.forEach((key, index) => {
    form[`TransitiveTagKeys.member.${index + 1}`] = key;
  });
  return assumeRole(context, {
    action: "AssumeRole",
    credentials,
    input: form,
    source: "assume role",
    endpoint,
  });
}
