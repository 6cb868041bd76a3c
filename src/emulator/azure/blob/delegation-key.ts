/** User delegation keys: made from what they say, so that none needs to be kept. */
import { createHmac } from "node:crypto";
import type { SasFields } from "../../../auth/azure-sas.js";
import type { Context } from "../../service.js";
import { tokenKeys } from "../tokens.js";

export interface DelegationFields {
  readonly signedObjectId: string;
  readonly signedTenantId: string;
  readonly signedStartsOn: string;
  readonly signedExpiresOn: string;
}

/** Base64. Bound to this emulator by its own key. */
export function delegationKey(context: Context, fields: DelegationFields): string {
  const { keyId } = context.store(tokenKeys);
  const text = [
    fields.signedObjectId,
    fields.signedTenantId,
    seconds(fields.signedStartsOn),
    seconds(fields.signedExpiresOn),
  ];
  return createHmac("sha256", keyId).update(text.join("\n")).digest("base64");
}

/** The key that a signature's fields describe. */
export function delegationKeyOf(context: Context, { skoid, sktid, skt, ske }: SasFields): string | undefined {
  if (skoid === undefined || sktid === undefined || skt === undefined || ske === undefined) return undefined;
  return delegationKey(context, {
    signedObjectId: skoid,
    signedTenantId: sktid,
    signedStartsOn: skt,
    signedExpiresOn: ske,
  });
}

/** Clients write the times with or without a fraction. */
function seconds(text: string): number {
  return Math.floor(Date.parse(text) / 1000);
}
