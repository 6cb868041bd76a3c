/** Handlers of identity providers (OpenID Connect, SAML) and MFA devices. */
import type { IAM } from "../../../gen/aws/iam.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import {
  accountOf,
  addTags,
  arnOf,
  checkName,
  checkPath,
  findUser,
  page,
  removeTags,
  tagList,
  tagMap,
  userOutput,
} from "./entities.js";
import {
  alreadyExists,
  deleteConflict,
  type MfaDevice,
  noSuchEntity,
  type OidcProvider,
  type SamlProvider,
  validationError,
} from "./store.js";

const YEAR_MS = 365 * 86_400_000;
/** A time-based one-time password's secret. */
const SEED_BYTES = 40;

export const providerHandlers: Handlers<IAM> = {
  createOpenIDConnectProvider(input, context) {
    const account = accountOf(context);
    const { host, pathname } = parseUrl(input.Url);
    checkThumbprints(input.ThumbprintList ?? []);
    if ((input.ClientIDList?.length ?? 0) > CLIENT_IDS_MAX) throw tooManyClients();
    const url = `${host}${pathname.replace(/\/$/, "")}`;
    const arn = arnOf(account, "oidc-provider", "/", url);
    if (account.oidcProviders.has(arn)) throw alreadyExists(`Provider with url ${input.Url} already exists.`);
    const provider: OidcProvider = {
      arn,
      url,
      created: context.clock.date(),
      clientIds: new Set(input.ClientIDList),
      thumbprints: input.ThumbprintList ?? [],
      tags: tagMap(input.Tags),
    };
    account.oidcProviders.set(arn, provider);
    return {
      OpenIDConnectProviderArn: arn,
      Tags: provider.tags.size > 0 ? tagList(provider.tags) : undefined,
    };
  },
  getOpenIDConnectProvider(input, context) {
    const provider = findOidc(context, input.OpenIDConnectProviderArn);
    return {
      Url: provider.url,
      ClientIDList: [...provider.clientIds],
      ThumbprintList: provider.thumbprints,
      CreateDate: provider.created,
      Tags: tagList(provider.tags),
    };
  },
  listOpenIDConnectProviders: (_input, context) => ({
    OpenIDConnectProviderList: [...accountOf(context).oidcProviders.keys()].map((Arn) => ({ Arn })),
  }),
  updateOpenIDConnectProviderThumbprint(input, context) {
    checkThumbprints(input.ThumbprintList);
    findOidc(context, input.OpenIDConnectProviderArn).thumbprints = input.ThumbprintList;
    return {};
  },
  addClientIDToOpenIDConnectProvider(input, context) {
    findOidc(context, input.OpenIDConnectProviderArn).clientIds.add(input.ClientID);
    return {};
  },
  removeClientIDFromOpenIDConnectProvider(input, context) {
    findOidc(context, input.OpenIDConnectProviderArn).clientIds.delete(input.ClientID);
    return {};
  },
  /** One that is not there is no mistake. */
  deleteOpenIDConnectProvider(input, context) {
    accountOf(context).oidcProviders.delete(input.OpenIDConnectProviderArn);
    return {};
  },
  tagOpenIDConnectProvider: (input, context) =>
    addTags(findOidc(context, input.OpenIDConnectProviderArn), input.Tags),
  untagOpenIDConnectProvider: (input, context) =>
    removeTags(findOidc(context, input.OpenIDConnectProviderArn), input.TagKeys),
  listOpenIDConnectProviderTags(input, context) {
    const { items, rest } = page(tagList(findOidc(context, input.OpenIDConnectProviderArn).tags), input);
    return { Tags: items, ...rest };
  },

  createSAMLProvider(input, context) {
    const account = accountOf(context);
    const arn = arnOf(account, "saml-provider", "/", checkName("name", input.Name, 128));
    if (account.samlProviders.has(arn)) throw alreadyExists(`SAML Provider ${input.Name} already exists.`);
    const provider: SamlProvider = {
      arn,
      created: context.clock.date(),
      validUntil: new Date(context.clock.now() + 100 * YEAR_MS),
      metadata: checkMetadata(input.SAMLMetadataDocument),
      tags: tagMap(input.Tags),
    };
    account.samlProviders.set(arn, provider);
    return { SAMLProviderArn: arn, Tags: provider.tags.size > 0 ? tagList(provider.tags) : undefined };
  },
  getSAMLProvider(input, context) {
    const { metadata, created, validUntil, tags } = findSaml(context, input.SAMLProviderArn);
    return {
      SAMLMetadataDocument: metadata,
      CreateDate: created,
      ValidUntil: validUntil,
      Tags: tagList(tags),
    };
  },
  listSAMLProviders: (_input, context) => ({
    SAMLProviderList: Array.from(
      accountOf(context).samlProviders.values(),
      ({ arn, created, validUntil }) => ({
        Arn: arn,
        ValidUntil: validUntil,
        CreateDate: created,
      }),
    ),
  }),
  updateSAMLProvider(input, context) {
    const provider = findSaml(context, input.SAMLProviderArn);
    if (input.SAMLMetadataDocument !== undefined)
      provider.metadata = checkMetadata(input.SAMLMetadataDocument);
    return { SAMLProviderArn: provider.arn };
  },
  tagSAMLProvider: (input, context) => addTags(findSaml(context, input.SAMLProviderArn), input.Tags),
  untagSAMLProvider: (input, context) => removeTags(findSaml(context, input.SAMLProviderArn), input.TagKeys),
  listSAMLProviderTags(input, context) {
    const { items, rest } = page(tagList(findSaml(context, input.SAMLProviderArn).tags), input);
    return { Tags: items, ...rest };
  },
  deleteSAMLProvider(input, context) {
    const { arn } = findSaml(context, input.SAMLProviderArn);
    accountOf(context).samlProviders.delete(arn);
    return {};
  },
};

