/** AWS behind the spine: what happens to a call between its input and its signed attempts. */

import { signBearer } from "../auth/bearer.js";
import type { AwsCredentials } from "../auth/credentials.js";
import { UNSIGNED_CHUNKS_TRAILER } from "../auth/sigv4.js";
import type {
  AttemptNumber,
  Backend,
  Call,
  Classification,
  PresignOptions,
  RetryStrategy,
  Target,
} from "../client/backend.js";
import { addressed } from "../client/call.js";
import type { RetryOptions } from "../client/options.js";
import { inChunks } from "../http/checksum/trailer.js";
import {
  type HeaderMap,
  type HttpRequest,
  type HttpResponse,
  type RequestBody,
  type Transport,
  urlOf,
} from "../http/message.js";
import { isReplayable } from "../http/request-body.js";
import { callId } from "../internal/call-id.js";
import { type CloudError, invalidInput } from "../internal/cloud-error.js";
import type { Model, OperationModel } from "../model/model.js";
import type { DecodedError, EncodedRequest, Protocol, Values } from "../protocol/protocol.js";
import { type AuthScheme, chooseScheme } from "./auth-scheme.js";
import { bearerTokenOf } from "./bearer-token.js";
import { classify } from "./classify.js";
import type { ClientSession } from "./client-session.js";
import { type ClientState, readClientState, regionOf } from "./client-state.js";
import { Clock } from "./clock.js";
import type { CredentialProvider } from "./credentials/provider.js";
import { type Destination, Destinations } from "./destinations.js";
import type { EndpointDiscovery } from "./endpoint-discovery.js";
import { EndpointResolver, type ResolvedEndpoint } from "./endpoint-resolver.js";
import { eventStreams, withStreamErrors } from "./event-streams.js";
import { addTraceHeader, userAgent } from "./headers.js";
import type { AwsClientOptions } from "./options.js";
import type { Quirk, QuirkClient } from "./quirks/quirk.js";
import { quirksOf } from "./quirks/registry.js";
import { signPayload, trailerOf, withChecksum } from "./request-checksum.js";
import { askForChecksum, checkResponse } from "./response-checksum.js";
import { DeferredRetry, RetryShare, retryOf } from "./retry.js";
import { S3Behaviour } from "./s3/behaviour.js";
import type { ExpressSessions } from "./s3/express.js";
import { regionOf as bucketRegionOf } from "./s3/redirect.js";
import { presign, sign, signEventStream, signForm, signForRegions } from "./signing.js";
import { AwsTarget, type TargetOwner } from "./target.js";

/** Where a call goes and how it is signed. */
export interface Resolution {
  readonly call: Call;
  readonly state: ClientState;
  readonly endpoint: ResolvedEndpoint;
  readonly scheme: AuthScheme;
}

const SENT_ONCE: AttemptNumber = { attempt: 1, maxAttempts: 1 };

export interface Signing {
  readonly url: string;
  readonly service: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
  readonly at: Date;
}

export class AwsBackend implements Backend, TargetOwner {
  readonly cloud = "aws";
  readonly #session: ClientSession;
  readonly #model: Model;
  readonly #options: AwsClientOptions;
  readonly #protocol: Protocol;
  readonly #resolver: EndpointResolver;
  readonly #destinations: Destinations;
  readonly #clock: Clock;
  readonly #s3: S3Behaviour | undefined;
  readonly #resolutions = new WeakMap<Call, Resolution>();
  readonly #retryShare = new RetryShare();
  /** By region, for buckets that are not in the client's own. */
  readonly #regional = new Map<string, ClientState>();
  #reading: Promise<ClientState> | undefined;
  #state: ClientState | undefined;
  #userAgent: string | undefined;
  #express: ExpressSessions | undefined;
  #discovery: EndpointDiscovery | undefined;

