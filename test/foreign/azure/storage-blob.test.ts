/** Azure's JavaScript Blob SDK on our emulator, and the same program on Azurite: where they differ, the reason is written down. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { STORAGE_KEY } from "../../../src/emulator/azure/identity.js";
import { Emulator } from "../../../src/emulator/emulator.js";
import { AZURITE_ABSENT, startAzurite } from "./azurite.js";
import { ACCESS_SCENARIOS } from "./storage-blob-access.js";
import { RULE_SCENARIOS } from "./storage-blob-rules.js";
import { CONTENT_SCENARIOS, type Foreign, runStorageSuite } from "./storage-blob-suite.js";
import { VERSION_SCENARIOS } from "./storage-blob-versions.js";

const SCENARIOS = { ...CONTENT_SCENARIOS, ...ACCESS_SCENARIOS, ...RULE_SCENARIOS };

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
  const versioned = await Emulator.start({ blobVersioning: true });
  let versionedUrl = "";
  before(async () => {
    ({ url: versionedUrl } = await versioned.listen());
  });
  after(() => versioned.close());
  runStorageSuite(
    { name: "an account that keeps versions", storage, url: () => versionedUrl, accountKey: STORAGE_KEY },
    VERSION_SCENARIOS,
  );
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
          "the archive is neither read nor copied": "In Azurite a blob is back from the archive at once",
          "permission to create is none to write over": "Azurite lets tags be set without their permission",
          "another account's blob takes a signature": "Azurite has one account, unless told of others",
          "blocks are of one kind, pages stay written": "Azurite stages blocks of any length",
          "an incremental copy is read by its snapshots": "Azurite has none",
          "queries over text and JSON": "Azurite has none",
          "backslashes in names are slashes, and one name is in the root container":
            "Azurite answers 404 where the root container is not named",
          "another key than the account's":
            "Azurite's code is AuthorizationFailure, the service's AuthenticationFailed",
          "shared access signatures: for other addresses": "Azurite does not look at `sip`",
        },
      },
      SCENARIOS,
    );
  }
}