export const mfaHandlers: Handlers<IAM> = {
  createVirtualMFADevice(input, context) {
    const account = accountOf(context);
    const name = checkName("virtualMFADeviceName", input.VirtualMFADeviceName, 226);
    const serial = arnOf(account, "mfa", checkPath(input.Path), name);
    if (account.mfaDevices.has(serial)) {
      throw alreadyExists("MFADevice entity at the same path and name already exists.");
    }
    const device: MfaDevice = {
      serial,
      virtual: true,
      seed: crypto.getRandomValues(new Uint8Array(SEED_BYTES)),
      tags: tagMap(input.Tags),
      enabled: undefined,
    };
    account.mfaDevices.set(serial, device);
    return {
      VirtualMFADevice: {
        SerialNumber: serial,
        Base32StringSeed: Buffer.from(base32(device.seed)),
        Tags: device.tags.size > 0 ? tagList(device.tags) : undefined,
      },
    };
  },
  deleteVirtualMFADevice(input, context) {
    const device = findDevice(context, input.SerialNumber);
    if (device.enabled !== undefined) throw deleteConflict("deactivate MFA device");
    accountOf(context).mfaDevices.delete(device.serial);
    return {};
  },
  /** Any two different codes do: nobody here has the device. */
  enableMFADevice(input, context) {
    const account = accountOf(context);
    const user = findUser(account, input.UserName);
    const device = account.mfaDevices.get(input.SerialNumber) ?? hardwareDevice(input.SerialNumber);
    if (device.enabled !== undefined) throw alreadyExists(`MFA Device is already in use: ${device.serial}`);
    checkCodes(input);
    device.enabled = { user: user.name, at: context.clock.date() };
    account.mfaDevices.set(device.serial, device);
    return {};
  },
  deactivateMFADevice(input, context) {
    const device = findDevice(context, input.SerialNumber);
    if (input.UserName !== undefined) {
      const user = findUser(accountOf(context), input.UserName);
      if (device.enabled?.user !== user.name) throw noSuchDevice(device.serial);
    }
    device.enabled = undefined;
    if (!device.virtual) accountOf(context).mfaDevices.delete(device.serial);
    return {};
  },
  resyncMFADevice(input, context) {
    findUser(accountOf(context), input.UserName);
    findDevice(context, input.SerialNumber);
    checkCodes(input);
    return {};
  },
  getMFADevice(input, context) {
    const { serial, enabled } = findDevice(context, input.SerialNumber);
    if (input.UserName !== undefined && enabled?.user !== input.UserName) throw noSuchDevice(serial);
    return { UserName: enabled?.user, SerialNumber: serial, EnableDate: enabled?.at };
  },
  tagMFADevice: (input, context) => addTags(findDevice(context, input.SerialNumber), input.Tags),
  untagMFADevice: (input, context) => removeTags(findDevice(context, input.SerialNumber), input.TagKeys),
  listMFADeviceTags(input, context) {
    const { items, rest } = page(tagList(findDevice(context, input.SerialNumber).tags), input);
    return { Tags: items, ...rest };
  },
  listMFADevices(input, context) {
    const account = accountOf(context);
    if (input.UserName !== undefined) findUser(account, input.UserName);
    const own = [...account.mfaDevices.values()].filter(
      ({ enabled }) => enabled !== undefined && (input.UserName ?? enabled.user) === enabled.user,
    );
    const { items, rest } = page(own, input);
    return {
      MFADevices: items.map(({ serial, enabled }) => ({
        UserName: enabled?.user ?? "",
        SerialNumber: serial,
        EnableDate: enabled?.at ?? new Date(0),
      })),
      ...rest,
    };
  },
  listVirtualMFADevices(input, context) {
    const account = accountOf(context);
    const { AssignmentStatus: status = "Any" } = input;
    const wanted = [...account.mfaDevices.values()].filter(
      ({ enabled, virtual }) =>
        virtual && (status === "Any" || (status === "Assigned") === (enabled !== undefined)),
    );
    const { items, rest } = page(wanted, input);
    return {
      VirtualMFADevices: items.map(({ serial, enabled }) => {
        const user = enabled && account.users.get(enabled.user);
        return {
          SerialNumber: serial,
          User: user && userOutput(account, user),
          EnableDate: enabled?.at,
        };
      }),
      ...rest,
    };
  },
};

