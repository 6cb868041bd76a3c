/** What Azure adds to the spine: endpoints, tokens and keys, headers, error kinds, retries. */
import type { Backend, Call, Target } from "../client/backend.js";
import type { RetryOptions } from "../client/options.js";
import { exponentialRetry } from "../client/retry/exponential.js";
import type { RequestBody } from "../http/message.js";
import { bodyLength, concatBytes, openBody } from "../http/request-body.js";
import { callId } from "../internal/call-id.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { AzureServiceTraits } from "../model/ir.js";
import type { Model, OperationModel } from "../model/model.js";
import { azureJson } from "../protocol/azure-json.js";
import { azureXml } from "../protocol/azure-xml.js";
import type { EncodedRequest, Protocol, Values } from "../protocol/protocol.js";
import { bearerTarget } from "./bearer.js";
import { hostsOf } from "./clouds.js";
import { classify } from "./errors.js";
import { armDriver } from "./long-running.js";
import type { AzureClientOptions } from "./options.js";
import type { Session } from "./session.js";
import { type StorageTarget, storageTarget } from "./storage-target.js";

const ATTEMPTS_MAX = 4;
const DELAY_MS_MAX = 20_000;
const BASE_DELAY_MS = 800;
const RETRY_AFTER_MS_MAX = 120_000;
/** Held in memory at once. */
const STREAM_BYTES_MAX = 256 * 1024 * 1024;

export interface AzureBackend extends Backend {
  /** The storage account that a client of a storage service works on. */
  storage(): StorageTarget;
}

export function azureBackend(session: Session, model: Model, options: AzureClientOptions): AzureBackend {
  const protocol = protocolOf(model);
  const traits = model.service.azure as AzureServiceTraits;
  const isStorage = traits.endpoint.includes("{account}");
  const fill = (operation: OperationModel, input: Values) => withSession(operation, input, options, session);
  let target: Target | undefined;
  let account: StorageTarget | undefined;
  const storage = (): StorageTarget => {
    account ??= storageTarget(session, traits, options, model.service.apiVersion);
    return account;
  };
  return {
    cloud: "azure",
    protocol: () => protocol,
    fill,
    storage,
    async resolve(): Promise<Target> {
      target ??= isStorage
        ? storage()
        : bearerTarget(session, managerEndpoint(session, traits, options), options);
      return target;
    },
    finish: (call, request) =>
      finish(call, request, isStorage ? (options.apiVersion ?? model.service.apiVersion) : undefined),
    classify: (_operation, error, response) => classify(error, response),
    retryStrategy: (retry: RetryOptions | undefined) =>
      exponentialRetry({
        maxAttempts: retry?.maxAttempts ?? ATTEMPTS_MAX,
        maxDelayMs: retry?.maxDelayMs ?? DELAY_MS_MAX,
        baseDelayMs: BASE_DELAY_MS,
        retryAfterMaxMs: RETRY_AFTER_MS_MAX,
        jitter: "full",
      }),
    longRunning: (operation) =>
      armDriver(operation, (input) => {
        const { path, query } = protocol.encodeRequest(operation, fill(operation, input));
        return query === "" ? path : `${path}?${query}`;
      }),
  };
}

function protocolOf(model: Model): Protocol {
  const { protocol } = model.service;
  if (protocol === "azure-xml") return azureXml;
  if (protocol === "azure-json") return azureJson;
  throw new Error(`Azure has no protocol ${protocol}`);
}

/** Members that the session knows: the subscription. */
function withSession(
  operation: OperationModel,
  input: Values,
  options: AzureClientOptions,
  session: Session,
): Values {
  const member = operation.input?.members.find(({ traits }) => traits.session === "subscriptionId");
  if (member === undefined || input[member.name] !== undefined) return input;
  const subscriptionId = options.subscriptionId ?? session.subscriptionId;
  if (subscriptionId === undefined) {
    throw invalidInput(
      `Cannot call ${operation.name}: input.${member.name} is missing. Give the session a subscriptionId or set AZURE_SUBSCRIPTION_ID`,
    );
  }
  return { ...input, [member.name]: subscriptionId };
}

interface ManagerEndpoint {
  readonly url: string;
  readonly scopes: readonly string[];
}

/** Sovereign clouds have a manager of their own, for which tokens are asked. A local endpoint answers to the public one's. */
function managerEndpoint(
  session: Session,
  traits: AzureServiceTraits,
  options: AzureClientOptions,
): ManagerEndpoint {
  const { resourceManager, audience } = hostsOf(session.authorityHost);
  return {
    url: options.endpoint ?? traits.endpoint.replace("https://management.azure.com", resourceManager),
    scopes: traits.scopes.map((scope) => scope.replace("https://management.azure.com", audience)),
  };
}

/** Headers of every request, and the length of its body, which Azure wants to know before it starts. */
async function finish(
  call: Call,
  request: EncodedRequest,
  storageVersion: string | undefined,
): Promise<EncodedRequest> {
  const { options } = call;
  const { apiVersion } = options as AzureClientOptions;
  const query =
    apiVersion !== undefined && storageVersion === undefined
      ? request.query.replace(/(^|&)api-version=[^&]*/, `$1api-version=${encodeURIComponent(apiVersion)}`)
      : request.query;
  if (call.presign) return { ...request, query };
  const headers = { ...request.headers };
  headers["x-ms-client-request-id"] ??= callId();
  headers["user-agent"] = options.appId ? `trivet/0.1 ${options.appId}` : "trivet/0.1";
  if (storageVersion !== undefined) headers["x-ms-version"] ??= storageVersion;
  let { body } = request;
  // Azure refuses chunked uploads: a stream of unknown length is read first.
  if (body !== undefined && bodyLength(body) === undefined) body = await readStream(body);
  return { ...request, query, headers, ...(body !== undefined && { body }) };
}

async function readStream(body: RequestBody): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of openBody(body)) {
    parts.push(part);
    length += part.length;
    if (length > STREAM_BYTES_MAX) {
      throw invalidInput(
        `Cannot send a stream of more than ${STREAM_BYTES_MAX} bytes in one request: upload it in blocks, as the object layer's upload does`,
      );
    }
  }
  return concatBytes(parts, length);
}
