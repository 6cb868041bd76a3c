/** Settings of a storage account that its Blob service follows: `Microsoft.Storage/storageAccounts/a/blobServices/default`. */
import type { Context } from "../../service.js";
import { accountNamed } from "../blob/store.js";
import type { Resource } from "./store.js";

const BLOB_SERVICE = "microsoft.storage/storageaccounts/blobservices";

export function applyToStorage(context: Context, { at, body }: Resource): void {
  if (at.type.toLowerCase() !== BLOB_SERVICE) return;
  const account = accountNamed(context, at.name.split("/")[0] ?? "");
  const { isVersioningEnabled, deleteRetentionPolicy, containerDeleteRetentionPolicy } =
    body.properties ?? {};
  if (typeof isVersioningEnabled === "boolean") account.versioning = isVersioningEnabled;
  if (typeof deleteRetentionPolicy === "object" && deleteRetentionPolicy !== null)
    account.properties = { ...account.properties, deleteRetentionPolicy };
  const { enabled, days } = (containerDeleteRetentionPolicy ?? {}) as { enabled?: unknown; days?: unknown };
  if (typeof enabled === "boolean")
    account.containerRetentionDays = enabled && typeof days === "number" ? days : undefined;
}
