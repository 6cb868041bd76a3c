import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { emptyEnvironment } from "../auth/environment.js";
import type { Transport } from "../http/message.js";
import { type NodeTransportOptions, nodeTransport } from "../http/node-transport.js";
import { type CloudError, isCloudError } from "../internal/cloud-error.js";
import type { ServiceModel } from "../model/ir.js";
import { pack } from "../model/pack.js";
import { decodeMessage, encodeMessage } from "../protocol/codec/event-stream.js";
import { type Conversation, CREDENTIALS, eventServer, message } from "./event-server.test-support.js";
import { protocolOf } from "./protocols.js";
import { awsService } from "./service.js";
import { Session } from "./session.js";

type Event = Record<string, Record<string, unknown>>;
type Output = Record<string, AsyncIterable<Event>>;
type Service = Record<string, (input: object, options?: object) => Promise<Output>> & {
  readonly errors: Record<string, { [Symbol.hasInstance](value: unknown): boolean }>;
};

function client(
  id: string,
  endpoint: string,
  options: NodeTransportOptions = {},
  around = (transport: Transport) => transport,
): Service {
  const model = JSON.parse(readFileSync(`models/aws/${id}.json`, "utf8")) as ServiceModel;
  const rules = readFileSync(`models/aws/rules/${model.service.aws?.rules}.json`, "utf8");
  const session = new Session({
    region: "eu-west-1",
    credentials: CREDENTIALS,
    environment: emptyEnvironment(),
    transport: around(nodeTransport({ env: {}, ...options })),
    disableHostPrefixInjection: true,
  });
  return session.client(awsService(pack(model), rules, protocolOf(model.service)), { endpoint }) as Service;
}

const IDS = { botId: "BOT0123456", botAliasId: "ALIAS01234", localeId: "en_US", sessionId: "s-1" };

/** Events that a test sends when it wants to. */
class Queue implements AsyncIterable<Event> {
  readonly #events: (Event | undefined)[] = [];
  #wake: () => void = () => undefined;

  push(event: Event | undefined): void {
    this.#events.push(event);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event> {
    for (;;) {
      while (this.#events.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const event = this.#events.shift();
      if (event === undefined) return;
      yield event;
    }
  }
}

const text = (said: string): Event => ({ TextInputEvent: { text: said } });
const type = (name: string) => ({
  ":message-type": "event",
  ":event-type": name,
  ":content-type": "application/json",
});
const exception = (name: string) => ({ ":message-type": "exception", ":exception-type": name });

async function echo({ begin, events, say, stream }: Conversation): Promise<void> {
  begin();
  for await (const { payload } of events()) {
    const { text: said } = JSON.parse(new TextDecoder().decode(payload)) as { text: string };
    if (said === "forbidden") {
      say(exception("AccessDeniedException"), { message: "not that" });
      break;
    }
    say(type("TranscriptEvent"), { transcript: `heard ${said}` });
  }
  stream.end();
}

async function failureOf(work: Promise<unknown>): Promise<CloudError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(isCloudError(error), `failed with ${String(error)}`);
  return error;
}

async function all(events: AsyncIterable<Event> | undefined): Promise<Event[]> {
  const seen: Event[] = [];
  for await (const event of events ?? []) seen.push(event);
  return seen;
}

for (const tls of [false, true]) {
  test(`both ways over HTTP/2${tls ? " and TLS" : ""}: answers come while the input is being sent`, async () => {
    const heads: Conversation[] = [];
    const server = await eventServer(
      (conversation) => {
        heads.push(conversation);
        return echo(conversation);
      },
      { tls },
    );
    try {
      const lex = client("lexv2-runtime", server.origin, { ca: server.ca });
      const input = new Queue();
      const calling = lex.startConversation?.({
        ...IDS,
        conversationMode: "TEXT",
        requestEventStream: input,
      });
      const { responseEventStream } = await (calling as Promise<Output>);
      const heard: unknown[] = [];
      input.push(text("one"));
      for await (const event of responseEventStream as AsyncIterable<Event>) {
        heard.push(event);
        input.push(heard.length === 1 ? text("twö") : undefined);
      }
      assert.deepEqual(heard, [
        { TranscriptEvent: { transcript: "heard one" } },
        { TranscriptEvent: { transcript: "heard twö" } },
      ]);
      const [head] = heads;
      assert.equal(head?.signature.payloadHash, "STREAMING-AWS4-HMAC-SHA256-EVENTS");
      assert.equal(head?.signature.service, "lex");
      assert.equal(head?.headers["content-type"], "application/vnd.amazon.eventstream");
      assert.equal(head?.headers["x-amz-lex-conversation-mode"], "TEXT");
      assert.equal(
        head?.path,
        "/bots/BOT0123456/botAliases/ALIAS01234/botLocales/en_US/sessions/s-1/conversation",
      );
    } finally {
      server.close();
    }
  });
}

