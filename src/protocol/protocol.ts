/**
 * A wire protocol, both directions: the client's (encode a request, decode a response) and the emulator's (route, decode a
 * request, encode a response), one constant each, so that a client's bundle leaves the emulator's out. Pure: plain values in and out, no I/O but the reading of a body handed in.
 *
 * Values, the same for every protocol: structure and map are plain objects, list is an array, blob is Uint8Array (input: also
 * string, sent as UTF-8), timestamp is Date (input: also number of seconds or ISO string), long is number (bigint when
 * outside the safe integers), document is JSON's own, a streaming blob is RequestBody in and Body out, an event stream
 * is AsyncIterable of one-member objects. Absent members are absent, never undefined or null.
 */
import type { HeaderMap, HttpResponse, RequestBody } from "../http/message.js";
import type { Model, OperationModel } from "../model/model.js";

export type Values = Record<string, unknown>;

/** A request but for its endpoint, which the cloud resolves: origin and a path to put before this one. */
export interface EncodedRequest {
  method: string;
  /** Percent-encoded, starts with `/`. */
  path: string;
  /** Percent-encoded, without `?`. */
  query: string;
  headers: HeaderMap;
  body?: RequestBody;
  /** To put before the endpoint's host: `data-`. */
  hostPrefix?: string;
}

export interface EncodedResponse {
  status: number;
  headers: HeaderMap;
  body?: RequestBody;
}

/** A request as the emulator's router hands it over. The body is bytes unless the operation's payload streams. */
export interface ReceivedRequest {
  method: string;
  /** Percent-encoded, the endpoint's own prefix (a bucket's host, an account) already moved in or off. */
  path: string;
  query: string;
  headers: HeaderMap;
  body: Uint8Array;
}

/** What an error response says, before the client makes it a CloudError. */
export interface DecodedError {
  /** The service's code, cleaned of namespaces; empty when the response has none. */
  code: string;
  /** Of the modelled error, where the service keeps to an older code for it. */
  name?: string | undefined;
  message: string;
  requestId?: string | undefined;
  /** Members of the modelled error that `code` names, or the parsed body. */
  body?: unknown;
  /** The response is not in the protocol's form: an HTML page of a proxy, an empty body. */
  foreign?: true;
}

/** An error as an emulator handler throws it. */
export interface ErrorToEncode {
  readonly code: string;
  readonly message: string;
  readonly status: number;
  readonly requestId: string;
  /** Members of the modelled error. */
  readonly body?: Values | undefined;
  readonly fault?: "client" | "server";
}

/** The client's half. */
export interface Protocol {
  encodeRequest(operation: OperationModel, input: Values): EncodedRequest;
  /** A body of a streaming output is handed on unread as a Body. Fails with CloudError `unavailable`/`BadResponse` on a malformed body. */
  decodeResponse(operation: OperationModel, response: HttpResponse): Promise<Values>;
  /** Never throws: a body that cannot be parsed gives `foreign`. */
  decodeError(operation: OperationModel, response: HttpResponse, body: Uint8Array): DecodedError;
}

/** The emulator's half. */
export interface ServerProtocol {
  /** The operation that a request calls, or undefined. */
  route(model: Model, request: ReceivedRequest): OperationModel | undefined;
  /** Fails with CloudError `invalidInput` on input that cannot be decoded. */
  decodeRequest(operation: OperationModel, request: ReceivedRequest): Values | Promise<Values>;
  encodeResponse(operation: OperationModel, output: Values, requestId: string): EncodedResponse;
  /** `operation` is undefined when routing failed. */
  encodeError(model: Model, operation: OperationModel | undefined, error: ErrorToEncode): EncodedResponse;
}
