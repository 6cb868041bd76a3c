/** `trivet/azure`: sessions and credentials. Services are modules of their own: `trivet/azure/blob`. */
export type { Explanation } from "../auth/credentials.js";
export type { TokenContext, TokenSource } from "./credentials/context.js";
export {
  azureCliSource,
  azureDeveloperCliSource,
  azurePowerShellSource,
} from "./credentials/developer-tools.js";
export { environmentSource } from "./credentials/environment.js";
export {
  type AuthorizationCodeOptions,
  authorizationCodeCredential,
  type DeviceCodeOptions,
  type DeviceCodePrompt,
  deviceCodeCredential,
  type InteractiveBrowserOptions,
  interactiveBrowserCredential,
} from "./credentials/interactive.js";
export { type IdentityId, managedIdentityCredential } from "./credentials/managed-identity.js";
export { CredentialProvider } from "./credentials/provider.js";
export {
  clientAssertionCredential,
  clientCertificateCredential,
  clientSecretCredential,
  onBehalfOfCredential,
} from "./credentials/service-principal.js";
export { workloadIdentitySource } from "./credentials/workload-identity.js";
export type { AccountSasUrlOptions, BlobAccount } from "./extensions/blob.js";
export type { BlobContainer, SasUrlOptions } from "./extensions/blob-container.js";
export type {
  BlobConditions,
  BlobDownloadOptions,
  BlobObject,
  BlobUploadOptions,
} from "./extensions/blob-object.js";
export type { AzureClientOptions, CredentialOption, SessionOptions, TokenCredential } from "./options.js";
export { type AzureServices, Session } from "./session.js";
