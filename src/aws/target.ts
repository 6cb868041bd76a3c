/** One call's destination: signs its attempts, and learns from their errors. */
import type { PresignOptions, Target } from "../client/backend.js";
import type { HttpRequest, HttpResponse } from "../http/message.js";
import type { CloudError } from "../internal/cloud-error.js";
import type { Resolution } from "./backend.js";
import { eventStreams } from "./event-streams.js";

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
  #attempt = 0;

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

  sign(request: HttpRequest): Promise<HttpRequest> | HttpRequest {
    this.#attempt++;
    this.#setPath(request);
    request.headers["amz-sdk-request"] = `attempt=${this.#attempt}`;
    return this.#owner.sign(request, this.#resolution);
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
    const corrected = await this.#owner.correct(error, response, this.#resolution);
    if (typeof corrected === "boolean") return corrected;
    this.#resolution = corrected;
    return true;
  }
}
