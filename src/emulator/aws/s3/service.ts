/** S3 in the emulator. */
import { S3 } from "../../../gen/aws/s3.js";
import type { Model, OperationModel } from "../../../model/model.js";
import { awsRestXmlServer } from "../../../protocol/aws-rest-xml.js";
import { escapeXml } from "../../../protocol/codec/xml.js";
import type { EncodedResponse, ReceivedRequest } from "../../../protocol/protocol.js";
import { type Context, type EmulatedService, type EmulatorError, eraseHandlers } from "../../service.js";
import { withRequired } from "../required.js";
import { localize } from "./address.js";
import { checkNobody } from "./anonymous.js";
import { archiveHandlers } from "./archive.js";
import { authorizeS3 } from "./authorization.js";
import { settingHandlers } from "./bucket-settings.js";
import { bucketHandlers } from "./buckets.js";
import { copyHandlers } from "./copy.js";
import { corsHeaders, preflight } from "./cors.js";
import { verifyRequest } from "./digested-body.js";
import { checkDirectoryBucket, directoryBucketHandlers } from "./directory-buckets.js";
import { malformedXml } from "./errors.js";
import { listHandlers } from "./list.js";
import { multipartHandlers } from "./multipart.js";
import { lockHandlers } from "./object-lock.js";
import { objectHandlers } from "./objects.js";
import { postUpload } from "./post-upload.js";
import { selectHandlers } from "./select.js";
import { s3Store } from "./store.js";
import { checkSubresources } from "./subresources.js";
import { locationDocument, withRoot } from "./xml-roots.js";

export const s3Service: EmulatedService = {
  cloud: "aws",
  id: "s3",
  model: S3.serviceModel,
  // What headers and query lack, handlers say in their own words.
  protocol: withRequired({ ...awsRestXmlServer, route }, (path) =>
    path === "ObjectAttributes" ? undefined : malformedXml(),
  ),
  handlers: eraseHandlers<S3>(
    objectHandlers,
    copyHandlers,
    listHandlers,
    multipartHandlers,
    bucketHandlers,
    settingHandlers,
    lockHandlers,
    archiveHandlers,
    selectHandlers,
    directoryBucketHandlers,
  ),
  localize,
  verify: verifyRequest,
  authorize: authorizeS3,
  async answer(request, context) {
    const answered = preflight(request, context) ?? (await postUpload(request, context));
    if (answered !== undefined) return answered;
    checkSubresources(request, context);
    checkDirectoryBucket(context);
    checkNobody(context);
    return undefined;
  },
  finish,
  encodeError,
  malformed: {
    code: "MalformedXML",
    message: "The XML you provided was not well-formed or did not validate against our published schema",
    status: 400,
  },
};

/** Operations that took the place of others under the same method and path. */
const SUCCESSORS: Readonly<Record<string, string>> = {
  GetBucketLifecycle: "GetBucketLifecycleConfiguration",
  PutBucketLifecycle: "PutBucketLifecycleConfiguration",
  GetBucketNotification: "GetBucketNotificationConfiguration",
  PutBucketNotification: "PutBucketNotificationConfiguration",
};

function route(model: Model, request: ReceivedRequest): OperationModel | undefined {
  const operation = awsRestXmlServer.route(model, request);
  // Without the header that names them, the path is also an object's.
  if (operation?.name === "GetObject" && new URLSearchParams(request.query).has("attributes"))
    return model.operation("GetObjectAttributes");
  // Both are `GET /`: the endpoint of directory buckets is told by the signature's scope.
  if (
    operation?.name === "ListBuckets" &&
    /\/s3express\/aws4_request/.test(request.headers.authorization ?? "")
  )
    return model.operation("ListDirectoryBuckets");
  return operation && model.operation(SUCCESSORS[operation.name] ?? operation.name);
}

function finish(response: EncodedResponse, context: Context): EncodedResponse {
  const cors = corsHeaders(context);
  const headed = cors === undefined ? response : { ...response, headers: { ...response.headers, ...cors } };
  const { operation } = context;
  if (operation === undefined || headed.status >= 300) return headed;
  if (operation.name !== "GetBucketLocation") return withRoot(operation.name, headed);
  const [, name = ""] = localize(context.request).path.split("/");
  return locationDocument(headed, context.store(s3Store).bucket(decodeURIComponent(name)).region);
}

/** S3's own form, with the details that its errors carry. To HEAD and 304 there is no body. */
function encodeError(error: EmulatorError, context: Context): EncodedResponse {
  const { method, host } = context.request;
  const hostId = Buffer.from(`${context.requestId}/${host}`).toString("base64");
  const headers = { "x-amz-request-id": context.requestId, "x-amz-id-2": hostId };
  if (error.status === 304) return { status: error.status, headers };
  if (method === "HEAD")
    return { status: error.status, headers: { ...headers, "content-type": "application/xml" } };
  const members = {
    Code: error.code,
    Message: error.message,
    ...error.body,
    RequestId: context.requestId,
    HostId: hostId,
  };
  const text = Object.entries(members).map(
    ([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`,
  );
  return {
    status: error.status,
    headers: { ...headers, "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${text.join("")}</Error>`,
  };
}
