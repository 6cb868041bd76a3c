/** A URL that speaks: Polly's SynthesizeSpeech as a GET, for players that take an address alone. */
import type { AwsCredentials } from "../../auth/credentials.js";
import { presignV4 } from "../../auth/sigv4.js";
import { encodeStrict } from "../../auth/sigv4-canonical.js";
import type { HttpRequest } from "../../http/message.js";
import { invalidInput } from "../../internal/cloud-error.js";

export interface SpeechUrlOptions {
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** `https://polly.eu-west-1.amazonaws.com` */
  readonly origin: string;
  /** Input of SynthesizeSpeech. */
  readonly input: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Default 3,600. */
  readonly expiresInSeconds?: number | undefined;
  readonly at?: Date | undefined;
}

/** Members of the input stand in the query, a list as its name repeated. */
export async function speechUrl(options: SpeechUrlOptions): Promise<string> {
  const { credentials, region, origin, input, expiresInSeconds = 3600, at } = options;
  const pairs = Object.entries(input).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const values = typeof value === "string" ? [value] : value;
    return values.map((each) => `${encodeStrict(name)}=${encodeStrict(each)}`);
  });
  if (pairs.length === 0) throw invalidInput("input must have Text, OutputFormat and VoiceId");
  const request: HttpRequest = {
    method: "GET",
    origin,
    path: "/v1/speech",
    query: pairs.join("&"),
    headers: {},
  };
  const signed = await presignV4(request, { credentials, region, service: "polly", expiresInSeconds, at });
  return `${origin}${signed.path}?${signed.query}`;
}
