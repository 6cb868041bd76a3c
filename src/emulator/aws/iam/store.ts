/** Who there is in each account: users, roles, groups, policies; and every access key, by which requests are verified. */
import type { Clock } from "../../clock.js";
import { EmulatorError, type StoreKey } from "../../service.js";
import { ROOT_ACCESS_KEY_ID, ROOT_ACCOUNT, ROOT_SECRET_ACCESS_KEY } from "../identity.js";
import { partitionOfArn } from "../partition.js";

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export interface Boundary {
  readonly PermissionsBoundaryType: "PermissionsBoundaryPolicy";
  readonly PermissionsBoundaryArn: string;
}

/** What users, roles and groups have in common. */
export interface Principal {
  readonly id: string;
  readonly created: Date;
  name: string;
  path: string;
  readonly tags: Map<string, string>;
  /** Inline policies by name. */
  readonly inline: Map<string, string>;
  /** ARNs of managed policies. */
  readonly attached: Set<string>;
  boundary: Boundary | undefined;
}

export interface User extends Principal {
  readonly groups: Set<string>;
  login: { readonly created: Date; password: string | undefined; resetRequired: boolean } | undefined;
  /** By their ids. */
  readonly sshKeys: Map<string, UserCredential>;
  readonly certificates: Map<string, UserCredential>;
  readonly serviceCredentials: Map<string, ServiceCredential>;
}

/** A public key or a certificate of a user. */
export interface UserCredential {
  readonly id: string;
  readonly body: string;
  readonly uploaded: Date;
  status: "Active" | "Inactive";
}

export interface ServiceCredential {
  readonly id: string;
  readonly service: string;
  readonly serviceUser: string;
  readonly created: Date;
  password: string;
  status: "Active" | "Inactive";
}

export interface ServerCertificate {
  readonly id: string;
  name: string;
  path: string;
  readonly body: string;
  readonly chain: string | undefined;
  readonly uploaded: Date;
  readonly expiration: Date;
  readonly tags: Map<string, string>;
}

export interface Role extends Principal {
  trust: string;
  description: string | undefined;
  maxSessionSeconds: number;
}

export type Group = Principal;

export interface PolicyVersion {
  readonly id: string;
  readonly document: string;
  readonly created: Date;
}

export interface ManagedPolicy {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly description: string | undefined;
  readonly created: Date;
  updated: Date;
  defaultVersion: string;
  versions: PolicyVersion[];
  versionsMade: number;
  readonly tags: Map<string, string>;
}

export interface OidcProvider {
  readonly arn: string;
  readonly url: string;
  readonly created: Date;
  readonly clientIds: Set<string>;
  thumbprints: readonly string[];
  readonly tags: Map<string, string>;
}

export interface SamlProvider {
  readonly arn: string;
  readonly created: Date;
  readonly validUntil: Date;
  metadata: string;
  readonly tags: Map<string, string>;
}

export interface MfaDevice {
  /** An ARN, or the number on a device of hardware. */
  readonly serial: string;
  readonly virtual: boolean;
  readonly seed: Uint8Array;
  readonly tags: Map<string, string>;
  /** Whose it is, since when. */
  enabled: { readonly user: string; readonly at: Date } | undefined;
}

export interface InstanceProfile {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly created: Date;
  role: string | undefined;
  readonly tags: Map<string, string>;
}

/** What temporary keys were made from, and what narrows them. */
export interface Session {
  /** Whose policies they have; undefined: the root user's. */
  readonly of: { readonly kind: "user" | "role"; readonly name: string } | undefined;
  /** Undefined: nothing narrows them. */
  readonly policies?: SessionPolicies | undefined;
  readonly tags?: ReadonlyMap<string, string>;
  /** Whether a device's code was given for them. */
  readonly mfa?: boolean;
}

/** By document, or by the ARN of a managed one. */
export interface SessionPolicies {
  readonly documents: readonly string[];
  readonly arns: readonly string[];
}