  constructor(
    session: ClientSession,
    model: Model,
    rules: string,
    protocol: Protocol,
    options: AwsClientOptions,
  ) {
    this.#session = session;
    this.#protocol = protocol;
    this.#model = model;
    this.#options = options;
    this.#resolver = new EndpointResolver(model, rules);
    this.#destinations = new Destinations((operation, state) =>
      hasOwnEndpoint(operation) ? undefined : this.#resolver.membersOf(operation, state),
    );
    this.#clock = new Clock(() => session.now());
    this.#s3 = model.service.id === "s3" ? new S3Behaviour() : undefined;
  }

  protocol(): Protocol {
    return this.#protocol;
  }

  fill(operation: OperationModel, input: Values): Promise<Values> | Values {
    this.#s3?.check(input);
    const quirks = quirksOf(operation);
    return quirks.length === 0 ? input : filledBy(quirks, operation, input);
  }

  /** Settings, region and credentials: read once, when the first call needs them. */
  #ready(): Promise<ClientState> | ClientState {
    if (this.#state !== undefined) return this.#state;
    this.#reading ??= readClientState(this.#session, this.#model, this.#options).then(
      (state) => {
        this.#state = state;
        return state;
      },
      (error: unknown) => {
        this.#reading = undefined;
        throw error;
      },
    );
    return this.#reading;
  }

  resolve(call: Call): Promise<Target> | Target {
    if (this.#state === undefined) return this.#resolveNew(call);
    const state = this.#stateFor(call, this.#state);
    const known = this.#destinations.get(call.operation, call.input, state);
    if (known === undefined) return this.#resolveNew(call);
    return this.#target({ call, state, endpoint: known.endpoint, scheme: known.scheme });
  }

  async #resolveNew(call: Call): Promise<Target> {
    return this.#target(await this.#resolveIn(call, this.#stateFor(call, await this.#ready())));
  }

  #target(resolution: Resolution): Target {
    this.#resolutions.set(resolution.call, resolution);
    return new AwsTarget(this, resolution);
  }

  /** What is known of the client, in the region where S3 said that the call's bucket is. */
  #stateFor({ input }: Call, known: ClientState): ClientState {
    const region = this.#s3?.regionOf(input);
    if (region === undefined) return known;
    let state = this.#regional.get(region);
    if (state === undefined) {
      state = { ...known, region };
      this.#regional.set(region, state);
    }
    return state;
  }

  async #resolveIn(call: Call, state: ClientState): Promise<Resolution> {
    const { operation, input } = call;
    const named = inputEndpoint(call) ?? (await this.#discoveredEndpoint(operation, state));
    const endpoint = at(named, await this.#resolver.resolve(operation, input, state));
    const scheme = chooseScheme({
      operation,
      settings: state.settings,
      region: state.region ?? "us-east-1",
      offered: endpoint.schemes,
      hasToken: bearerTokenOf(this.#model, state.settings) !== undefined,
      anonymous: state.credentials === undefined,
    });
    const destination: Destination = { endpoint, scheme };
    this.#destinations.keep(operation, input, state, destination);
    return { call, state, ...destination };
  }

  async #discoveredEndpoint(operation: OperationModel, state: ClientState): Promise<string | undefined> {
    if (operation.traits.aws?.endpointDiscovery === undefined || state.endpoint !== undefined)
      return undefined;
    const { EndpointDiscovery, needsDiscovery } = await import("./endpoint-discovery.js");
    if (!needsDiscovery(operation, state.settings)) return undefined;
    this.#discovery ??= new EndpointDiscovery(
      this.#model,
      this.#protocol,
      this.#transport(),
      (discovering) =>
        this.#prepare({ operation: discovering, input: {}, options: {}, signal: undefined }, state),
      () => this.#clock.now().getTime(),
    );
    return this.#discovery.origin();
  }

  /** A request of our own, signed and ready to be sent once. */
  async #prepare(call: Call, state: ClientState): Promise<HttpRequest> {
    const target = new AwsTarget(this, await this.#resolveIn(call, state));
    const encoded = this.#protocol.encodeRequest(call.operation, call.input);
    nameApiVersion(call.operation, encoded.headers);
    return target.sign(addressed(this.#s3?.finish(call, encoded) ?? encoded, target), SENT_ONCE);
  }

  #transport(): Transport {
    return this.#options.transport ?? this.#session.transport();
  }

  async finish(call: Call, encoded: EncodedRequest): Promise<EncodedRequest> {
    const { state, endpoint, scheme } = this.#resolutions.get(call) as Resolution;
    let request = this.#s3?.finish(call, encoded) ?? encoded;
    nameApiVersion(call.operation, request.headers);
    Object.assign(request.headers, endpoint.headers);
    for (const quirk of quirksOf(call.operation)) {
      if (quirk.finish) request = await quirk.finish(request, call, this.#quirkClient(state));
    }
    if (call.presign) return request;
    if (call.operation.traits.aws?.compression) {
      const { compressed } = await import("./compression.js");
      request = await compressed(request, state.settings);
    }
    request = withChecksum(call, request, state.settings, endpoint.origin.startsWith("https:"));
    askForChecksum(call, request, state.settings);
    if (this.#model.service.aws?.signatureVersion.startsWith("s3"))
      signPayload(request, state.settings, scheme.name);
    this.#addHeaders(request, state);
    if (request.hostPrefix && state.settings.get("disableHostPrefixInjection")) delete request.hostPrefix;
    return request;
  }

  #addHeaders({ headers, body }: EncodedRequest, { settings }: ClientState): void {
    this.#userAgent ??= userAgent(this.#model.service, settings.get("appId"));
    headers["user-agent"] = this.#userAgent;
    headers["amz-sdk-invocation-id"] = callId();
    addTraceHeader(headers, settings.environment.env);
    // S3 may refuse before a body goes over the wire that cannot be sent twice.
    if (this.#s3 && body !== undefined && !isReplayable(body)) headers.expect ??= "100-continue";
  }

  /** Looks at each response before it is decoded: puts the check of its checksum around the body, finds errors in successes. */
  isError(operation: OperationModel, response: HttpResponse): boolean | Promise<boolean> {
    checkResponse(operation, response);
    return this.#s3?.isError(operation, response) ?? false;
  }

  classify(operation: OperationModel, error: DecodedError, response: HttpResponse): Classification {
    return classify(operation, error, response);
  }

  output(call: Call, output: Values, response: HttpResponse): Promise<Values> | Values {
    const result = withStreamErrors(call, output, response);
    const quirks = quirksOf(call.operation);
    return quirks.length === 0 ? result : correctedBy(quirks, call, result, response);
  }

  retryStrategy(options: RetryOptions | undefined): RetryStrategy {
    const { id } = this.#model.service;
    return new DeferredRetry(() =>
      retryOf(id, options, (this.#state as ClientState).settings, this.#retryShare),
    );
  }

  /** Signs one attempt: credentials may have been renewed since the last. */
  sign(request: HttpRequest, resolution: Resolution): Promise<HttpRequest> | HttpRequest {
    const { scheme, state } = resolution;
    if (request.headers["x-amz-content-sha256"] === UNSIGNED_CHUNKS_TRAILER)
      request.body = inChunks(request.body as RequestBody, trailerOf(request.headers));
    if (scheme.name === "none") return request;
    if (scheme.name === "bearer") return this.#signBearer(request);
    if (scheme.name === "sigv4-s3express") return this.#signForExpress(request, resolution);
    const credentials = credentialsOf(state).get();
    if (eventStreams(resolution.call.operation).input !== undefined)
      return this.#signEvents(request, scheme, credentials);
    if (scheme.name === "sigv4" && !(credentials instanceof Promise)) {
      return sign(request, scheme, credentials, this.#clock.now());
    }
    return this.#signLater(request, scheme, credentials);
  }

  async #signLater(
    request: HttpRequest,
    scheme: AuthScheme,
    credentials: Promise<AwsCredentials> | AwsCredentials,
  ): Promise<HttpRequest> {
    const known = await credentials;
    if (scheme.name === "sigv2") return signForm(request, known, this.#clock.now());
    if (scheme.name === "sigv4a") return signForRegions(request, scheme, known, this.#clock.now());
    return sign(request, scheme, known, this.#clock.now());
  }

  async #signEvents(
    request: HttpRequest,
    scheme: AuthScheme,
    credentials: Promise<AwsCredentials> | AwsCredentials,
  ): Promise<HttpRequest> {
    return signEventStream(request, scheme, await credentials, () => this.#clock.now());
  }

  async #signBearer(request: HttpRequest): Promise<HttpRequest> {
    return signBearer(request, await this.#session.bearerToken(this.#model));
  }

  async #signForExpress(request: HttpRequest, resolution: Resolution): Promise<HttpRequest> {
    return sign(request, resolution.scheme, await this.#expressCredentials(resolution), this.#clock.now());
  }

  /** CreateSession itself is signed with the client's own keys: its rules offer plain sigv4. */
  async #expressCredentials({ endpoint, scheme, state }: Resolution): Promise<AwsCredentials> {
    const { ExpressSessions } = await import("./s3/express.js");
    this.#express ??= new ExpressSessions(this.#transport(), () => this.#clock.now());
    const own = await credentialsOf(state).get();
    const bucket = { url: endpoint.origin + endpoint.basePath, region: scheme.signingRegion };
    return this.#express.get(bucket, own);
  }

  async presign(request: HttpRequest, resolution: Resolution, options: PresignOptions): Promise<string> {
    const { scheme } = resolution;
    if (scheme.name === "none") return urlOf(request);
    if (scheme.name === "bearer")
      throw invalidInput("Cannot presign: a bearer token travels in a header alone");
    if (scheme.name === "sigv2")
      throw invalidInput("Cannot presign: the service's signatures are made for one call");
    const credentials = await this.#credentialsFor(resolution);
    return presign(request, scheme, credentials, { ...options, at: options.at ?? this.#clock.now() });
  }

  #credentialsFor(resolution: Resolution): Promise<AwsCredentials> | AwsCredentials {
    const { scheme, state } = resolution;
    return scheme.name === "sigv4-s3express"
      ? this.#expressCredentials(resolution)
      : credentialsOf(state).get();
  }

  /** Where a call would go, and what it would be signed with: for what is signed but is no request, as a form's policy. */
  async signingOf(operation: OperationModel, input: Values): Promise<Signing> {
    const call: Call = { operation, input, options: this.#options, signal: undefined, presign: true };
    const target = await this.resolve(call);
    const resolution = this.#resolutions.get(call) as Resolution;
    const encoded = await this.finish(call, this.#protocol.encodeRequest(operation, input));
    const { origin, path } = addressed(encoded, target);
    const { signingName, signingRegion } = resolution.scheme;
    return {
      url: origin + (path || "/"),
      service: signingName,
      region: signingRegion,
      credentials: await this.#credentialsFor(resolution),
      at: this.#clock.now(),
    };
  }

  /** The clock, the bucket's region, keys that were revoked: what an error says about the next attempt. */
  async correct(
    error: CloudError,
    response: HttpResponse | undefined,
    { call, state }: Resolution,
  ): Promise<Resolution | boolean> {
    if (response === undefined) return false;
    if (this.#clock.correct(error, response)) return true;
    if (this.#s3?.isRedirect(call, error, response)) {
      const region = bucketRegionOf(error, response) ?? (await this.#askForRegion(call, state));
      if (this.#s3.remember(call.input, region))
        return this.#resolveIn(call, this.#stateFor(call, await this.#ready()));
    }
    if (error.code === "InvalidEndpointException" && this.#discovery !== undefined) {
      this.#discovery.forget();
      return this.#resolveIn(call, await this.#ready());
    }
    if (error.code === "ExpiredToken" || error.code === "ExpiredTokenException")
      state.credentials?.invalidate();
    return false;
  }

  /** A bucket answers HEAD with its region, even where it refuses everything else. */
  async #askForRegion(call: Call, state: ClientState): Promise<string | undefined> {
    const operation = this.#model.operation("HeadBucket");
    if (operation === undefined || call.operation === operation) return undefined;
    const { Bucket } = call.input;
    const request = await this.#prepare(
      { operation, input: { Bucket }, options: {}, signal: call.signal },
      state,
    );
    const response = await this.#transport().send(request, { signal: call.signal });
    response.body.cancel();
    return response.headers["x-amz-bucket-region"];
  }

  #quirkClient(state: ClientState): QuirkClient {
    return {
      region: regionOf(state),
      presign: async (call, input, region, fields) => {
        const copy: Call = { ...call, input, presign: true };
        const resolution = await this.#resolveIn(copy, { ...state, region });
        const encoded = this.#protocol.encodeRequest(call.operation, input);
        const form = `${String(encoded.body)}&${new URLSearchParams(fields)}`;
        const target = new AwsTarget(this, resolution);
        return target.presign(addressed({ ...encoded, body: form }, target), { expiresInSeconds: 3600 });
      },
    };
  }
}

/** Answers to the discovery of endpoints depend on the API's version, which botocore tells in a header. */
function nameApiVersion({ service, name }: OperationModel, headers: HeaderMap): void {
  if (name === service.aws?.endpointOperation) headers["x-amz-api-version"] = service.apiVersion ?? "";
}

async function filledBy(quirks: readonly Quirk[], operation: OperationModel, input: Values): Promise<Values> {
  let filled = input;
  for (const quirk of quirks) {
    if (quirk.fill) filled = await quirk.fill(filled, operation);
  }
  return filled;
}

async function correctedBy(
  quirks: readonly Quirk[],
  call: Call,
  output: Values,
  response: HttpResponse,
): Promise<Values> {
  let corrected = output;
  for (const quirk of quirks) {
    if (quirk.output) corrected = await quirk.output(corrected, call, response);
  }
  return corrected;
}

/** The endpoint comes from the input itself, or from the service. */
function hasOwnEndpoint(operation: OperationModel): boolean {
  return (
    operation.traits.aws?.endpointDiscovery !== undefined ||
    quirksOf(operation).some(({ endpoint }) => endpoint !== undefined)
  );
}

function inputEndpoint({ operation, input }: Call): string | undefined {
  for (const quirk of quirksOf(operation)) {
    const endpoint = quirk.endpoint?.(input);
    if (endpoint !== undefined) return endpoint;
  }
  return undefined;
}

function at(endpoint: string | undefined, resolved: ResolvedEndpoint): ResolvedEndpoint {
  return endpoint === undefined ? resolved : { ...resolved, origin: new URL(endpoint).origin };
}

function credentialsOf({ credentials }: ClientState): CredentialProvider {
  if (credentials === undefined) throw invalidInput("Cannot sign: the client is anonymous");
  return credentials;
}
