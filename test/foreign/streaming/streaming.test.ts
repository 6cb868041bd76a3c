/** AWS's own clients hold conversations over HTTP/2 with a server that checks their signatures by our verifiers. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { test } from "node:test";
import { type Conversation, CREDENTIALS, eventServer } from "../../../src/aws/event-server.test-support.js";

const FOLDER = resolve("test/foreign/streaming");
const installed = existsSync(`${FOLDER}/node_modules/@aws-sdk/client-transcribe-streaming`);
const skip = installed
  ? false
  : "test/foreign/streaming is not installed: AWS's own clients of event streams did not run";
const load = createRequire(`${FOLDER}/package.json`);

/** What the tests use of clients that are not a dependency of ours. */
// biome-ignore lint/suspicious/noExplicitAny: foreign clients, installed apart
type Foreign = any;

const json = (name: string) => ({
  ":message-type": "event",
  ":event-type": name,
  ":content-type": "application/json",
});

async function* list(...events: object[]): AsyncGenerator<object> {
  yield* events;
}

/** What is heard until the answers end; `heard` also when they fail. */
async function converse(
  make: (options: object) => Promise<AsyncIterable<unknown>>,
  answer: (conversation: Conversation) => Promise<void>,
  heard: unknown[] = [],
): Promise<unknown[]> {
  const server = await eventServer(answer);
  try {
    const options = {
      region: "us-east-1",
      endpoint: server.origin,
      credentials: CREDENTIALS,
      maxAttempts: 1,
    };
    for await (const event of await make(options)) heard.push(event);
    return heard;
  } finally {
    server.close();
  }
}

test("Transcribe: audio and its transcript", { skip }, async () => {
  const { TranscribeStreaming } = load("@aws-sdk/client-transcribe-streaming");
  const heads: Conversation[] = [];
  let client: Foreign;
  const heard = await converse(
    async (options) => {
      client = new TranscribeStreaming(options);
      const chunks = ["one", "two"].map((each) => ({ AudioEvent: { AudioChunk: Buffer.from(each) } }));
      const { TranscriptResultStream } = await client.startStreamTranscription({
        LanguageCode: "en-US",
        MediaEncoding: "pcm",
        MediaSampleRateHertz: 16_000,
        AudioStream: list(...chunks),
      });
      return TranscriptResultStream;
    },
    async (conversation) => {
      heads.push(conversation);
      const { begin, say, stream, events } = conversation;
      begin();
      for await (const { headers, payload } of events()) {
        assert.equal(headers[":event-type"]?.value, "AudioEvent");
        const Transcript = { Results: [{ ResultId: Buffer.from(payload).toString() }] };
        say(json("TranscriptEvent"), { Transcript });
      }
      stream.end();
    },
  );
  client.destroy();
  const ids = heard.map((each: Foreign) => each.TranscriptEvent.Transcript.Results[0].ResultId);
  assert.deepEqual(ids, ["one", "two"]);
  assert.equal(heads[0]?.signature.payloadHash, "STREAMING-AWS4-HMAC-SHA256-EVENTS");
  assert.equal(heads[0]?.signature.service, "transcribe");
});

test("Lex: text, an answer and a modelled exception", { skip }, async () => {
  const { LexRuntimeV2 } = load("@aws-sdk/client-lex-runtime-v2");
  let client: Foreign;
  const events = list({ TextInputEvent: { text: "hallo", eventId: "1" } });
  const heard: unknown[] = [];
  const conversation = converse(
    async (options) => {
      client = new LexRuntimeV2(options);
      const { responseEventStream } = await client.startConversation({
        botId: "BOT0123456",
        botAliasId: "ALIAS01234",
        localeId: "en_US",
        sessionId: "s-1",
        requestEventStream: events,
      });
      return responseEventStream;
    },
    async ({ begin, say, stream, events }) => {
      begin();
      for await (const { payload } of events()) {
        say(json("TranscriptEvent"), { transcript: JSON.parse(Buffer.from(payload).toString()).text });
      }
      say({ ":message-type": "exception", ":exception-type": "ThrottlingException" }, { message: "slower" });
      stream.end();
    },
    heard,
  );
  await assert.rejects(conversation, { name: "ThrottlingException" });
  client.destroy();
  assert.deepEqual(heard, [{ TranscriptEvent: { transcript: "hallo" } }]);
});
