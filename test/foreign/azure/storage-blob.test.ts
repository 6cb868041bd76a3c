/** Azure's JavaScript Blob SDK on our emulator, and the same program on Azurite: where they differ, the reason is written down. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { STORAGE_KEY } from "../../../src/emulator/azure/identity.js";
import { Emulator } from "../../../src/emulator/emulator.js";
import { AZURITE_ABSENT, startAzurite } from "./azurite.js";
import { ACCESS_SCENARIOS } from "./storage-blob-access.js";
import { CONTENT_SCENARIOS, type Foreign, runStorageSuite } from "./storage-blob-suite.js";

const SCENARIOS = { ...CONTENT_SCENARIOS, ...ACCESS_SCENARIOS };

const FOLDER = "test/foreign/azure";

if (!existsSync(`${FOLDER}/node_modules/@azure/storage-blob`)) {
  test("@azure/storage-blob", (t) => t.skip(`It is not installed: npm ci --prefix ${FOLDER}`));
} else {
  const storage: Foreign = createRequire(resolve(FOLDER, "package.json"))("@azure/storage-blob");
  const cloud = await Emulator.start();
  let url = "";
  before(async () => {
    ({ url } = await cloud.listen());
  });
  after(() => cloud.close());
  runStorageSuite({ name: "the emulator", storage, url: () => url, accountKey: STORAGE_KEY }, SCENARIOS);
  const azurite = await startAzurite();
  if (azurite === undefined) test("Azurite", (t) => t.skip(AZURITE_ABSENT));
  else {
    after(() => azurite.stop());
    runStorageSuite(
      {
        name: "Azurite",
        storage,
        url: () => azurite.url,
        accountKey: STORAGE_KEY,
        lacking: {
          "a range behind the end": "Azurite answers 206 and no bytes where the service answers 416",
          "more content taken from addresses": "Azurite has no append, page or put from a URL",
          "a version, of a blob that keeps none": "Azurite takes any version for the current one",
          "holds and immutability": "Azurite has neither",
          "deletions that are kept": "Azurite deletes at once",
          "page blobs: what changed since a snapshot":
            "Azurite tells pages that did not change, and no cleared ones",
          "another key than the account's":
            "Azurite's code is AuthorizationFailure, the service's AuthenticationFailed",
          "shared access signatures: for other addresses": "Azurite does not look at `sip`",
        },
      },
      SCENARIOS,
    );
  }
}
