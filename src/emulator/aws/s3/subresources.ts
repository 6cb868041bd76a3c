/** What of a path and its query no operation is for, said in S3's own words before anything is looked up. */
import type { Context, IncomingRequest } from "../../service.js";
import { localize } from "./address.js";
import { invalidArgument, invalidRequest, methodNotAllowed } from "./errors.js";

export function checkSubresources(request: IncomingRequest, { operation }: Context): void {
  const { method, headers } = request;
  const { path, query } = localize(request);
  const names = new URLSearchParams(query);
  const [, , key = ""] = path.split("/");
  if (method === "GET" && key !== "") {
    if (names.has("uploads")) {
      throw invalidRequest("Key is not expected for the GET method ?uploads subresource");
    }
    if (names.has("versions")) {
      throw invalidRequest("There is no such thing as the ?versions sub-resource for a key");
    }
  }
  if (method === "PUT" && names.has("partNumber") && !names.has("uploadId")) {
    throw invalidArgument(
      "This operation does not accept partNumber without uploadId",
      "partNumber",
      names.get("partNumber") ?? "",
    );
  }
  if (method === "PUT" && names.has("uploadId") && !names.has("partNumber")) {
    throw methodNotAllowed(method, "UPLOAD");
  }
  if (method === "POST" && operation === undefined) throw methodNotAllowed(method, "SERVICE");
  if (method !== "PUT" && headers["x-amz-copy-source"] !== undefined) {
    throw invalidArgument(
      "You can only specify a copy source header for copy requests.",
      "x-amz-copy-source",
      headers["x-amz-copy-source"],
    );
  }
}
