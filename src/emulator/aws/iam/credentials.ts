/** Handlers of what users have beside access keys: SSH keys, signing certificates, passwords of services; and server certificates. */
import { createHash, X509Certificate } from "node:crypto";
import type { IAM, ServiceSpecificCredential } from "../../../gen/aws/iam.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import {
  accountOf,
  addTags,
  arnOf,
  byName,
  checkName,
  checkPath,
  findUser,
  page,
  removeTags,
  tagList,
  tagMap,
} from "./entities.js";
import {
  alreadyExists,
  newId,
  noSuchEntity,
  type ServerCertificate,
  type ServiceCredential,
  type UserCredential,
} from "./store.js";

const YEAR_MS = 365 * 86_400_000;
const PER_USER_MAX = 2;
const SSH_KEYS_MAX = 5;

export const serverCertificateHandlers: Handlers<IAM> = {
  uploadServerCertificate(input, context) {
    const { serverCertificates } = accountOf(context);
    const name = checkName("serverCertificateName", input.ServerCertificateName, 128);
    if (serverCertificates.has(name)) {
      throw alreadyExists(`The Server Certificate with name ${name} already exists.`);
    }
    const certificate: ServerCertificate = {
      id: newId("ASCA"),
      name,
      path: checkPath(input.Path),
      body: input.CertificateBody,
      chain: input.CertificateChain,
      uploaded: context.clock.date(),
      expiration: expirationOf(input.CertificateBody) ?? new Date(context.clock.now() + YEAR_MS),
      tags: tagMap(input.Tags),
    };
    serverCertificates.set(name, certificate);
    return { ServerCertificateMetadata: certificateOutput(certificate, context), Tags: tagsOf(certificate) };
  },

  getServerCertificate(input, context) {
    const certificate = findCertificate(context, input.ServerCertificateName);
    return {
      ServerCertificate: {
        ServerCertificateMetadata: certificateOutput(certificate, context),
        CertificateBody: certificate.body,
        CertificateChain: certificate.chain,
        Tags: tagsOf(certificate),
      },
    };
  },

  listServerCertificates(input, context) {
    const all = byName(accountOf(context).serverCertificates.values(), input.PathPrefix);
    const { items, rest } = page(all, input);
    return { ServerCertificateMetadataList: items.map((each) => certificateOutput(each, context)), ...rest };
  },

  updateServerCertificate(input, context) {
    const { serverCertificates } = accountOf(context);
    const certificate = findCertificate(context, input.ServerCertificateName);
    const name = input.NewServerCertificateName ?? certificate.name;
    if (name !== certificate.name && serverCertificates.has(name)) {
      throw alreadyExists(`The Server Certificate with name ${name} already exists.`);
    }
    serverCertificates.delete(certificate.name);
    certificate.name = checkName("newServerCertificateName", name, 128);
    certificate.path = checkPath(input.NewPath ?? certificate.path);
    serverCertificates.set(name, certificate);
    return {};
  },

  deleteServerCertificate(input, context) {
    accountOf(context).serverCertificates.delete(findCertificate(context, input.ServerCertificateName).name);
    return {};
  },

  tagServerCertificate: (input, context) =>
    addTags(findCertificate(context, input.ServerCertificateName), input.Tags),
  untagServerCertificate: (input, context) =>
    removeTags(findCertificate(context, input.ServerCertificateName), input.TagKeys),
  listServerCertificateTags(input, context) {
    const { items, rest } = page(tagList(findCertificate(context, input.ServerCertificateName).tags), input);
    return { Tags: items, ...rest };
  },
};

