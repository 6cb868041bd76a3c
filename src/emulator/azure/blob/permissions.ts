/** What a shared access signature must allow for each operation: any one of these letters. https://learn.microsoft.com/rest/api/storageservices/create-service-sas#specify-permissions */

const PERMISSIONS: Readonly<Record<string, string>> = {
  getBlob: "r",
  getBlobProperties: "r",
  getBlockList: "r",
  getPageRanges: "r",
  getPageRangesDiff: "r",
  queryBlobContents: "r",
  snapshotBlob: "cw",
  putBlob: "cw",
  putBlobFromUrl: "cw",
  createAppendBlob: "cw",
  createPageBlob: "cw",
  copyBlob: "cw",
  copyBlobFromUrl: "cw",
  incrementalCopyBlob: "cw",
  abortCopyBlob: "w",
  putBlock: "w",
  putBlockFromUrl: "w",
  putBlockList: "w",
  putPage: "w",
  putPageFromUrl: "w",
  clearPages: "w",
  resizePageBlob: "w",
  updatePageBlobSequenceNumber: "w",
  setBlobProperties: "w",
  setBlobMetadata: "w",
  setBlobTier: "w",
  sealAppendBlob: "aw",
  appendBlock: "aw",
  appendBlockFromUrl: "aw",
  acquireBlobLease: "w",
  renewBlobLease: "w",
  changeBlobLease: "w",
  releaseBlobLease: "w",
  breakBlobLease: "wd",
  deleteBlob: "d",
  undeleteBlob: "w",
  getBlobTags: "t",
  setBlobTags: "t",
  findBlobsByTags: "f",
  findBlobsByTagsInContainer: "f",
  setBlobImmutabilityPolicy: "i",
  deleteBlobImmutabilityPolicy: "i",
  setBlobLegalHold: "i",
  listBlobs: "l",
  // Each call of a batch has a signature of its own.
  submitContainerBatch: "racwdxltfi",
};

/** For these only a signature of the account will do. */
const ACCOUNT_PERMISSIONS: Readonly<Record<string, string>> = {
  listContainers: "l",
  createContainer: "cw",
  deleteContainer: "d",
  restoreContainer: "w",
  getContainerProperties: "r",
  setContainerMetadata: "w",
  acquireContainerLease: "w",
  renewContainerLease: "w",
  changeContainerLease: "w",
  releaseContainerLease: "w",
  breakContainerLease: "wd",
  getServiceProperties: "r",
  setServiceProperties: "w",
  getServiceStats: "r",
  getAccountInfo: "r",
  submitBatch: "racwdxltfi",
};

/** Undefined: no service signature allows it. */
export function permissionsOf(operation: string, query = ""): string | undefined {
  // To delete a version is a permission of its own.
  if (operation === "deleteBlob" && /(^|&)versionid=/i.test(query)) return "x";
  return (
    PERMISSIONS[operation] ?? (operation in ACCOUNT_PERMISSIONS ? ACCOUNT_PERMISSIONS[operation] : undefined)
  );
}

/** Writes a blob whole, over what is there. */
export function replacesBlob(operation: string): boolean {
  return PERMISSIONS[operation] === "cw" && operation !== "snapshotBlob";
}

export function isAccountOnly(operation: string): boolean {
  return operation in ACCOUNT_PERMISSIONS;
}

/** `s`ervice, `c`ontainer or `o`bject. Listing a container's blobs is about the container. */
export function resourceTypeOf(operation: string, isBlob: boolean): string {
  if (isBlob) return "o";
  return [
    "listContainers",
    "getServiceProperties",
    "setServiceProperties",
    "getServiceStats",
    "getAccountInfo",
    "findBlobsByTags",
    "submitBatch",
  ].includes(operation)
    ? "s"
    : "c";
}
