/**
 * How a profile comes to credentials: where they start, then which roles are assumed one after the other. Pure: reads
 * sections, sends nothing. https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
 */
import type { Environment } from "../../auth/environment.js";
import type { Section } from "../config/profile-file.js";
import type { SharedFiles } from "../config/shared-files.js";
import { misconfigured } from "./context.js";

export interface StaticPlan {
  readonly kind: "static";
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly accountId?: string;
}

export interface NamedPlan {
  readonly kind: "named";
  readonly source: "Environment" | "EcsContainer" | "Ec2InstanceMetadata";
}

export interface WebIdentityPlan {
  readonly kind: "web identity";
  readonly roleArn: string;
  readonly tokenFile: string;
  readonly sessionName?: string;
}

export interface SsoPlan {
  readonly kind: "sso";
  /** Name of the `[sso-session]`; absent in the legacy form. */
  readonly session?: string;
  readonly region: string;
  readonly startUrl: string;
  /** Both absent: the profile gives a bearer token, not credentials. */
  readonly accountId?: string;
  readonly roleName?: string;
}

export interface LoginPlan {
  readonly kind: "login";
  readonly session: string;
}

export interface ProcessPlan {
  readonly kind: "process";
  readonly command: string;
  readonly accountId?: string;
}

export type BasePlan = StaticPlan | NamedPlan | WebIdentityPlan | SsoPlan | LoginPlan | ProcessPlan;

export interface RoleStep {
  readonly roleArn: string;
  readonly sessionName?: string;
  readonly externalId?: string;
  readonly mfaSerial?: string;
  readonly durationSeconds?: number;
}

export interface ProfilePlan {
  readonly base: BasePlan;
  /** In the order in which they are assumed. */
  readonly roles: readonly RoleStep[];
}

/** The plan of a profile: roles first, then whatever the profile itself holds. */
export function planProfile(files: SharedFiles, name: string): ProfilePlan {
  if (files.profile(name) === undefined) {
    throw misconfigured(`Cannot find profile "${name}"`);
  }
  const base = planRoles(files, name) ?? basePlan(files, name);
  if (base === undefined) throw misconfigured(`Cannot get credentials: profile "${name}" has none`);
  return "roles" in base ? base : { base, roles: [] };
}

/** The plan of a profile with a `role_arn` to assume; undefined for other profiles. */
export function planRoles(files: SharedFiles, name: string): ProfilePlan | undefined {
  return rolesOf(files, name, [name]);
}

function rolesOf(files: SharedFiles, name: string, visited: readonly string[]): ProfilePlan | undefined {
  const profile = files.profile(name) ?? {};
  if (profile.role_arn === undefined || profile.web_identity_token_file !== undefined) return undefined;
  const { source_profile: source, credential_source: named } = profile;
  const step = roleStep(profile);
  if (source !== undefined && named !== undefined) {
    throw misconfigured(
      `Cannot assume role: profile "${name}" has both source_profile and credential_source`,
    );
  }
  if (named !== undefined) return { base: namedPlan(name, named), roles: [step] };
  if (source === undefined) {
    throw misconfigured(`Cannot assume role: profile "${name}" has no source_profile or credential_source`);
  }
  const before = sourceOf(files, name, source, visited);
  return { base: before.base, roles: [...before.roles, step] };
}

function sourceOf(files: SharedFiles, name: string, source: string, visited: readonly string[]): ProfilePlan {
  const profile = files.profile(source);
  if (profile === undefined) {
    throw misconfigured(
      `Cannot assume role: profile "${name}" names source_profile "${source}", which does not exist`,
    );
  }
  // A profile may be its own source: its static keys then assume its role.
  if (visited.includes(source) && !(source === name && hasStaticKeys(profile))) {
    throw misconfigured(`Cannot assume role: profiles form a loop: ${[...visited, source].join(" -> ")}`);
  }
  // As in botocore, static keys of a source profile win over its role.
  const base = hasStaticKeys(profile) ? basePlan(files, source) : undefined;
  if (base !== undefined) return { base, roles: [] };
  const plan = rolesOf(files, source, [...visited, source]);
  if (plan !== undefined) return plan;
  const held = basePlan(files, source);
  if (held === undefined)
    throw misconfigured(`Cannot assume role: source_profile "${source}" has no credentials`);
  return { base: held, roles: [] };
}

function roleStep(profile: Section): RoleStep {
  const seconds = Number(profile.duration_seconds);
  return {
    roleArn: profile.role_arn as string,
    ...(profile.role_session_name !== undefined && { sessionName: profile.role_session_name }),
    ...(profile.external_id !== undefined && { externalId: profile.external_id }),
    ...(profile.mfa_serial !== undefined && { mfaSerial: profile.mfa_serial }),
    ...(Number.isInteger(seconds) && seconds > 0 && { durationSeconds: seconds }),
  };
}

