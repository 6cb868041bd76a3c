/** A cloud in this process: three clouds' services, reached without a socket or served on a port. */

import type { Session as AwsSession, SessionOptions as AwsSessionOptions } from "../aws/index.js";
import type { Session as AzureSession, SessionOptions as AzureSessionOptions } from "../azure/index.js";
import type { Session as GcpSession, SessionOptions as GcpSessionOptions } from "../gcp/index.js";
import { inProcessTransport } from "../http/in-process.js";
import type { HttpRequest, HttpResponse, RequestBody, ResponseBody, Transport } from "../http/message.js";
import { openBody } from "../http/request-body.js";
import { bytesBody, responseBodyOf, streamBody } from "../http/response-body.js";
import { transportError } from "../http/transport-error.js";
import { awsCloud } from "./aws/cloud.js";
import { awsSession } from "./aws/session.js";
import { azureCloud } from "./azure/cloud.js";
import { azureSession } from "./azure/session.js";
import { Clock } from "./clock.js";
import { Faults } from "./faults.js";
import { gcpCloud } from "./gcp/cloud.js";
import { gcpSession } from "./gcp/session.js";
import { ConnectionReset, type Environment, handle, type PipelineResponse } from "./pipeline.js";
import { route } from "./router.js";
import type { Listening, RunningServer } from "./server.js";
import type { EmulatorError, IncomingRequest, StoreKey } from "./service.js";
import { MEMORY_LIMIT_BYTES, Memory } from "./stored-bytes.js";

export interface EmulatorOptions {
  /** Whether signatures and tokens are checked. Default true. */
  readonly verify?: boolean;
  /**
   * Whether AWS's policies are enforced: those of the users, groups and roles who call S3, EC2, IAM and STS, their boundaries
   * and sessions, policies of buckets and trust policies of roles. Who has no policy may then do nothing, the root user
   * everything. Default false: who has keys may do everything. See
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
   */
  readonly authorize?: boolean;
  /** Bytes of all objects and blobs held at once; more answer 507. Default 4 GiB. */
  readonly memoryLimitBytes?: number;
  /** Whether Azure's storage accounts keep versions of blobs. Default false, as in Azure. */
  readonly blobVersioning?: boolean;
}

export interface ListenOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

const CLOUDS = [gcpCloud, azureCloud, awsCloud] as const;

export class Emulator {
  /** The time by which states change and tokens expire. */
  readonly clock = new Clock();
  /** Failures on demand. */
  readonly faults = new Faults();
  readonly memory: Memory;
  readonly #environment: Environment;
  readonly #blobVersioning: boolean;
  readonly #stores = new Map<StoreKey<unknown>, unknown>();
  readonly #transport: Transport;
  #server: RunningServer | undefined;

  private constructor(options: EmulatorOptions) {
    this.#blobVersioning = options.blobVersioning ?? false;
    this.memory = new Memory(options.memoryLimitBytes ?? MEMORY_LIMIT_BYTES);
    this.#environment = {
      clouds: CLOUDS,
      clock: this.clock,
      memory: this.memory,
      faults: this.faults,
      verify: options.verify ?? true,
      authorize: options.authorize ?? false,
      store: (key) => this.store(key),
    };
    this.#transport = inProcessTransport((request) => this.#answerInProcess(request));
  }

  /** A new, empty cloud. Nothing is loaded before it is used. */
  static async start(options: EmulatorOptions = {}): Promise<Emulator> {
    return new Emulator(options);
  }

  /** A session on the emulated AWS, as the root user of account 000000000000 unless `options` say otherwise. */
  aws(options: AwsSessionOptions = {}): AwsSession {
    return awsSession(this, options);
  }

  /** A session on the emulated Azure, as the application that a fresh emulator has. */
  azure(options: AzureSessionOptions = {}): AzureSession {
    return azureSession(this, options);
  }

  /** A session on the emulated Google Cloud, as the default service account of project `local-project`. */
  gcp(options: GcpSessionOptions = {}): GcpSession {
    return gcpSession(this, options);
  }

  /** The transport of sessions on this emulator: real host names, no socket. */
  get transport(): Transport {
    return this.#transport;
  }

  /** @internal State by its key, made when first asked for. */
  store<T>(key: StoreKey<T>): T {
    let store = this.#stores.get(key) as T | undefined;
    if (store === undefined) {
      store = key.create({
        clock: this.clock,
        memory: this.memory,
        blobVersioning: this.#blobVersioning,
      });
      this.#stores.set(key, store);
    }
    return store;
  }

  /** Forgets all state, faults and time shifts. Servers and sessions go on. */
  reset(): void {
    this.#stores.clear();
    this.faults.clear();
    this.clock.reset();
    this.memory.reset();
  }

  /** Serves every other client over HTTP on loopback. */
  async listen(options: ListenOptions | number = {}): Promise<Listening> {
    if (this.#server !== undefined) throw new Error("Cannot listen: the emulator listens already");
    const { port = 0, host = "127.0.0.1" } = typeof options === "number" ? { port: options } : options;
    const { serve } = await import("./server.js");
    this.#server = await serve((request, refused) => this.answer(request, refused), { host, port });
    const { url } = this.#server;
    const env = Object.assign({}, ...CLOUDS.map((cloud) => cloud.environment(url)));
    return { url, port: this.#server.port, env };
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal */
  async answer(request: IncomingRequest, refused?: EmulatorError): Promise<PipelineResponse> {
    const found = route(CLOUDS, request, (key) => this.store(key));
    if (found !== undefined) return handle(this.#environment, request, found, refused);
    const message = `No service of the emulator claims ${request.method} ${request.host}${request.path}`;
    const body = JSON.stringify({ error: { code: "NotImplemented", message } });
    return { status: 501, headers: { "content-type": "application/json" }, body };
  }

  async #answerInProcess(request: HttpRequest): Promise<HttpResponse> {
    const host = new URL(request.origin).host;
    const incoming: IncomingRequest = {
      method: request.method,
      origin: request.origin,
      host,
      path: request.path,
      query: request.query,
      headers: { host, ...request.headers },
      body: incomingBody(request.body),
    };
    let response: PipelineResponse;
    try {
      response = await this.answer(incoming);
    } catch (error) {
      if (!(error instanceof ConnectionReset)) throw error;
      throw transportError("ConnectionReset", `Cannot reach ${request.origin}: connection reset (injected)`);
    }
    const { status, headers, body, cutBodyAfterBytes } = response;
    if (request.method === "HEAD") return { status, headers, body: bytesBody() };
    if (cutBodyAfterBytes === undefined) return { status, headers, body: responseBodyOf(body) };
    return { status, headers, body: streamBody(cut(body, cutBodyAfterBytes)) };
  }
}

function incomingBody(body: RequestBody | undefined): ResponseBody {
  if (body === undefined) return bytesBody();
  return body instanceof Uint8Array ? bytesBody(body) : streamBody(openBody(body));
}

/** As the client of a real server sees it when the connection ends too early. */
async function* cut(body: RequestBody | undefined, afterBytes: number): AsyncGenerator<Uint8Array> {
  let left = afterBytes;
  for await (const chunk of openBody(body ?? "")) {
    if (chunk.length > left) {
      if (left > 0) yield chunk.subarray(0, left);
      throw transportError("BodyTruncated", "The response body was cut (injected)");
    }
    left -= chunk.length;
    yield chunk;
  }
  throw transportError("BodyTruncated", "The response body was cut (injected)");
}