export const userCredentialHandlers: Handlers<IAM> = {
  uploadSSHPublicKey(input, context) {
    const user = findUser(accountOf(context), input.UserName);
    const body = input.SSHPublicKeyBody;
    if (!/^(ssh-\w+ |-----BEGIN )/.test(body)) {
      throw new EmulatorError("InvalidPublicKey", "The specified public key is not valid.", 400);
    }
    if (user.sshKeys.size >= SSH_KEYS_MAX) throw quota("SSHPublicKeysPerUser", SSH_KEYS_MAX);
    if ([...user.sshKeys.values()].some((key) => key.body === body)) {
      throw new EmulatorError(
        "DuplicateSSHPublicKey",
        "The SSH public key is already associated with the specified IAM user.",
        400,
      );
    }
    const key = newCredential("APKA", body, context);
    user.sshKeys.set(key.id, key);
    return { SSHPublicKey: sshOutput(user.name, key) };
  },
  getSSHPublicKey(input, context) {
    const key = findCredential(context, input.UserName, "sshKeys", input.SSHPublicKeyId);
    return { SSHPublicKey: sshOutput(input.UserName, key) };
  },
  listSSHPublicKeys(input, context) {
    const user = findUser(accountOf(context), input.UserName ?? "");
    const { items, rest } = page([...user.sshKeys.values()], input);
    return {
      SSHPublicKeys: items.map(({ id, status, uploaded }) => ({
        UserName: user.name,
        SSHPublicKeyId: id,
        Status: status,
        UploadDate: uploaded,
      })),
      ...rest,
    };
  },
  updateSSHPublicKey(input, context) {
    const key = findCredential(context, input.UserName, "sshKeys", input.SSHPublicKeyId);
    key.status = input.Status as UserCredential["status"];
    return {};
  },
  deleteSSHPublicKey(input, context) {
    const { id } = findCredential(context, input.UserName, "sshKeys", input.SSHPublicKeyId);
    findUser(accountOf(context), input.UserName).sshKeys.delete(id);
    return {};
  },

  uploadSigningCertificate(input, context) {
    const user = findUser(accountOf(context), input.UserName ?? "");
    if (!input.CertificateBody.startsWith("-----BEGIN CERTIFICATE-----")) {
      throw new EmulatorError(
        "MalformedCertificate",
        `Certificate ${input.CertificateBody} is malformed`,
        400,
      );
    }
    if (user.certificates.size >= PER_USER_MAX) throw quota("CertificatesPerUser", PER_USER_MAX);
    const certificate = newCredential("", input.CertificateBody, context);
    user.certificates.set(certificate.id, certificate);
    return { Certificate: signingOutput(user.name, certificate) };
  },
  listSigningCertificates(input, context) {
    const user = findUser(accountOf(context), input.UserName ?? "");
    const { items, rest } = page([...user.certificates.values()], input);
    return { Certificates: items.map((each) => signingOutput(user.name, each)), ...rest };
  },
  updateSigningCertificate(input, context) {
    const found = findCredential(context, input.UserName ?? "", "certificates", input.CertificateId);
    found.status = input.Status as UserCredential["status"];
    return {};
  },
  deleteSigningCertificate(input, context) {
    const { id } = findCredential(context, input.UserName ?? "", "certificates", input.CertificateId);
    findUser(accountOf(context), input.UserName ?? "").certificates.delete(id);
    return {};
  },

  createServiceSpecificCredential(input, context) {
    const user = findUser(accountOf(context), input.UserName);
    if (!SERVICES.has(input.ServiceName)) {
      throw noSuchEntity(
        `No such service ${input.ServiceName} is supported for Service Specific Credentials`,
      );
    }
    const same = [...user.serviceCredentials.values()].filter(({ service }) => service === input.ServiceName);
    if (same.length >= PER_USER_MAX) throw quota("ServiceSpecificCredentialsPerUser", PER_USER_MAX);
    const credential: ServiceCredential = {
      id: newId("ACCA"),
      service: input.ServiceName,
      serviceUser: `${user.name}${same.length > 0 ? `+${same.length}` : ""}-at-${context.account}`,
      password: newPassword(),
      created: context.clock.date(),
      status: "Active",
    };
    user.serviceCredentials.set(credential.id, credential);
    return { ServiceSpecificCredential: withPassword(user.name, credential) };
  },
  listServiceSpecificCredentials(input, context) {
    const user = findUser(accountOf(context), input.UserName ?? "");
    const all = [...user.serviceCredentials.values()];
    const wanted = all.filter(({ service }) => (input.ServiceName ?? service) === service);
    const { items, rest } = page(wanted, input);
    return { ServiceSpecificCredentials: items.map((each) => serviceOutput(user.name, each)), ...rest };
  },
  updateServiceSpecificCredential(input, context) {
    findServiceCredential(context, input).status = input.Status as UserCredential["status"];
    return {};
  },
  resetServiceSpecificCredential(input, context) {
    const credential = findServiceCredential(context, input);
    credential.password = newPassword();
    return { ServiceSpecificCredential: withPassword(input.UserName ?? "", credential) };
  },
  deleteServiceSpecificCredential(input, context) {
    const { id } = findServiceCredential(context, input);
    findUser(accountOf(context), input.UserName ?? "").serviceCredentials.delete(id);
    return {};
  },
};

