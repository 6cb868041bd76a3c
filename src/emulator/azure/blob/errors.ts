/** Errors as the Blob service words them. https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes */
import { EmulatorError } from "../../service.js";

const TEXTS = {
  AppendPositionConditionNotMet: [412, "The append position condition specified was not met."],
  AuthenticationFailed: [
    403,
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
  ],
  AuthorizationProtocolMismatch: [
    403,
    "This request is not authorized to perform this operation using this protocol.",
  ],
  AuthorizationSourceIPMismatch: [
    403,
    "This request is not authorized to perform this operation using this source IP.",
  ],
  AuthorizationPermissionMismatch: [
    403,
    "This request is not authorized to perform this operation using this permission.",
  ],
  AuthorizationResourceTypeMismatch: [
    403,
    "This request is not authorized to perform this operation using this resource type.",
  ],
  AuthorizationServiceMismatch: [
    403,
    "This request is not authorized to perform this operation using this service.",
  ],
  BlobAlreadyExists: [409, "The specified blob already exists."],
  BlobArchived: [409, "This operation is not permitted on an archived blob."],
  BlobBeingRehydrated: [409, "This operation is not permitted because the blob is being rehydrated."],
  BlobCustomerSpecifiedEncryptionMismatch: [
    409,
    "The given customer specified encryption does not match the encryption used to encrypt the blob.",
  ],
  BlobDoesNotUseCustomerSpecifiedEncryption: [
    409,
    "The blob is not encrypted with customer specified encryption.",
  ],
  BlobImmutableDueToPolicy: [
    409,
    "This operation is not permitted as the blob is immutable due to a policy.",
  ],
  BlobIsSealed: [
    409,
    "The specified blob is sealed and its contents can't be modified unless the blob is re-created after a delete operation.",
  ],
  BlobNotFound: [404, "The specified blob does not exist."],
  BlobUsesCustomerSpecifiedEncryption: [
    409,
    "The blob is encrypted with customer specified encryption, but it was not provided in the request.",
  ],
  ConditionNotMet: [412, "The condition specified using HTTP conditional header(s) is not met."],
  ContainerAlreadyExists: [409, "The specified container already exists."],
  ContainerNotFound: [404, "The specified container does not exist."],
  CopyIdMismatch: [409, "The specified copy ID did not match the copy ID for the pending copy operation."],
  Crc64Mismatch: [
    400,
    "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.",
  ],
  InvalidBlobOrBlock: [400, "The specified blob or block content is invalid."],
  InvalidBlobTier: [400, "The specified blob tier is invalid."],
  InvalidBlobType: [409, "The blob type is invalid for this operation."],
  InvalidBlockId: [400, "The specified block ID is invalid. The block ID must be Base64-encoded."],
  InvalidBlockList: [400, "The specified block list is invalid."],
  InvalidHeaderValue: [400, "The value for one of the HTTP headers is not in the correct format."],
  InvalidMetadata: [400, "The specified metadata is invalid. It includes characters that are not permitted."],
  InvalidPageRange: [416, "The page range specified is invalid."],
  InvalidQueryParameterValue: [
    400,
    "Value for one of the query parameters specified in the request URI is invalid.",
  ],
  InvalidRange: [416, "The range specified is invalid for the current size of the resource."],
  InvalidXmlDocument: [400, "XML specified is not syntactically valid."],
  InvalidResourceName: [400, "The specified resource name contains invalid characters."],
  LeaseAlreadyBroken: [409, "The lease ID specified did not match the lease ID for the resource."],
  LeaseAlreadyPresent: [409, "There is already a lease present."],
  LeaseIdMismatchWithBlobOperation: [412, "The lease ID specified did not match the lease ID for the blob."],
  LeaseIdMismatchWithContainerOperation: [
    412,
    "The lease ID specified did not match the lease ID for the container.",
  ],
  LeaseIdMismatchWithLeaseOperation: [
    409,
    "The lease ID specified did not match the lease ID for the resource.",
  ],
  LeaseIdMissing: [
    412,
    "There is currently a lease on the resource and no lease ID was specified in the request.",
  ],
  LeaseIsBreakingAndCannotBeAcquired: [
    409,
    "There is already a breaking lease, and can't be acquired until lease breaking is completed or cancelled.",
  ],
  LeaseIsBrokenAndCannotBeRenewed: [
    409,
    "The lease ID matched, but the lease has been broken explicitly and cannot be renewed.",
  ],
  LeaseNotPresentWithBlobOperation: [412, "There is currently no lease on the blob."],
  LeaseNotPresentWithContainerOperation: [412, "There is currently no lease on the container."],
  LeaseNotPresentWithLeaseOperation: [409, "There is currently no lease on the resource."],
  MaxBlobSizeConditionNotMet: [412, "The max blob size condition specified was not met."],
  Md5Mismatch: [
    400,
    "The MD5 value specified in the request did not match with the MD5 value calculated by the server.",
  ],
  MetadataTooLarge: [400, "The size of the specified metadata exceeds the maximum size permitted."],
  NoPendingCopyOperation: [409, "There is currently no pending copy operation."],
  OperationNotAllowedOnIncrementalCopyBlob: [
    409,
    "The specified operation is not allowed on an incremental copy blob.",
  ],
  OperationNotAllowedOnRootBlob: [403, "The specified operation is not allowed on root blob."],
  OutOfRangeInput: [400, "One of the request inputs is out of range."],
  PublicAccessNotPermitted: [409, "Public access is not permitted on this storage account."],
  ResourceNotFound: [404, "The specified resource does not exist."],
  SequenceNumberConditionNotMet: [412, "The sequence number condition specified was not met."],
  SnapshotsPresent: [409, "This operation is not permitted while the blob has snapshots."],
  SourceConditionNotMet: [412, "The source condition specified using HTTP conditional header(s) is not met."],
  UnsupportedHeader: [400, "One of the headers specified in the request is not supported."],
} as const satisfies Record<string, readonly [number, string]>;

export function blobError(code: keyof typeof TEXTS, message?: string): EmulatorError {
  const [status, text] = TEXTS[code];
  return new EmulatorError(code, message ?? text, status);
}

/** A read whose condition says that the client has it already. No body. */
export function notModified(etag: string): EmulatorError {
  return new EmulatorError(
    "ConditionNotMet",
    "The condition specified using HTTP conditional header(s) is not met.",
    304,
    undefined,
    { etag },
  );
}
