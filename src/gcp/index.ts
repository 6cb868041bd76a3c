/** `trivet/gcp`: sessions and credentials. Services are modules of their own: `trivet/gcp/storage`. */
export type { AccessToken, Explanation } from "../auth/credentials.js";
export type { Environment } from "../auth/environment.js";
export type { BlobSigner, PolicyCondition } from "../auth/gcs-v4.js";
export type { CredentialsFile, GoogleCredentials } from "./credentials/credentials.js";
export type { CredentialsProvider } from "./credentials/provider.js";
export type { Blob, BlobConditions, BlobDownloadOptions, BlobUploadOptions } from "./extensions/blob.js";
export type { BlobListOptions, Bucket } from "./extensions/bucket.js";
export type { StorageResource } from "./extensions/storage.js";
export type { GcpClientOptions } from "./options.js";
export { type CredentialsOption, type GcpServices, Session, type SessionOptions } from "./session.js";
export type { SignedPost, SignedPostOptions, SignedUrlOptions } from "./signed-url.js";
