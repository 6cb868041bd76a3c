/** The Blob suite on our emulator, in process and over a socket, and on Azurite. */
import { after, before, test } from "node:test";
import { clientSecretCredential } from "../../src/azure/index.js";
import { CLIENT_ID, CLIENT_SECRET, STORAGE_KEY, TENANT_ID } from "../../src/emulator/azure/identity.js";
import { Emulator } from "../../src/emulator/emulator.js";
import { AZURITE_ABSENT, startAzurite } from "./azure/azurite.js";
import { runBlobSuite } from "./azure-blob-suite.js";

const cloud = await Emulator.start();

async function throughTransport(url: string) {
  const { origin, pathname, search } = new URL(url);
  const response = await cloud.transport.send({
    method: "GET",
    origin,
    path: pathname,
    query: search.slice(1),
    headers: {},
  });
  return { status: response.status, text: new TextDecoder().decode(await response.body.bytes()) };
}

async function overNetwork(url: string) {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
}

runBlobSuite({
  name: "emulator in process, shared key",
  options: () => ({ account: "suite", accountKey: STORAGE_KEY, transport: cloud.transport }),
  fetch: throughTransport,
});

runBlobSuite({
  name: "emulator in process, Entra",
  options: () => ({
    account: "suite",
    credential: clientSecretCredential({
      tenantId: TENANT_ID,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
    }),
    transport: cloud.transport,
  }),
  fetch: throughTransport,
});

let served = "";
before(async () => {
  served = (await cloud.listen()).env.AZURE_STORAGE_CONNECTION_STRING as string;
});
after(() => cloud.close());

runBlobSuite({
  name: "emulator over a socket",
  options: () => ({ connectionString: served }),
  fetch: overNetwork,
});

const azurite = await startAzurite();
if (azurite !== undefined) {
  after(() => azurite.stop());
  runBlobSuite({
    name: "Azurite",
    options: () => ({
      connectionString: `AccountName=devstoreaccount1;AccountKey=${STORAGE_KEY};BlobEndpoint=${azurite.url}/devstoreaccount1`,
    }),
    fetch: overNetwork,
  });
} else {
  test("Azurite", (t) => t.skip(AZURITE_ABSENT));
}
