// Every call on Node's diagnostics_channel: what an OpenTelemetry instrumentation listens to.
import { tracingChannel } from "node:diagnostics_channel";
import { isCloudError } from "trivet";
import { S3 } from "trivet/aws/s3";

interface Call {
  cloud: string;
  service: string;
  operation: string;
  error?: unknown;
}

const spans: string[] = [];
const started = new WeakMap<object, number>();
tracingChannel<Call>("trivet:call").subscribe({
  start: (call) => void started.set(call, performance.now()),
  end() {},
  asyncStart() {},
  asyncEnd(call) {
    const ms = performance.now() - (started.get(call) ?? 0);
    const status = isCloudError(call.error) ? call.error.kind : "ok";
    spans.push(`${call.cloud}.${call.service}.${call.operation} ${status}`);
    console.log(spans.at(-1), `${ms.toFixed(1)} ms`);
  },
  error() {},
});

const s3 = new S3();
await s3.createBucket({ Bucket: "example-tracing" });
await s3.headObject({ Bucket: "example-tracing", Key: "nowhere" }).catch(() => undefined);
if (spans.length !== 2) throw new Error(`There are ${spans.length} spans`);
console.log(spans.join(", "));
