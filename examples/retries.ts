// A service that throttles twice and answers the third attempt, seen through the hooks.
import type { Session } from "trivet/aws";
import { S3 } from "trivet/aws/s3";
import { Emulator } from "trivet/emulator";

const cloud = await Emulator.start();
const aws: Session = cloud.aws({
  hooks: {
    onRetry: (error, { operation, attempt, delayMs }) =>
      console.log(`${operation}, attempt ${attempt}: ${error.kind}, again in ${Math.round(delayMs)} ms`),
  },
});
const s3 = aws.client(S3, { retry: { maxAttempts: 5, maxDelayMs: 200 } });

cloud.faults.add({ service: "s3", operation: "ListBuckets", throttle: true, times: 2 });
const { Buckets = [] } = await s3.listBuckets();

cloud.faults.add({
  service: "s3",
  operation: "ListBuckets",
  throttle: true,
  times: Number.POSITIVE_INFINITY,
});
const refused = await s3.listBuckets({}, { retry: { maxAttempts: 2 } }).catch((error: unknown) => error);
if (!(refused instanceof Error && "attempts" in refused)) throw new Error("The call was not refused");
console.log(
  `${Buckets.length} buckets after two retries; with two attempts in all it failed after ${refused.attempts}`,
);
