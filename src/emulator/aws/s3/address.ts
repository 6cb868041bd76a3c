/** Where a request names its bucket: in the host or in the path. Made path-style, as the model has it. */
import type { IncomingRequest, Localized } from "../../service.js";

/** `bucket.s3.eu-west-1.amazonaws.com`, `bucket.s3.localhost:4566`, `bucket.s3-accelerate.amazonaws.com`. */
const VIRTUAL_HOST =
  /^(.+)\.s3(?:[.-](?:accelerate|dualstack|fips|external-1|[a-z]{2}(?:-[a-z]+)+-\d))*\.(?:amazonaws\.com(?:\.cn)?|api\.aws|localhost|localhost\.localstack\.cloud|127\.0\.0\.1\.nip\.io)(?::\d+)?$/;
/** `name--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com`: a directory bucket by the endpoint of its zone. */
const ZONAL_HOST =
  /^(.+--x-s3)\.s3express-[a-z0-9-]+(?:\.dualstack)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(?::\d+)?$/;
/** `bucket.localhost:4566`: what clients make of an endpoint `http://localhost:4566` with virtual hosts. */
const LOCAL_HOST = /^(.+)\.localhost(?::\d+)?$/;

export function bucketOfHost(host: string): string | undefined {
  const virtual = (VIRTUAL_HOST.exec(host) ?? ZONAL_HOST.exec(host))?.[1];
  if (virtual !== undefined) return virtual;
  const local = LOCAL_HOST.exec(host)?.[1];
  return local === undefined || /^s3(\.|-|$)/.test(local) ? undefined : local;
}

/**
 * A signed URL's own parameters; every other `x-amz-` in its query stands for the header of that name. S3 takes checksums from
 * headers alone: SDKs put that of an empty body into the URL. https://github.com/localstack/localstack/issues/12169
 */
const NOT_HEADERS =
  /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256|sdk-checksum-algorithm|checksum-.*)$/;

function hoisted({ query, headers }: IncomingRequest): Localized["headers"] {
  if (!/(^|&)X-Amz-Signature=/i.test(query)) return undefined;
  const found = [...new URLSearchParams(query)]
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name.startsWith("x-amz-") && !NOT_HEADERS.test(name));
  return found.length === 0 ? undefined : { ...Object.fromEntries(found), ...headers };
}

export function localize(request: IncomingRequest): Localized {
  const { host, path, query } = request;
  const headers = hoisted(request);
  const bucket = bucketOfHost(host);
  const bare = bucket === undefined ? path : `/${bucket}${path}`;
  // `/bucket/` is the bucket; `/bucket/key/` is a key that ends with a slash.
  const local = /^\/[^/]+\/$/.test(bare) ? bare.slice(0, -1) : bare;
  return { path: local, query, ...(headers && { headers }) };
}