test("an exception among the events is thrown as the modelled error", async () => {
  const server = await eventServer(echo);
  try {
    const lex = client("lexv2-runtime", server.origin);
    const input = new Queue();
    input.push(text("one"));
    input.push(text("forbidden"));
    const output = await lex.startConversation?.({ ...IDS, requestEventStream: input });
    const error = await failureOf(all(output?.responseEventStream));
    assert.equal(error.code, "AccessDeniedException");
    assert.equal(error.kind, "accessDenied");
    assert.equal(error.message, "not that");
    assert.equal(error.status, 403);
    assert.deepEqual(
      [error.cloud, error.service, error.operation],
      ["aws", "lexv2-runtime", "StartConversation"],
    );
    assert.ok(error instanceof (lex.errors.AccessDeniedException as never));
  } finally {
    server.close();
  }
});

test("bedrock: an exception has its shape's code, whatever the stream calls it", async () => {
  const server = await eventServer(async ({ begin, say, stream, path }) => {
    assert.equal(path, "/model/m-1/invoke-with-bidirectional-stream");
    begin();
    say(exception("throttlingException"), { message: "slower" });
    stream.end();
  });
  try {
    const bedrock = client("bedrock-runtime", server.origin);
    const body = new Queue();
    const output = await bedrock.invokeModelWithBidirectionalStream?.({ modelId: "m-1", body });
    const error = await failureOf(all(output?.body));
    assert.deepEqual([error.code, error.kind], ["ThrottlingException", "throttled"]);
  } finally {
    server.close();
  }
});

test("a head that is refused fails the call, and is not sent again", async () => {
  let heads = 0;
  const server = await eventServer(async ({ stream }) => {
    heads++;
    stream.respond({ ":status": 503, "x-amzn-errortype": "ServiceUnavailableException" });
    stream.end('{"message":"later"}');
  });
  try {
    const lex = client("lexv2-runtime", server.origin);
    const call = lex.startConversation?.({ ...IDS, requestEventStream: new Queue() });
    const error = await failureOf(call as Promise<Output>);
    assert.deepEqual(
      [error.code, error.kind, error.attempts],
      ["ServiceUnavailableException", "unavailable", 1],
    );
    assert.equal(heads, 1);
  } finally {
    server.close();
  }
});

test("input that fails, or is no event of the model, ends both streams with its error", async () => {
  const server = await eventServer(echo);
  try {
    const lex = client("lexv2-runtime", server.origin);
    async function* failing(): AsyncGenerator<Event> {
      yield text("one");
      throw new Error("microphone unplugged");
    }
    const failed = async (events: AsyncIterable<Event>) =>
      failureOf(
        (async () =>
          all(
            (await lex.startConversation?.({ ...IDS, requestEventStream: events }))?.responseEventStream,
          ))(),
      );
    const error = await failed(failing());
    assert.equal(error.code, "RequestBodyFailed");
    assert.match(error.message, /microphone unplugged/);
    const unknown = new Queue();
    unknown.push({ Nonsense: {} });
    const refused = await failed(unknown);
    assert.equal(refused.kind, "invalidInput");
    assert.match(refused.message, /TextInputEvent/);
  } finally {
    server.close();
  }
});

test("abort closes the stream; so does leaving the output's loop", async () => {
  const CANCEL = 8;
  let closed: Promise<unknown> = Promise.resolve();
  let stream: Conversation["stream"] | undefined;
  const server = await eventServer((conversation) => {
    stream = conversation.stream;
    closed = once(conversation.stream, "close");
    return echo(conversation);
  });
  try {
    const lex = client("lexv2-runtime", server.origin);
    const open = async (signal?: AbortSignal) => {
      const input = new Queue();
      input.push(text("one"));
      const output = await lex.startConversation?.({ ...IDS, requestEventStream: input }, { signal });
      return output?.responseEventStream as AsyncIterable<Event>;
    };
    const abort = new AbortController();
    const error = await failureOf(
      (async () => {
        for await (const _ of await open(abort.signal)) abort.abort();
      })(),
    );
    assert.equal(error.kind, "aborted");
    await closed;
    assert.equal(stream?.rstCode, CANCEL);
    for await (const _ of await open()) break;
    await closed;
  } finally {
    server.close();
  }
});

/** Says something else in every event but the first. */
function altering(inner: Transport): Transport {
  async function* altered(frames: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let index = 0;
    for await (const frame of frames) {
      const { headers, payload } = decodeMessage(frame);
      if (index++ > 0) payload[payload.length - 10] = 0;
      yield encodeMessage({ headers, payload });
    }
  }
  return {
    send: (request, options) =>
      inner.send({ ...request, body: altered(request.body as AsyncIterable<Uint8Array>) }, options),
  };
}