/** A key pair that requests are signed with: a user's, the root user's, or a temporary one. */
export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  readonly account: string;
  /** ARN of who signs with it. */
  readonly arn: string;
  /** `AIDA...`, `AROA...:session`, or the account for its root user. */
  readonly userId: string;
  readonly userName?: string | undefined;
  readonly session?: Session | undefined;
  readonly created: Date;
  /** Of temporary keys. */
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
  /** Of S3's CreateSession: good for one directory bucket alone. */
  readonly bucketSession?: { readonly bucket: string; readonly mode: "ReadWrite" | "ReadOnly" };
  active: boolean;
  lastUsed?: { readonly at: Date; readonly service: string; readonly region: string };
}

/** What somebody last did with a service. */
export interface Activity {
  readonly at: Date;
  readonly region: string;
  /** By operation. */
  readonly actions: Map<string, { readonly at: Date; readonly region: string }>;
}

/** A report of what somebody did last, as it was when it was asked for. */
export interface AccessReport {
  readonly byAction: boolean;
  readonly created: Date;
  /** Who may use a service, and when each last did. */
  readonly services: ReadonlyMap<string, readonly EntityUse[]>;
}

export interface EntityUse {
  readonly arn: string;
  readonly kind: "USER" | "ROLE";
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly use: Activity | undefined;
}

/** The account as an issuer of tokens for others. */
export interface TokenIssuer {
  readonly url: string;
  enabled: boolean;
}

export interface Account {
  readonly id: string;
  readonly partition: string;
  readonly users: Map<string, User>;
  readonly roles: Map<string, Role>;
  readonly groups: Map<string, Group>;
  readonly policies: Map<string, ManagedPolicy>;
  /** Those that AWS manages; made when first looked at. */
  awsPolicies: Map<string, ManagedPolicy> | undefined;
  /** OpenID Connect and SAML providers and MFA devices by ARN. */
  readonly oidcProviders: Map<string, OidcProvider>;
  readonly samlProviders: Map<string, SamlProvider>;
  readonly mfaDevices: Map<string, MfaDevice>;
  readonly profiles: Map<string, InstanceProfile>;
  readonly serverCertificates: Map<string, ServerCertificate>;
  credentialReport: { readonly content: string; readonly at: Date } | undefined;
  alias: string | undefined;
  passwordPolicy: Record<string, unknown> | undefined;
  /** By id of a user or a role, then by service. */
  readonly activity: Map<string, Map<string, Activity>>;
  readonly accessReports: Map<string, AccessReport>;
  /** Of the organization that the account manages. */
  readonly organizationFeatures: Set<"RootCredentialsManagement" | "RootSessions">;
  issuer: TokenIssuer | undefined;
  globalTokenVersion: 1 | 2;
}

