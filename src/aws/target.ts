/** One call's destination: signs its attempts, and learns from their errors. */
import type { AttemptNumber, PresignOptions, Target } from "../client/backend.js";
import { DEFAULT_IDLE_TIMEOUT_MS, type HttpRequest, type HttpResponse } from "../http/message.js";
import type { CloudError } from "../internal/cloud-error.js";
import type { Resolution } from "./backend.js";
import { eventStreams } from "./event-streams.js";
import { attemptHeader } from "./headers.js";
import { hasStreamingPayload } from "./payload.js";

/** What a target needs of its backend. */
export interface TargetOwner {
  sign(request: HttpRequest, resolution: Resolution): Promise<HttpRequest> | HttpRequest;
  presign(request: HttpRequest, resolution: Resolution, options: PresignOptions): Promise<string>;
  /** A resolution to go on with, or true to try again as it is; undefined where the error is final. */
  correct(
    error: CloudError,
    response: HttpResponse | undefined,
    resolution: Resolution,
  ): Promise<Resolution | boolean>;
}

export class AwsTarget implements Target {
  readonly #owner: TargetOwner;
  #resolution: Resolution;
  /** How much the service's clock is before ours, by the Date of an answer. */
  #aheadMs: number | undefined;

  constructor(owner: TargetOwner, resolution: Resolution) {
    this.#owner = owner;
    this.#resolution = resolution;
  }

  get origin(): string {
    return this.#resolution.endpoint.origin;
  }

  get basePath(): string {
    return this.#resolution.endpoint.basePath;
  }

  get connectTimeoutMs(): number | undefined {
    return this.#resolution.state.connectTimeoutMs;
  }

  get duplex(): boolean {
    return eventStreams(this.#resolution.call.operation).input !== undefined;
  }

  sign(request: HttpRequest, number: AttemptNumber): Promise<HttpRequest> | HttpRequest {
    this.#setPath(request);
    request.headers["amz-sdk-request"] = attemptHeader(number, this.#givesUpAt());
    return this.#owner.sign(request, this.#resolution);
  }

  /** By the service's clock, where it is known. As botocore has it, a body that streams may take any time. */
  #givesUpAt(): Date | undefined {
    const { operation, options } = this.#resolution.call;
    if (this.#aheadMs === undefined || hasStreamingPayload(operation.input)) return undefined;
    const { attemptTimeoutMs, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = options;
    return new Date(Date.now() + this.#aheadMs + (attemptTimeoutMs ?? idleTimeoutMs));
  }

  presign(request: HttpRequest, options: PresignOptions): Promise<string> {
    this.#setPath(request);
    return this.#owner.presign(request, this.#resolution, options);
  }

  /** As botocore: an endpoint's own path has no slash behind it where the operation adds nothing. */
  #setPath(request: HttpRequest): void {
    const { basePath } = this;
    if (request.path.replace(/\/$/, "") === basePath) request.path = basePath || "/";
  }

  async onError(error: CloudError, response: HttpResponse | undefined): Promise<boolean> {
    const date = Date.parse(response?.headers.date ?? "");
    if (!Number.isNaN(date)) this.#aheadMs = date - Date.now();
    const corrected = await this.#owner.correct(error, response, this.#resolution);
    if (typeof corrected === "boolean") return corrected;
    this.#resolution = corrected;
    return true;
  }
}
