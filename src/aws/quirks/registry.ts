/** Quirks by the names that models give them. */
import type { OperationModel } from "../../model/model.js";
import { presignedCopy, presignedSnapshotCopy } from "./copy-across-regions.js";
import { consoleOutput, policyDocuments, templateBody, userData } from "./documents.js";
import type { Quirk } from "./quirk.js";
import {
  acceptJson,
  bareIds,
  glacier,
  postedSearch,
  predictEndpoint,
  presignedSpeech,
  treeHash,
} from "./requests.js";
import { asciiMetadata, bucketLocation, copySource, customerKey, urlEncodedKeys } from "./s3.js";

const QUIRKS: Readonly<Record<string, Quirk>> = {
  acceptJson,
  asciiMetadata,
  bareIds,
  bucketLocation,
  consoleOutput,
  copySource,
  customerKey,
  glacier,
  policyDocuments,
  postedSearch,
  predictEndpoint,
  presignedCopy,
  presignedSnapshotCopy,
  presignedSpeech,
  templateBody,
  treeHash,
  urlEncodedKeys,
  userData,
};

const NONE: readonly Quirk[] = [];
const known = /* @__PURE__ */ new WeakMap<OperationModel, readonly Quirk[]>();

/** The quirks of an operation, in the order of its model. */
export function quirksOf(operation: OperationModel): readonly Quirk[] {
  const names = operation.traits.quirks;
  if (names === undefined) return NONE;
  let quirks = known.get(operation);
  if (quirks === undefined) {
    quirks = names.map((name) => {
      const quirk = QUIRKS[name];
      if (quirk === undefined) throw new Error(`Cannot call ${operation.name}: there is no quirk "${name}"`);
      return quirk;
    });
    known.set(operation, quirks);
  }
  return quirks;
}