test("an event altered on its way is refused", async () => {
  const server = await eventServer(echo);
  try {
    const lex = client("lexv2-runtime", server.origin, {}, altering);
    const input = new Queue();
    for (const said of ["one", "two"]) input.push(text(said));
    const output = await lex.startConversation?.({ ...IDS, requestEventStream: input });
    const error = await failureOf(all(output?.responseEventStream));
    assert.equal(error.code, "InvalidSignatureException");
    assert.match(error.message, /altered/);
  } finally {
    server.close();
  }
});

/** HTTP/1.1 answers with these frames and the content type of event streams. */
async function answering(
  frames: readonly Uint8Array[],
  run: (origin: string) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, {
      "content-type": "application/vnd.amazon.eventstream",
      "x-amzn-requestid": "r-1",
    });
    // In pieces that end within frames.
    const bytes = Buffer.concat(frames);
    response.write(bytes.subarray(0, 7));
    response.end(bytes.subarray(7));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await run(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const octets = (name: string) => ({ ...type(name), ":content-type": "application/octet-stream" });
const bytes = (value: string) => new TextEncoder().encode(value);

test("answers alone stream over HTTP/1.1: S3, Lambda, Kinesis, Bedrock, CloudWatch Logs", async () => {
  const cases = [
    {
      id: "s3",
      call: "selectObjectContent",
      input: {
        Bucket: "b-1",
        Key: "k",
        Expression: "SELECT 1",
        ExpressionType: "SQL",
        InputSerialization: { CSV: {} },
        OutputSerialization: { CSV: {} },
      },
      member: "Payload",
      frames: [message(octets("Records"), "a,b\n"), message(type("End"), "")],
      events: [{ Records: { Payload: bytes("a,b\n") } }, { End: {} }],
    },
    {
      id: "lambda",
      call: "invokeWithResponseStream",
      input: { FunctionName: "f" },
      member: "EventStream",
      frames: [message(octets("PayloadChunk"), "hello"), message(type("InvokeComplete"), "{}")],
      events: [{ PayloadChunk: { Payload: bytes("hello") } }, { InvokeComplete: {} }],
    },
    {
      id: "kinesis",
      call: "subscribeToShard",
      input: {
        ConsumerARN: "arn:aws:kinesis:eu-west-1:1:stream/s/consumer/c:1",
        ShardId: "s",
        StartingPosition: { Type: "LATEST" },
      },
      member: "EventStream",
      frames: [
        message(type("initial-response"), "{}"),
        message(
          type("SubscribeToShardEvent"),
          '{"Records":[],"ContinuationSequenceNumber":"1","MillisBehindLatest":0}',
        ),
      ],
      events: [
        { SubscribeToShardEvent: { Records: [], ContinuationSequenceNumber: "1", MillisBehindLatest: 0 } },
      ],
    },
    {
      id: "bedrock-runtime",
      call: "converseStream",
      input: { modelId: "m" },
      member: "stream",
      frames: [message(type("messageStart"), '{"role":"assistant"}')],
      events: [{ messageStart: { role: "assistant" } }],
    },
    {
      id: "logs",
      call: "startLiveTail",
      input: { logGroupIdentifiers: ["arn:aws:logs:eu-west-1:1:log-group:g"] },
      member: "responseStream",
      frames: [message(type("initial-response"), "{}"), message(type("sessionStart"), '{"requestId":"q"}')],
      events: [{ sessionStart: { requestId: "q" } }],
    },
  ];
  for (const { id, call, input, member, frames, events } of cases) {
    await answering(frames, async (origin) => {
      const service = client(id, origin);
      const output = await service[call]?.(input);
      assert.deepEqual(await all(output?.[member]), events, id);
    });
  }
});

test("errors of streamed answers: an error event, an exception, a cut", async () => {
  const failed = async (...frames: Uint8Array[]): Promise<CloudError> => {
    let error: CloudError | undefined;
    await answering(frames, async (origin) => {
      const output = await client("bedrock-runtime", origin).converseStream?.({ modelId: "m" });
      error = await failureOf(all(output?.stream));
    });
    return error as CloudError;
  };
  const start = message(type("messageStart"), '{"role":"assistant"}');
  const said = await failed(
    start,
    message({ ":message-type": "error", ":error-code": "InternalFailure", ":error-message": "oh" }, ""),
  );
  assert.deepEqual([said.code, said.message, said.kind], ["InternalFailure", "oh", "internal"]);
  const modelled = await failed(
    message(exception("modelStreamErrorException"), '{"message":"m","originalStatusCode":500}'),
  );
  assert.equal(modelled.code, "ModelStreamErrorException");
  assert.equal((modelled as unknown as { originalStatusCode: number }).originalStatusCode, 500);
  assert.equal(modelled.requestId, "r-1");
  const cut = await failed(start, start.subarray(0, 20));
  assert.equal(cut.kind, "unavailable");
  assert.equal(cut.operation, "ConverseStream");
});
