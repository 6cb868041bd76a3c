/** What every operation of S3 does beyond its model. One a client: it remembers the regions of buckets. */
import type { Call } from "../../client/backend.js";
import type { HttpResponse } from "../../http/message.js";
import { bytesBody } from "../../http/response-body.js";
import { type CloudError, invalidInput } from "../../internal/cloud-error.js";
import type { OperationModel } from "../../model/model.js";
import type { EncodedRequest, Values } from "../../protocol/protocol.js";
import { hasStreamingPayload } from "../payload.js";
import { keepDocument } from "../quirks/s3.js";
import { isErrorDocument } from "./embedded-error.js";
import { isWrongRegion } from "./redirect.js";

const BUCKET_NAME = /^[a-zA-Z0-9.\-_]{1,255}$/;
const BUCKET_ARN =
  /^arn:aws[^:]*:(s3|s3-object-lambda|s3-outposts):[a-z0-9-]*:\d{12}:(accesspoint|outpost)[/:][a-zA-Z0-9\-.:/]+$/;
const BUCKETS_MAX = 1000;

export class S3Behaviour {
  /** Regions that S3 named when a bucket was asked for in another. */
  readonly #regions = new Map<string, string>();

  /** Refuses names that would be read as another path or host. */
  check({ Bucket: bucket }: Values): void {
    if (typeof bucket !== "string" || BUCKET_NAME.test(bucket) || BUCKET_ARN.test(bucket)) return;
    throw invalidInput("input.Bucket must be a bucket's name or the ARN of an access point", {
      code: "InvalidBucketName",
    });
  }

  /** The bucket's region where it is known to be another than the client's. */
  regionOf({ Bucket: bucket }: Values): string | undefined {
    return typeof bucket === "string" ? this.#regions.get(bucket) : undefined;
  }

  /**
   * Endpoint rules put the bucket into the host or the path, so the path of the model loses it: `/bucket/key` becomes `/key`.
   */
  finish({ operation }: Call, request: EncodedRequest): EncodedRequest {
    if (!operation.path.startsWith("/{Bucket}")) return request;
    const slash = request.path.indexOf("/", 1);
    return { ...request, path: slash < 0 ? "" : request.path.slice(slash) };
  }

  /** Looks into a document for an error that came with status 200, and puts the document back. */
  async isError(operation: OperationModel, response: HttpResponse): Promise<boolean> {
    repairExpires(response);
    if (response.status !== 200 || operation.method === "HEAD" || hasStreamingPayload(operation.output))
      return false;
    const bytes = await response.body.bytes();
    response.body = bytesBody(bytes);
    if (operation.name === "GetBucketLocation") keepDocument(response, bytes);
    return isErrorDocument(bytes);
  }

  /** Whether the error means that the call's bucket is in another region. An access point's ARN names its region itself. */
  isRedirect({ operation, input }: Call, error: CloudError, response: HttpResponse): boolean {
    const { Bucket: bucket } = input;
    return (
      typeof bucket === "string" && !bucket.startsWith("arn:") && isWrongRegion(operation, error, response)
    );
  }

  /** Keeps a bucket's region. True when that is news: the call is to go there. */
  remember({ Bucket: bucket }: Values, region: string | undefined): boolean {
    if (typeof bucket !== "string" || region === undefined || this.#regions.get(bucket) === region)
      return false;
    if (this.#regions.size >= BUCKETS_MAX) this.#regions.clear();
    this.#regions.set(bucket, region);
    return true;
  }
}

/**
 * Anyone may store any text as an object's Expires: one that is no date must not make the object unreadable. The text itself is
 * kept for ExpiresString, whose header is not S3's but this one's.
 */
function repairExpires({ headers }: HttpResponse): void {
  delete headers.expiresstring;
  if (headers.expires === undefined) return;
  headers.expiresstring = headers.expires;
  if (Number.isNaN(Date.parse(headers.expires))) delete headers.expires;
}
