/** trivet's half of the oracle. */
import { readFileSync } from "node:fs";
import { emptyEnvironment } from "../../src/auth/environment.js";
import { type PostInput, presignedPost } from "../../src/aws/extensions/s3-post.js";
import type { AwsClientOptions } from "../../src/aws/options.js";
import { protocolOf } from "../../src/aws/protocols.js";
import { awsService } from "../../src/aws/service.js";
import { Session } from "../../src/aws/session.js";
import { type Client, errorCode, type ServiceClass } from "../../src/client/service.js";
import type { S3 } from "../../src/gen/aws/s3.js";
import { inProcessTransport } from "../../src/http/in-process.js";
import { urlOf } from "../../src/http/message.js";
import { readBody } from "../../src/http/request-body.js";
import { responseBodyOf } from "../../src/http/response-body.js";
import { isCloudError } from "../../src/internal/cloud-error.js";
import type { ServiceModel } from "../../src/model/ir.js";
import type { OperationModel } from "../../src/model/model.js";
import { memberPath } from "../../src/model/names.js";
import { pack } from "../../src/model/pack.js";
import type { Outcome, SentRequest } from "./compare.js";
import { tag, type Vocabulary } from "./values.js";

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** What DescribeEndpoints answers; oracle.py answers the same. */
const DISCOVERED = '{"Endpoints":[{"Address":"discovered.example.com","CachePeriodInMinutes":1440}]}';

/** oracle.py has the same. */
const NOW = new Date("2026-01-02T03:04:05Z");
const EXPIRES_IN_SECONDS = 600;

/** A session whose transport captures the request and gives the answer. */
export class Wire {
  readonly session: Session;
  #sent: SentRequest | null = null;
  #answer: Answer | undefined;
  #operation: OperationModel | undefined;

  constructor() {
    this.session = new Session({
      region: "us-east-1",
      environment: { ...emptyEnvironment(), now: () => NOW.getTime() },
      credentials: {
        accessKeyId: "AKIDEXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        sessionToken: "token",
      },
      retry: { maxAttempts: 1 },
      transport: inProcessTransport(async (request) => {
        if (this.#isDiscovery(request.headers)) {
          const headers = { "content-type": "application/x-amz-json-1.0" };
          return { status: 200, headers, body: responseBodyOf(DISCOVERED) };
        }
        this.#sent ??= {
          method: request.method,
          url: urlOf(request),
          headers: request.headers,
          body: Buffer.from(await readBody(request.body)).toString("base64"),
        };
        const { status, headers, body } = this.#answer as Answer;
        return { status, headers, body: responseBodyOf(body) };
      }),
    });
  }

  /** Clients of some services ask for their endpoint first. */
  #isDiscovery(headers: Readonly<Record<string, string>>): boolean {
    const asked = this.#operation?.service.aws?.endpointOperation;
    return (
      asked !== undefined &&
      this.#operation?.name !== asked &&
      headers["x-amz-target"]?.endsWith(`.${asked}`) === true
    );
  }

  /** From the committed model, as the build makes it. */
  client(id: string): { client: Client; words: Vocabulary } {
    const model = JSON.parse(readFileSync(`models/aws/${id}.json`, "utf8")) as ServiceModel;
    const rules = readFileSync(`models/aws/rules/${model.service.aws?.rules}.json`, "utf8");
    const Service = awsService(pack(model), rules, protocolOf(model.service)) as ServiceClass<
      Client,
      AwsClientOptions
    >;
    const enums = new Map(
      Object.entries(model.shapes).flatMap(([name, shape]) => (shape.enum ? [[name, shape.enum]] : [])),
    );
    return { client: this.session.client(Service), words: { enums, unions: new Map() } };
  }

  async presign(client: Client, operation: OperationModel, input: Record<string, unknown>): Promise<Outcome> {
    try {
      const { presign } = memberOf(client, operation) as unknown as {
        presign(input: unknown, options: { expiresInSeconds: number }): Promise<string>;
      };
      return { request: null, url: await presign(input, { expiresInSeconds: EXPIRES_IN_SECONDS }) };
    } catch (error) {
      return { request: null, ...failed(error) };
    }
  }

  async post(client: Client, input: PostInput): Promise<Outcome> {
    try {
      // The form needs a client's credentials and endpoint alone: the service's own members are of no use to it.
      const form = await presignedPost(client as unknown as S3, input, {
        expiresInSeconds: EXPIRES_IN_SECONDS,
        at: NOW,
      });
      return { request: null, post: tag(form) };
    } catch (error) {
      return { request: null, ...failed(error) };
    }
  }

  async call(
    client: Client,
    operation: OperationModel,
    input: Record<string, unknown>,
    answer: Answer,
  ): Promise<Outcome> {
    this.#sent = null;
    this.#answer = answer;
    this.#operation = operation;
    try {
      const output = tag(await drained(await memberOf(client, operation)(input)));
      return { request: this.#sent, output };
    } catch (error) {
      return { request: this.#sent, ...failed(error, operation) };
    }
  }
}

function memberOf(
  client: Client,
  { name }: OperationModel,
): (input: unknown) => Promise<Record<string, unknown>> {
  return memberPath(name).reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], client) as (
    input: unknown,
  ) => Promise<Record<string, unknown>>;
}

/** Bodies and event streams read to their end. */
async function drained(output: Record<string, unknown>): Promise<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(output)) {
    if (
      typeof value === "object" &&
      value !== null &&
      "bytes" in value &&
      typeof value.bytes === "function"
    ) {
      result[name] = await (value.bytes as () => Promise<Uint8Array>)();
    } else if (typeof value === "object" && value !== null && Symbol.asyncIterator in value) {
      const events: unknown[] = [];
      for await (const event of value as AsyncIterable<unknown>) events.push(event);
      result[name] = events;
    } else result[name] = value;
  }
  return result;
}

function failed(error: unknown, operation?: OperationModel): Omit<Outcome, "request"> {
  // Whatever goes wrong, a user gets a CloudError: nothing else is an answer.
  if (!isCloudError(error)) return { defect: String(error instanceof Error ? error.stack : error) };
  const { code, message, status, body } = error;
  if (status === undefined && body === undefined) return { exception: `${code}: ${message}` };
  // Of an error that no model has, trivet gives the body as it came: botocore has nothing to compare it with.
  const isModelled = operation?.errors.some((shape) => errorCode(shape) === code) ?? false;
  return { error: { code, message, status: status ?? null, members: isModelled ? tag(body ?? {}) : {} } };
}
