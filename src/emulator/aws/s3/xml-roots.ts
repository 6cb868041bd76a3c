/**
 * The names that S3 gives the roots of its responses, where the model names only their shapes. SDKs do not look at them;
 * clients that were written by hand do. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
import type { EncodedResponse } from "../../../protocol/protocol.js";

const NAMESPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

const ROOTS: Readonly<Record<string, string>> = {
  CompleteMultipartUpload: "CompleteMultipartUploadResult",
  CreateMultipartUpload: "InitiateMultipartUploadResult",
  DeleteObjects: "DeleteResult",
  GetBucketAccelerateConfiguration: "AccelerateConfiguration",
  GetBucketAcl: "AccessControlPolicy",
  GetBucketCors: "CORSConfiguration",
  GetBucketLifecycleConfiguration: "LifecycleConfiguration",
  GetBucketLogging: "BucketLoggingStatus",
  GetBucketNotificationConfiguration: "NotificationConfiguration",
  GetBucketRequestPayment: "RequestPaymentConfiguration",
  GetBucketTagging: "Tagging",
  GetBucketVersioning: "VersioningConfiguration",
  GetBucketWebsite: "WebsiteConfiguration",
  GetObjectAcl: "AccessControlPolicy",
  GetObjectAttributes: "GetObjectAttributesResponse",
  GetObjectTagging: "Tagging",
  ListBuckets: "ListAllMyBucketsResult",
  ListMultipartUploads: "ListMultipartUploadsResult",
  ListObjects: "ListBucketResult",
  ListObjectsV2: "ListBucketResult",
  ListObjectVersions: "ListVersionsResult",
  ListParts: "ListPartsResult",
};

export function withRoot(operation: string, response: EncodedResponse): EncodedResponse {
  const root = ROOTS[operation];
  const { body } = response;
  if (root === undefined || (body !== undefined && typeof body !== "string")) return response;
  const start = body === undefined ? null : /^(?:<\?xml[^>]*\?>\s*)?<([\w.]+)([^>]*?)(\/?)>/.exec(body);
  const inner =
    start === null || start[3] === "/"
      ? ""
      : (body as string).slice(start[0].length, (body as string).lastIndexOf("</"));
  return {
    ...response,
    headers: { ...response.headers, "content-type": "application/xml" },
    body: document(root, inner),
  };
}

/** The one response whose root holds text: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
export function locationDocument(response: EncodedResponse, region: string): EncodedResponse {
  return {
    ...response,
    headers: { ...response.headers, "content-type": "application/xml" },
    body: document("LocationConstraint", region === "us-east-1" ? "" : region),
  };
}

function document(root: string, inner: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${NAMESPACE}>${inner}</${root}>`;
}