export class IamStore {
  readonly keys = new Map<string, AccessKey>();
  readonly #accounts = new Map<string, Account>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.keys.set(ROOT_ACCESS_KEY_ID, {
      ...rootOf(ROOT_ACCOUNT),
      id: ROOT_ACCESS_KEY_ID,
      secret: ROOT_SECRET_ACCESS_KEY,
      created: clock.date(),
      active: true,
    });
  }

  /** Accounts are there as soon as somebody names them. */
  account(id: string, partition = "aws"): Account {
    const key = `${partition} ${id}`;
    let account = this.#accounts.get(key);
    if (account === undefined) {
      account = {
        id,
        partition,
        users: new Map(),
        roles: new Map(),
        groups: new Map(),
        policies: new Map(),
        awsPolicies: undefined,
        oidcProviders: new Map(),
        samlProviders: new Map(),
        mfaDevices: new Map(),
        profiles: new Map(),
        serverCertificates: new Map(),
        credentialReport: undefined,
        alias: undefined,
        passwordPolicy: undefined,
        activity: new Map(),
        accessReports: new Map(),
        organizationFeatures: new Set(),
        issuer: undefined,
        globalTokenVersion: 1,
      };
      this.#accounts.set(key, account);
    }
    return account;
  }

  /** A new key pair that signs from now on. */
  issueKey(owner: Pick<AccessKey, "account" | "arn" | "userId" | "userName">): AccessKey {
    return this.#add({
      ...owner,
      id: newId("AKIA", 16),
      secret: newSecret(),
      created: this.#clock.date(),
      active: true,
    });
  }

  /** Temporary keys: they need their token, and expire. */
  issueSession(
    owner: Pick<AccessKey, "account" | "arn" | "userId" | "session" | "bucketSession">,
    durationSeconds: number,
  ): TemporaryKey {
    const expiration = new Date(Math.floor(this.#clock.now() / 1000 + durationSeconds) * 1000);
    const key = this.#add({
      ...owner,
      id: newId("ASIA", 16),
      secret: newSecret(),
      created: this.#clock.date(),
      sessionToken: newToken(),
      expiration,
      active: true,
    });
    return { ...key, sessionToken: key.sessionToken as string, expiration };
  }

  /** A key has signed: remembered for its last use, and for that of who has it. */
  noteUse(key: AccessKey, service: string, region: string, operation: string | undefined): void {
    const at = this.#clock.date();
    key.lastUsed = { at, service, region };
    const { activity } = this.account(key.account, partitionOfArn(key.arn));
    const id = holderId(key);
    const services = activity.get(id) ?? new Map<string, Activity>();
    const actions: Activity["actions"] = services.get(service)?.actions ?? new Map();
    if (operation !== undefined) actions.set(operation, { at, region });
    services.set(service, { at, region, actions });
    activity.set(id, services);
  }

  /** Access keys of a user, or of the root user. */
  keysOf({ id, partition }: Pick<Account, "id" | "partition">, userName: string | undefined): AccessKey[] {
    return [...this.keys.values()].filter(
      (key) =>
        key.account === id &&
        key.userName === userName &&
        key.sessionToken === undefined &&
        (userName === undefined || partitionOfArn(key.arn) === partition),
    );
  }

  #add(key: AccessKey): AccessKey {
    this.keys.set(key.id, key);
    return key;
  }
}

/** Of the user or the role behind a key: a session's has its name behind the role's id. */
export function holderId({ userId }: Pick<AccessKey, "userId">): string {
  return userId.split(":")[0] as string;
}

export interface TemporaryKey extends AccessKey {
  readonly sessionToken: string;
  readonly expiration: Date;
}

export const iamStore: StoreKey<IamStore> = { name: "aws.iam", create: ({ clock }) => new IamStore(clock) };

export function rootOf(account: string, partition = "aws"): { account: string; arn: string; userId: string } {
  return { account, arn: `arn:${partition}:iam::${account}:root`, userId: account };
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** `AIDA` and 17 more: ids of IAM. */
export function newId(prefix: string, length = 17): string {
  return prefix + randomText(length, BASE32);
}

function newSecret(): string {
  return randomText(40, BASE64);
}

/** Real tokens begin like this, which some tools look for. */
function newToken(): string {
  return `IQoJb3JpZ2luX2Vj${randomText(340, BASE64)}`;
}

/** Alphabets of 32 or 64 characters: no bias. */
function randomText(length: number, alphabet: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => alphabet[byte & (alphabet.length - 1)]).join("");
}

export const noSuchEntity = (message: string) => new EmulatorError("NoSuchEntity", message, 404);

export const alreadyExists = (message: string) => new EmulatorError("EntityAlreadyExists", message, 409);

export const deleteConflict = (what: string) =>
  new EmulatorError("DeleteConflict", `Cannot delete entity, must ${what} first.`, 409);

export const validationError = (message: string) => new EmulatorError("ValidationError", message, 400);
