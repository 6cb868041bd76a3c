/** S3's errors, in its words. See https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
import { EmulatorError } from "../../service.js";

export const noSuchBucket = (bucket: string) =>
  new EmulatorError("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName: bucket });

export const noSuchKey = (key: string) =>
  new EmulatorError("NoSuchKey", "The specified key does not exist.", 404, { Key: key });

export const noSuchVersion = (key: string, versionId: string) =>
  new EmulatorError("NoSuchVersion", "The specified version does not exist.", 404, {
    Key: key,
    VersionId: versionId,
  });

export const noSuchUpload = (uploadId: string) =>
  new EmulatorError(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    404,
    { UploadId: uploadId },
  );

export const invalidArgument = (message: string, name: string, value: string) =>
  new EmulatorError("InvalidArgument", message, 400, { ArgumentName: name, ArgumentValue: value });

export const invalidRequest = (message: string) => new EmulatorError("InvalidRequest", message, 400);

export const malformedXml = () =>
  new EmulatorError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
    400,
  );

export const preconditionFailed = (condition: string) =>
  new EmulatorError(
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
    412,
    { Condition: condition },
  );

export const accessDenied = (message = "Access Denied") => new EmulatorError("AccessDenied", message, 403);

export const methodNotAllowed = (method: string, resource: string, headers?: Record<string, string>) =>
  new EmulatorError(
    "MethodNotAllowed",
    "The specified method is not allowed against this resource.",
    405,
    { Method: method, ResourceType: resource },
    { allow: "DELETE", ...headers },
  );

export const badDigest = (message: string) => new EmulatorError("BadDigest", message, 400);

/** Refuses a body that does not have the MD5 that `Content-MD5` states. */
export function checkMd5(stated: string | undefined, actual: Buffer): void {
  if (stated === undefined) return;
  if (Buffer.from(stated, "base64").length !== 16) {
    throw new EmulatorError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400, {
      "Content-MD5": stated,
    });
  }
  if (actual.toString("base64") === stated) return;
  const details = { ExpectedDigest: stated, CalculatedDigest: actual.toString("base64") };
  const message = "The Content-MD5 you specified did not match what we received.";
  throw new EmulatorError("BadDigest", message, 400, details);
}

export const entityTooSmall = (details: Record<string, string>) =>
  new EmulatorError(
    "EntityTooSmall",
    "Your proposed upload is smaller than the minimum allowed size",
    400,
    details,
  );
