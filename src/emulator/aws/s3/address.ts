/** Where a request names its bucket: in the host or in the path. Made path-style, as the model has it. */
import type { IncomingRequest, Localized } from "../../service.js";

/** `bucket.s3.eu-west-1.amazonaws.com`, `bucket.s3.localhost:4566`, `bucket.s3-accelerate.amazonaws.com`. */
const VIRTUAL_HOST =
  /^(.+)\.s3(?:[.-](?:accelerate|dualstack|fips|external-1|[a-z]{2}(?:-[a-z]+)+-\d))*\.(?:amazonaws\.com(?:\.cn)?|api\.aws|localhost|localhost\.localstack\.cloud|127\.0\.0\.1\.nip\.io)(?::\d+)?$/;
/** `bucket.localhost:4566`: what clients make of an endpoint `http://localhost:4566` with virtual hosts. */
const LOCAL_HOST = /^(.+)\.localhost(?::\d+)?$/;

export function bucketOfHost(host: string): string | undefined {
  const virtual = VIRTUAL_HOST.exec(host)?.[1];
  if (virtual !== undefined) return virtual;
  const local = LOCAL_HOST.exec(host)?.[1];
  return local === undefined || /^s3(\.|-|$)/.test(local) ? undefined : local;
}

export function localize({ host, path, query }: IncomingRequest): Localized {
  const bucket = bucketOfHost(host);
  const bare = bucket === undefined ? path : `/${bucket}${path}`;
  // `/bucket/` is the bucket; `/bucket/key/` is a key that ends with a slash.
  return { path: /^\/[^/]+\/$/.test(bare) ? bare.slice(0, -1) : bare, query };
}