function namedPlan(name: string, source: string): NamedPlan {
  if (source !== "Environment" && source !== "EcsContainer" && source !== "Ec2InstanceMetadata") {
    throw misconfigured(
      `Cannot use credential_source "${source}" of profile "${name}": it must be Environment, EcsContainer or Ec2InstanceMetadata`,
    );
  }
  return { kind: "named", source };
}

/** What a profile holds itself, in the order of the chain. */
function basePlan(files: SharedFiles, name: string): BasePlan | undefined {
  const profile = files.profile(name) ?? {};
  return (
    planWebIdentity(profile, name) ??
    planSso(files, name) ??
    planStatic(files.credentials.profiles[name], name) ??
    planLogin(profile) ??
    planProcess(profile) ??
    planStatic(files.config.profiles[name], name)
  );
}

export function planWebIdentity(profile: Section, name: string): WebIdentityPlan | undefined {
  const tokenFile = profile.web_identity_token_file;
  if (tokenFile === undefined) return undefined;
  const roleArn = profile.role_arn;
  if (roleArn === undefined) {
    throw misconfigured(`Cannot use web identity: profile "${name}" has no role_arn`);
  }
  const sessionName = profile.role_session_name;
  return { kind: "web identity", roleArn, tokenFile, ...(sessionName !== undefined && { sessionName }) };
}

/** The plan that AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME make; undefined without the first. */
export function planWebIdentityFromEnvironment({ env }: Environment): WebIdentityPlan | undefined {
  const tokenFile = env.AWS_WEB_IDENTITY_TOKEN_FILE;
  if (!tokenFile) return undefined;
  const roleArn = env.AWS_ROLE_ARN;
  if (!roleArn) throw misconfigured("Cannot use AWS_WEB_IDENTITY_TOKEN_FILE: AWS_ROLE_ARN is not set");
  const name = env.AWS_ROLE_SESSION_NAME;
  return { kind: "web identity", roleArn, tokenFile, ...(name && { sessionName: name }) };
}

const SSO_KEYS = ["sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name"];

export function planSso(files: SharedFiles, name: string): SsoPlan | undefined {
  const profile = files.profile(name) ?? {};
  if (!SSO_KEYS.some((key) => profile[key] !== undefined)) return undefined;
  const session = profile.sso_session;
  const merged =
    session === undefined ? profile : { ...profile, ...sessionOf(files, name, session, profile) };
  const {
    sso_account_id: accountId,
    sso_role_name: roleName,
    sso_region: region,
    sso_start_url: startUrl,
  } = merged;
  // With a session and neither account nor role the profile names a bearer token.
  const tokenOnly = session !== undefined && accountId === undefined && roleName === undefined;
  const required = { sso_start_url: startUrl, sso_region: region };
  const needed = tokenOnly ? required : { ...required, sso_account_id: accountId, sso_role_name: roleName };
  const missing = Object.entries(needed).flatMap(([key, value]) => (value === undefined ? [key] : []));
  if (region === undefined || startUrl === undefined || missing.length > 0) {
    throw misconfigured(`Cannot use SSO: profile "${name}" lacks ${missing.join(", ")}`);
  }
  return {
    kind: "sso",
    region,
    startUrl,
    ...(session !== undefined && { session }),
    ...(accountId !== undefined && { accountId }),
    ...(roleName !== undefined && { roleName }),
  };
}

function sessionOf(files: SharedFiles, name: string, session: string, profile: Section): Section {
  const section = files.ssoSession(session);
  if (section === undefined) {
    throw misconfigured(
      `Cannot use SSO: profile "${name}" refers to [sso-session ${session}], which does not exist`,
    );
  }
  for (const key of ["sso_region", "sso_start_url"]) {
    if (profile[key] !== undefined && profile[key] !== section[key]) {
      throw misconfigured(
        `Cannot use SSO: ${key} of profile "${name}" differs from [sso-session ${session}], where it belongs`,
      );
    }
  }
  return section;
}

function hasStaticKeys(profile: Section): boolean {
  return profile.aws_access_key_id !== undefined || profile.aws_secret_access_key !== undefined;
}

/** Keys of one file's section. A key without its secret is an error, not an absence. */
export function planStatic(section: Section | undefined, name: string): StaticPlan | undefined {
  if (section === undefined || !hasStaticKeys(section)) return undefined;
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey } = section;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const missing = accessKeyId === undefined ? "aws_access_key_id" : "aws_secret_access_key";
    throw misconfigured(`Cannot use the keys of profile "${name}": ${missing} is missing`);
  }
  const sessionToken = section.aws_session_token ?? section.aws_security_token;
  const accountId = section.aws_account_id;
  return {
    kind: "static",
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    ...(accountId !== undefined && { accountId }),
  };
}

export function planLogin(profile: Section): LoginPlan | undefined {
  const session = profile.login_session;
  return session === undefined ? undefined : { kind: "login", session };
}

export function planProcess(profile: Section): ProcessPlan | undefined {
  const command = profile.credential_process;
  const accountId = profile.aws_account_id;
  if (command === undefined) return undefined;
  return { kind: "process", command, ...(accountId !== undefined && { accountId }) };
}
