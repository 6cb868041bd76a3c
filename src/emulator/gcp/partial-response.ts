/** Answers cut down to the fields asked for: `?fields=items(name,acl/entity),nextPageToken`. https://cloud.google.com/storage/docs/json_api#partial-response */
import type { EncodedResponse } from "../../protocol/protocol.js";
import { type Context, EmulatorError } from "../service.js";

/** Wanted members; a leaf wants all that is below it. */
type Selection = Map<string, Selection>;

export function partialResponse(response: EncodedResponse, { request }: Context): EncodedResponse {
  if (response.status !== 200 || typeof response.body !== "string" || !request.query.includes("fields="))
    return response;
  const fields = new URLSearchParams(request.query).get("fields");
  if (fields === null || fields === "" || fields === "*") return response;
  if (!response.headers["content-type"]?.includes("json")) return response;
  const body = JSON.stringify(cut(JSON.parse(response.body), parseFields(fields)));
  const { "content-length": _, ...headers } = response.headers;
  return { ...response, headers, body };
}

function cut(value: unknown, wanted: Selection): unknown {
  if (wanted.size === 0) return value;
  if (Array.isArray(value)) return value.map((each) => cut(each, wanted));
  if (typeof value !== "object" || value === null) return value;
  const any = wanted.get("*");
  const kept = Object.entries(value).flatMap(([name, each]) => {
    const inner = wanted.get(name) ?? any;
    return inner === undefined ? [] : [[name, cut(each, inner)] as const];
  });
  return Object.fromEntries(kept);
}

/** @throws EmulatorError 400 where parentheses do not match. */
export function parseFields(text: string): Selection {
  const root: Selection = new Map();
  const open: Selection[] = [];
  let scope = root;
  let at = root;
  for (const [token] of text.matchAll(/[^,/()\s]+|[,/()]/g)) {
    if (token === ",") at = scope;
    else if (token === "(") {
      open.push(scope);
      scope = at;
    } else if (token === ")") {
      const outer = open.pop();
      if (outer === undefined) throw invalid(text);
      scope = outer;
      at = scope;
    } else if (token !== "/") {
      let inner = at.get(token);
      if (inner === undefined) {
        inner = new Map();
        at.set(token, inner);
      }
      at = inner;
    }
  }
  if (open.length > 0) throw invalid(text);
  return root;
}

function invalid(text: string): EmulatorError {
  return new EmulatorError("invalidParameter", `Invalid field selection ${text}`, 400);
}
