/** What the three clouds share: errors, stubs, and the types of calls. */
export type { PresignOptions } from "./client/backend.js";
export type { CallInfo, CallOptions, ClientOptions, Hooks, RetryOptions } from "./client/options.js";
export { type Stub, type StubError, stub } from "./client/stub.js";
export type { TransferOptions, TransferProgress, TransferState } from "./client/transfer/options.js";
export type {
  InputOf,
  OutputOf,
  PageOptions,
  UntilDoneOptions,
  WaitOptions,
} from "./client/types.js";
export type { Body } from "./http/body.js";
export type { HttpRequest, HttpResponse, RequestBody, Transport } from "./http/message.js";
export { CloudError, type ErrorKind, isCloudError } from "./internal/cloud-error.js";
export type { CloudName } from "./internal/cloud-name.js";
