// Streams of events in both directions, and values without a model.
import { BedrockRuntime } from "trivet/aws/bedrock-runtime";
import { Kinesis } from "trivet/aws/kinesis";
import { LexRuntimeV2 } from "trivet/aws/lexv2-runtime";

export async function received(): Promise<void> {
  const { EventStream } = await new Kinesis().subscribeToShard({
    ConsumerARN: "arn",
    ShardId: "s",
    StartingPosition: { Type: "LATEST" },
  });
  for await (const event of EventStream) {
    const records = event.SubscribeToShardEvent?.Records;
    const data: Uint8Array | undefined = records?.[0]?.Data;
    void data;
  }
}

export async function sent(): Promise<void> {
  async function* events() {
    yield { TextInputEvent: { text: "hello" } };
  }
  const request = { botId: "b", botAliasId: "a", localeId: "en_US", sessionId: "s" };
  await new LexRuntimeV2().startConversation({ ...request, requestEventStream: events() });
  async function* wrong() {
    yield { TextInputEvent: { txt: "hello" } };
  }
  // @ts-expect-error Not an event of this stream.
  await new LexRuntimeV2().startConversation({ ...request, requestEventStream: wrong() });
}

export async function documents(): Promise<void> {
  const runtime = new BedrockRuntime();
  const output = await runtime.converse({
    modelId: "m",
    additionalModelRequestFields: { top_k: 5, nested: [{ a: null }] },
  });
  // @ts-expect-error Without a model: narrow it first.
  output.additionalModelResponseFields.top_k;
  // @ts-expect-error A function is not JSON.
  await runtime.converse({ modelId: "m", additionalModelRequestFields: { f: () => 1 } });
}
