/** What one cloud adds to the spine. `aws/`, `azure/` and `gcp/` each implement it once; a service never does. */

import type { HeaderMap, HttpRequest, HttpResponse } from "../http/message.js";
import type { CloudError } from "../internal/cloud-error.js";
import type { CloudName } from "../model/ir.js";
import type { Model, OperationModel } from "../model/model.js";
import type { DecodedError, EncodedRequest, Protocol, Values } from "../protocol/protocol.js";
import type { ClientOptions, RetryOptions } from "./options.js";

/** One call on its way, as the backend sees it. */
export interface Call {
  readonly operation: OperationModel;
  /** After `fill`: what is encoded. */
  readonly input: Values;
  /** Session, client and call options merged. */
  readonly options: ClientOptions;
  readonly signal: AbortSignal | undefined;
  /** The request is only to be signed into a URL: no checksums, no headers that the URL's user would have to send. */
  readonly presign?: true;
}

/** Where a call goes and how its attempts are signed. */
export interface Target {
  /** `https://host[:port]`, before `hostPrefix`. */
  readonly origin: string;
  /** Put before the encoded path: "" or `/prefix`. */
  readonly basePath: string;
  /** Where the options have none. */
  readonly connectTimeoutMs?: number | undefined;
  /** Input and output are streams that run at the same time. */
  readonly duplex?: boolean | undefined;
  /** Signs one attempt, in place or as a new request. Called for each attempt: credentials may have been renewed. */
  sign(request: HttpRequest, attempt: AttemptNumber): Promise<HttpRequest> | HttpRequest;
  /** The request as a URL that needs no credentials; absent where the auth scheme has none. */
  presign?(request: HttpRequest, options: PresignOptions): Promise<string> | string;
  /** Told each failed attempt's error: clock skew, a rejected token, another region. True: worth one more attempt at once. */
  onError?(error: CloudError, response: HttpResponse | undefined): boolean | Promise<boolean>;
}

export interface AttemptNumber {
  /** Counts from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
}

export interface PresignOptions {
  /** Default 900; the vendor's own limit is 604,800. */
  expiresInSeconds?: number | undefined;
  /** Start of validity; default now. */
  at?: Date | undefined;
  /** Signed into the URL: whoever uses it must send them with these values. EKS asks for `x-k8s-aws-id`. */
  headers?: HeaderMap | undefined;
}

export interface Backend {
  readonly cloud: CloudName;
  protocol(model: Model): Protocol;
  /** Step 1½: session values and named quirks on a copy of the input; returns it. */
  fill(operation: OperationModel, input: Values): Values | Promise<Values>;
  /** Step 3: endpoint and auth. */
  resolve(call: Call): Promise<Target> | Target;
  /** After encoding, before attempts: checksums, headers of the cloud, quirks on the request. May replace it. */
  finish(call: Call, request: EncodedRequest): EncodedRequest | Promise<EncodedRequest>;
  /** Called after the protocol decoded: quirks on the output, validation wrappers around bodies. */
  output?(call: Call, output: Values, response: HttpResponse): Values | Promise<Values>;
  /** A response of success status that is a failure all the same (S3's 200 with an error body). */
  isError?(operation: OperationModel, response: HttpResponse): boolean | Promise<boolean>;
  /** Kind, retryability and wait of an error, from the cloud's own tables. */
  classify(operation: OperationModel, error: DecodedError, response: HttpResponse): Classification;
  /** Attempts and waits: a client's, and that of each call with options of its own. A token bucket is shared by all of them. */
  retryStrategy(options: RetryOptions | undefined): RetryStrategy;
  /**
   * Whether the call may be sent again when its first sending may have taken effect (connection lost, 503). Default true,
   * as AWS's and Azure's own SDKs do; Google's storage allows it only where a precondition makes it safe.
   */
  mayRepeat?(call: Call): boolean;
  /** How `.untilDone()` follows an operation with the `lro` trait. */
  longRunning?(operation: OperationModel): LongRunningDriver;
}

/** A response as `.untilDone()` reads it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded by the operation's model, or plain JSON for a `url` that is not `decode`d. */
  readonly output: Values;
}

/** Follows a long-running operation from answer to answer. Throws a CloudError when the operation failed. */
export interface LongRunningDriver {
  /** After the operation itself answered. */
  begin(input: Values, answer: Answer): Progress;
  /** After a look at what the last `Pending` named. */
  resume(pending: Pending, answer: Answer): Progress;
}

export type Progress = { readonly done: true; readonly result: Values } | Pending;

export interface Pending {
  readonly done: false;
  /** Where to look next: an operation of the same service by wire name, or a URL on the same host. */
  readonly look:
    | { readonly operation: string; readonly input: Values }
    | { readonly url: string; readonly decode?: true };
  /** Wait that the service asked for, ms. */
  readonly retryAfterMs?: number | undefined;
  /** The driver's own notes. */
  readonly state?: unknown;
}

export interface Classification {
  readonly kind: CloudError["kind"];
  readonly code?: string;
  /** `throttling` and `transient` may be retried where the request can be repeated; false never. */
  readonly retry: "throttling" | "transient" | false;
  /** Wait that the service asks for, ms. */
  readonly retryAfterMs?: number | undefined;
}

/** One call's retry state is kept by the loop; the strategy decides. */
export interface RetryStrategy {
  readonly maxAttempts: number;
  /** Before the first attempt of a call (adaptive rate limiting waits here). */
  acquire?(signal: AbortSignal | undefined): Promise<void> | void;
  /** Wait in ms before attempt `attempt + 1`, or undefined to give up. `attempt` counts from 1. */
  next(attempt: number, failure: RetryFailure): number | undefined;
  /** After a success; `lastFailure` is that of the attempt before, where there was one. */
  success(attempt: number, lastFailure?: RetryFailure): void;
  /** After `next` gave up: wait in ms before the failure is reported. A long poll's caller would ask again at once. */
  lastWait?(attempt: number, failure: RetryFailure): number;
}

export interface RetryFailure {
  readonly error: CloudError;
  readonly retry: "throttling" | "transient";
  readonly retryAfterMs?: number | undefined;
  readonly operation: OperationModel;
}