const SERVICES: ReadonlySet<string> = new Set([
  "codecommit.amazonaws.com",
  "cassandra.amazonaws.com",
  "bedrock.amazonaws.com",
]);

/** When it ends, if it is a certificate: tests upload any text, and are not held to more. */
function expirationOf(body: string): Date | undefined {
  try {
    return new Date(new X509Certificate(body).validTo);
  } catch {
    return undefined;
  }
}

function findCertificate(context: Context, name: string): ServerCertificate {
  const certificate = accountOf(context).serverCertificates.get(name);
  if (certificate !== undefined) return certificate;
  throw noSuchEntity(`The Server Certificate with name ${name} cannot be found.`);
}

function certificateOutput(certificate: ServerCertificate, context: Context) {
  return {
    Path: certificate.path,
    ServerCertificateName: certificate.name,
    ServerCertificateId: certificate.id,
    Arn: arnOf(accountOf(context), "server-certificate", certificate.path, certificate.name),
    UploadDate: certificate.uploaded,
    Expiration: certificate.expiration,
  };
}

function tagsOf({ tags }: ServerCertificate) {
  return tags.size > 0 ? tagList(tags) : undefined;
}

function newCredential(prefix: string, body: string, context: Context): UserCredential {
  return {
    id: newId(prefix, prefix === "" ? 32 : 16),
    body,
    status: "Active",
    uploaded: context.clock.date(),
  };
}

function findCredential(
  context: Context,
  userName: string,
  kind: "sshKeys" | "certificates",
  id: string,
): UserCredential {
  const found = findUser(accountOf(context), userName)[kind].get(id);
  if (found !== undefined) return found;
  const what = kind === "sshKeys" ? "Public Key" : "Certificate";
  throw noSuchEntity(`The ${what} with id ${id} cannot be found.`);
}

function findServiceCredential(
  context: Context,
  input: { readonly UserName?: string; readonly ServiceSpecificCredentialId: string },
): ServiceCredential {
  const id = input.ServiceSpecificCredentialId;
  const found = findUser(accountOf(context), input.UserName ?? "").serviceCredentials.get(id);
  if (found === undefined) throw noSuchEntity(`No such credential ${id} exists`);
  return found;
}

function sshOutput(userName: string, { id, body, status, uploaded }: UserCredential) {
  const bytes = Buffer.from(body.split(" ")[1] ?? body, "base64");
  const digest = createHash("md5").update(bytes).digest("hex");
  return {
    UserName: userName,
    SSHPublicKeyId: id,
    Fingerprint: digest.replace(/(..)(?=.)/g, "$1:"),
    SSHPublicKeyBody: body,
    Status: status,
    UploadDate: uploaded,
  };
}

function signingOutput(userName: string, { id, body, status, uploaded }: UserCredential) {
  return {
    UserName: userName,
    CertificateId: id,
    CertificateBody: body,
    Status: status,
    UploadDate: uploaded,
  };
}

function serviceOutput(userName: string, credential: ServiceCredential) {
  return {
    UserName: userName,
    Status: credential.status,
    ServiceUserName: credential.serviceUser,
    CreateDate: credential.created,
    ServiceSpecificCredentialId: credential.id,
    ServiceName: credential.service,
  };
}

/** Told once: when it is made, and when it is made anew. */
function withPassword(userName: string, credential: ServiceCredential): ServiceSpecificCredential {
  return { ...serviceOutput(userName, credential), ServicePassword: credential.password };
}

function newPassword(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(33))).toString("base64");
}

function quota(name: string, max: number): EmulatorError {
  return new EmulatorError("LimitExceeded", `Cannot exceed quota for ${name}: ${max}`, 409);
}
