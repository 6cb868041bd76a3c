/** S3 says which region a bucket is in when it is asked in another. https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html */
import type { HttpResponse } from "../../http/message.js";
import type { CloudError } from "../../internal/cloud-error.js";
import type { OperationModel } from "../../model/model.js";

/** Whether an error means that the bucket is in another region than the request was sent to or signed for. */
export function isWrongRegion(operation: OperationModel, error: CloudError, response: HttpResponse): boolean {
  const { code } = error;
  if (code === "PermanentRedirect" || [301, 302, 307].includes(response.status)) return true;
  if (code === "AuthorizationHeaderMalformed") return regionOf(error, response) !== undefined;
  if (code === "IllegalLocationConstraintException") return operation.name !== "CreateBucket";
  // HEAD has no body: a wrong signing region is a bare 400.
  return operation.method === "HEAD" && response.status === 400 && regionOf(error, response) !== undefined;
}

/** The bucket's region as the response tells it. */
export function regionOf(error: CloudError, response: HttpResponse): string | undefined {
  const region =
    response.headers["x-amz-bucket-region"] ?? (error.body as { Region?: unknown } | undefined)?.Region;
  return typeof region === "string" && /^[a-z0-9-]{1,63}$/.test(region) ? region : undefined;
}
