/** Services whose requests are not quite what their model says. */
import { sha256, sha256Hex, toHex } from "../../auth/digest.js";
import { encodeStrict } from "../../auth/sigv4-canonical.js";
import { readBody } from "../../http/request-body.js";
import { invalidInput } from "../../internal/cloud-error.js";
import type { Values } from "../../protocol/protocol.js";
import type { Quirk } from "./quirk.js";

/** Ids of one answer (`/hostedzone/Z1`) serve as input of the next call (`Z1`). https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html */
export const bareIds: Quirk = {
  fill(input, operation) {
    const filled: Values = { ...input };
    for (const name of ["HostedZoneId", "DelegationSetId", "Id", "HostedZoneIdMarker"]) {
      const value = filled[name];
      if (typeof value === "string" && operation.input?.member(name) !== undefined) {
        filled[name] = value.slice(value.lastIndexOf("/") + 1);
      }
    }
    return filled;
  },
};

/** API Gateway answers HAL otherwise. https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html */
export const acceptJson: Quirk = {
  finish: (request, call) =>
    // Whoever opens a URL would have to send each header that it is signed with.
    call.presign ? request : { ...request, headers: { accept: "application/json", ...request.headers } },
};

/** `-` stands for the account of the credentials. https://docs.aws.amazon.com/amazonglacier/latest/dev/api-archive-post.html */
export const glacier: Quirk = {
  fill: (input) => (input.accountId === undefined ? { ...input, accountId: "-" } : input),
  finish(request, call) {
    if (call.presign) return request;
    const version = call.operation.service.apiVersion;
    return { ...request, headers: { ...request.headers, "x-amz-glacier-version": version } };
  },
};

const TREE_LEAF_BYTES = 1024 * 1024;

/** A tree of SHA-256 over each MiB goes with what is uploaded. https://docs.aws.amazon.com/amazonglacier/latest/dev/checksum-calculations.html */
export const treeHash: Quirk = {
  async finish(request, call) {
    // A URL's body is its opener's, and so are the sums of it.
    if (call.presign) return request;
    const body = await readBody(request.body);
    const headers = { ...request.headers };
    headers["x-amz-content-sha256"] ??= sha256Hex(body);
    headers["x-amz-sha256-tree-hash"] ??= toHex(treeHashOf(body));
    return { ...request, headers, body };
  },
};

function treeHashOf(body: Uint8Array): Uint8Array {
  let level: Uint8Array[] = [];
  for (let start = 0; start < body.length || start === 0; start += TREE_LEAF_BYTES) {
    level.push(sha256(body.subarray(start, start + TREE_LEAF_BYTES)));
  }
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i] as Uint8Array, level[i + 1]];
      next.push(right === undefined ? left : sha256(new Uint8Array([...left, ...right])));
    }
    level = next;
  }
  return level[0] as Uint8Array;
}

/** A search may be longer than a URL: its query is posted. https://docs.aws.amazon.com/cloudsearch/latest/developerguide/search-api.html */
export const postedSearch: Quirk = {
  finish(request) {
    if (request.method !== "GET") return request;
    const headers = { ...request.headers, "content-type": "application/x-www-form-urlencoded" };
    return { ...request, method: "POST", headers, body: request.query, query: "" };
  },
};

/** Each model answers predictions at an endpoint of its own. https://docs.aws.amazon.com/machine-learning/latest/APIReference/API_Predict.html */
export const predictEndpoint: Quirk = {
  endpoint({ PredictEndpoint: endpoint }) {
    if (typeof endpoint !== "string") return undefined;
    if (URL.canParse(endpoint)) return endpoint;
    throw invalidInput(`input.PredictEndpoint must be a URL, is ${JSON.stringify(endpoint)}`);
  },
};

/** Speech can be fetched by a signed URL, its parameters in the query. https://docs.aws.amazon.com/polly/latest/dg/API_SynthesizeSpeech.html */
export const presignedSpeech: Quirk = {
  finish(request, call) {
    if (!call.presign || typeof request.body !== "string") return request;
    const { body, headers, ...rest } = request;
    const { "content-type": _, ...kept } = headers;
    const parameters = Object.entries(JSON.parse(body) as Values).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((each) => `${name}=${encodeStrict(String(each))}`),
    );
    return { ...rest, method: "GET", headers: kept, query: parameters.join("&") };
  },
};
