/** AWS: the session and what its clients share. Services are modules of their own: `trivet/aws/s3`. */
export type { AwsCredentials, Explanation } from "../auth/credentials.js";
export type { Environment } from "../auth/environment.js";
export type { AssumeRoleInput } from "./credentials/assumed-role.js";
export type { CredentialProvider } from "./credentials/provider.js";
export type { DeviceAuthorization } from "./credentials/sso-login.js";
export type { AwsClientOptions, CredentialsOption, SessionOptions } from "./options.js";
export { type AwsServices, Session } from "./session.js";
export { type CloudFrontOptions, signCloudFrontCookies, signCloudFrontUrl } from "./signers/cloudfront.js";
export {
  type CacheTokenOptions,
  cacheAuthToken,
  type DsqlTokenOptions,
  dsqlAuthToken,
  type RdsTokenOptions,
  rdsAuthToken,
} from "./signers/database-token.js";
