/** Which cloud and service a request is for. One port serves all three: what a request carries tells them apart. */
import type { EmulatedCloud, IncomingRequest, StoreOf } from "./service.js";

export interface Route {
  readonly cloud: EmulatedCloud;
  readonly service: string;
}

/**
 * The clouds are asked in order, the first claim wins. Google and Azure come first, as their hosts, paths and headers are
 * their own; AWS takes what is left, as a request to S3 looks like any other. A request signed by a key of AWS's is asked of AWS alone.
 */
export function route(
  clouds: readonly EmulatedCloud[],
  request: IncomingRequest,
  store: StoreOf,
): Route | undefined {
  const signedForAws = isSignedForAws(request);
  for (const cloud of clouds) {
    if (signedForAws && cloud.name !== "aws") continue;
    const service = cloud.claim(request, store);
    if (service !== undefined) return { cloud, service };
  }
  return undefined;
}

/** Google's HMAC keys sign as AWS's do, for tools made for S3: their ids begin with GOOG. */
const GOOGLES_KEY = /(Credential=|AWSAccessKeyId=|^AWS )GOOG/i;

function isSignedForAws({ headers, query }: IncomingRequest): boolean {
  const authorization = headers.authorization;
  if (GOOGLES_KEY.test(authorization ?? query)) return false;
  if (authorization !== undefined) return /^AWS(4|4-ECDSA)?[- ]/.test(authorization);
  return /(^|&)(X-Amz-(Algorithm|Credential)|AWSAccessKeyId)=/i.test(query) || "x-amz-target" in headers;
}
