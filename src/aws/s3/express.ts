/**
 * Sessions of S3 Express: directory buckets are signed for with keys of the bucket's own session.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html
 */
import type { AwsCredentials } from "../../auth/credentials.js";
import { signV4 } from "../../auth/sigv4.js";
import { KeyedTokenCache } from "../../auth/token-cache.js";
import type { HttpRequest, Transport } from "../../http/message.js";
import { CloudError, kindOfStatus } from "../../internal/cloud-error.js";
import { exchange } from "../credentials/http.js";

/** Sessions live five minutes. */
const POLICY = {
  expiresAt: (credentials: AwsCredentials) => credentials.expiration,
  advisoryMs: 60_000,
  mandatoryMs: 20_000,
};
const SESSIONS_MAX = 100;

export interface ExpressBucket {
  /** The bucket's endpoint. */
  readonly url: string;
  readonly region: string;
}

export class ExpressSessions {
  readonly #cache: KeyedTokenCache<AwsCredentials>;
  readonly #transport: Transport;
  readonly #now: () => Date;

  constructor(transport: Transport, now: () => Date) {
    this.#transport = transport;
    this.#now = now;
    this.#cache = new KeyedTokenCache(POLICY, SESSIONS_MAX, () => now().getTime());
  }

  /** Keys of the bucket's session, made with the client's own. */
  get(bucket: ExpressBucket, own: AwsCredentials): Promise<AwsCredentials> | AwsCredentials {
    const key = `${bucket.url} ${own.accessKeyId}`;
    return this.#cache.get(key, () => createSession(this.#transport, bucket, own, this.#now()));
  }
}

async function createSession(
  transport: Transport,
  { url, region }: ExpressBucket,
  credentials: AwsCredentials,
  at: Date,
): Promise<AwsCredentials> {
  const reply = await exchange(transport, {
    url: `${url}/?session`,
    headers: { "x-amz-create-session-mode": "ReadWrite" },
    timeoutMs: 30_000,
    sign: (request: HttpRequest) =>
      signV4(request, {
        credentials,
        service: "s3express",
        region,
        at,
        pathAsSent: true,
        payloadHeader: true,
      }),
  });
  const text = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(reply.text)?.[1];
  const accessKeyId = text("AccessKeyId");
  const secretAccessKey = text("SecretAccessKey");
  const expiration = text("Expiration");
  if (reply.status !== 200 || !accessKeyId || !secretAccessKey || !expiration) {
    throw new CloudError(text("Message") ?? `CreateSession answered ${reply.status}`, {
      kind: kindOfStatus(reply.status),
      code: text("Code") ?? "S3ExpressSessionError",
      status: reply.status,
    });
  }
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: text("SessionToken"),
    expiration: new Date(expiration),
  };
}
