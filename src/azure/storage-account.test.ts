import assert from "node:assert/strict";
import test from "node:test";
import { parseConnectionString, storageAccountOf } from "./storage-account.js";

test("connection strings of each kind", () => {
  assert.deepEqual(
    parseConnectionString(
      "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=k==;EndpointSuffix=core.windows.net",
    ),
    {
      account: "a",
      accountKey: "k==",
      endpoint: "https://a.blob.core.windows.net",
    },
  );
  assert.deepEqual(
    parseConnectionString(
      "BlobEndpoint=https://b.blob.core.windows.net/;SharedAccessSignature=sv=1&sig=x%3D",
    ),
    {
      account: "b",
      endpoint: "https://b.blob.core.windows.net",
      sasToken: "sv=1&sig=x%3D",
    },
  );
  const local = parseConnectionString("UseDevelopmentStorage=true");
  assert.equal(local.endpoint, "http://127.0.0.1:10000/devstoreaccount1");
  assert.equal(local.account, "devstoreaccount1");
  assert.throws(() => parseConnectionString("AccountKey=k"), { kind: "invalidInput" });
});

test("options win over the environment, and keys go with their account alone", () => {
  const env = { AZURE_STORAGE_ACCOUNT: "mine", AZURE_STORAGE_KEY: "k" };
  assert.equal(storageAccountOf({}, { env }).accountKey, "k");
  assert.equal(storageAccountOf({ account: "other" }, { env }).accountKey, undefined);
  assert.equal(storageAccountOf({ credential: "anonymous" }, { env }).accountKey, undefined);
  assert.equal(storageAccountOf({ sasToken: "?sv=1", account: "x" }, { env: {} }).sasToken, "sv=1");
  assert.throws(() => storageAccountOf({}, { env: {} }), /none is named/);
});

test("an endpoint names its account where none is given", () => {
  assert.equal(
    storageAccountOf({ endpoint: "https://acct.blob.core.windows.net" }, { env: {} }).account,
    "acct",
  );
  assert.equal(storageAccountOf({ endpoint: "http://127.0.0.1:10000/dev" }, { env: {} }).account, "dev");
});
