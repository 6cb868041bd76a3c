/** Keys by which who signed in with Entra signs URLs: asked from the storage service, kept while they last. */

import type { UserDelegationKey } from "../auth/azure-sas.js";
import { signBearer } from "../auth/bearer.js";
import type { Transport } from "../http/message.js";
import { CloudError, kindOfStatus } from "../internal/cloud-error.js";
import { parseXml } from "../protocol/codec/xml.js";

export interface DelegationEndpoint {
  readonly origin: string;
  readonly basePath: string;
  readonly apiVersion: string;
  readonly transport: Transport;
  token(): Promise<string>;
}

/** The service's limit for a key. */
const LIFETIME_MS = 7 * 86_400_000 - 60_000;
const REPLY_BYTES_MAX = 64 * 1024;

export async function requestDelegationKey(
  endpoint: DelegationEndpoint,
  now: number,
): Promise<UserDelegationKey> {
  const starts = new Date(now - 5 * 60_000);
  const ends = new Date(now + LIFETIME_MS);
  const info = `<KeyInfo><Start>${seconds(starts)}</Start><Expiry>${seconds(ends)}</Expiry></KeyInfo>`;
  const request = {
    method: "POST",
    origin: endpoint.origin,
    path: `${endpoint.basePath}/`,
    query: "restype=service&comp=userdelegationkey",
    headers: { "content-type": "application/xml", "x-ms-version": endpoint.apiVersion },
    body: `<?xml version="1.0" encoding="utf-8"?>${info}`,
  };
  const response = await endpoint.transport.send(signBearer(request, await endpoint.token()));
  const bytes = await response.body.bytes(REPLY_BYTES_MAX);
  if (response.status !== 200) {
    throw new CloudError("Cannot sign a URL: the storage account gives no user delegation key", {
      kind: kindOfStatus(response.status),
      code: response.headers["x-ms-error-code"] ?? String(response.status),
      status: response.status,
      cloud: "azure",
      service: "blob",
    });
  }
  const { value } = parseXml(bytes);
  const text = (name: string): string => String((value as Record<string, unknown>)[name] ?? "");
  return {
    signedObjectId: text("SignedOid"),
    signedTenantId: text("SignedTid"),
    signedStartsOn: new Date(text("SignedStart")),
    signedExpiresOn: new Date(text("SignedExpiry")),
    signedService: text("SignedService"),
    signedVersion: text("SignedVersion"),
    value: text("Value"),
  };
}

function seconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