function findOidc(context: Context, arn: string): OidcProvider {
  const provider = accountOf(context).oidcProviders.get(arn);
  if (provider === undefined) throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
  return provider;
}

function findSaml(context: Context, arn: string): SamlProvider {
  const provider = accountOf(context).samlProviders.get(arn);
  if (provider === undefined) throw noSuchEntity(`Manifest not found for arn ${arn}`);
  return provider;
}

function findDevice(context: Context, serial: string): MfaDevice {
  const device = accountOf(context).mfaDevices.get(serial);
  if (device === undefined) throw noSuchDevice(serial);
  return device;
}

/** One of hardware is known from when it is enabled. */
function hardwareDevice(serial: string): MfaDevice {
  if (serial.startsWith("arn:")) throw noSuchDevice(serial);
  return { serial, virtual: false, seed: new Uint8Array(0), tags: new Map(), enabled: undefined };
}

function checkCodes(input: {
  readonly AuthenticationCode1: string;
  readonly AuthenticationCode2: string;
}): void {
  const { AuthenticationCode1: one, AuthenticationCode2: two } = input;
  if (/^\d{6}$/.test(one) && /^\d{6}$/.test(two) && one !== two) return;
  throw new EmulatorError("InvalidAuthenticationCode", "Authentication code for device is not valid.", 403);
}

function noSuchDevice(serial: string): EmulatorError {
  return noSuchEntity(`MFA Device with serial number ${serial} does not exist.`);
}

function parseUrl(text: string): URL {
  if (!/^https?:\/\/\S+$/.test(text) || !URL.canParse(text))
    throw validationError("Invalid Open ID Connect Provider URL");
  return new URL(text);
}

function checkMetadata(document: string): string {
  if (document.length >= 1000 && document.trimStart().startsWith("<")) return document;
  throw validationError("Could not parse metadata");
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function base32(bytes: Uint8Array): string {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]).join("");
}

const CLIENT_IDS_MAX = 100;

function tooManyClients(): EmulatorError {
  return new EmulatorError(
    "LimitExceeded",
    `Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${CLIENT_IDS_MAX}`,
    409,
  );
}

function checkThumbprints(thumbprints: readonly string[]): void {
  if (thumbprints.length > 5)
    throw new EmulatorError("InvalidInput", "Thumbprint list must contain fewer than 5 entries.", 400);
}
