/** Who exists in a fresh emulator: one tenant, one application, one person, one subscription, and the key of every storage account. */

export const TENANT_ID = "11111111-1111-4111-8111-111111111111";
export const CLIENT_ID = "22222222-2222-4222-8222-222222222222";
export const CLIENT_SECRET = "trivet-client-secret";
export const CLIENT_OBJECT_ID = "33333333-3333-4333-8333-333333333333";
/** The person who signs in. */
export const USER_OBJECT_ID = "66666666-6666-4666-8666-666666666666";
export const USER_NAME = "user@trivet.example";
export const SUBSCRIPTION_ID = "44444444-4444-4444-8444-444444444444";
export const MANAGED_IDENTITY_ID = "55555555-5555-4555-8555-555555555555";
export const MANAGED_IDENTITY_SECRET = "trivet-identity-header";
/** Any name is a storage account; this is the key of all. Azurite's, which Azure's tools know. */
export const STORAGE_ACCOUNT = "devstoreaccount1";
export const STORAGE_KEY =
  "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
