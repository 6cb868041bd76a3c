/**
 * What a service of the emulator is made of. A service deals in inputs and outputs, typed by the same declarations as the
 * client; the wire form of both comes from `protocol/`. What the model does not describe (token endpoints, metadata servers,
 * upload sessions) a service answers itself.
 */

import type { Body, InputOf, OutputOf } from "../client/types.js";
import type { HeaderMap, RequestBody, ResponseBody } from "../http/message.js";
import type { CloudName } from "../model/ir.js";
import type { Model, OperationModel } from "../model/model.js";
import type { EncodedResponse, ServerProtocol, Values } from "../protocol/protocol.js";
import type { Clock } from "./clock.js";
import type { Memory } from "./stored-bytes.js";

/** A request's bytes: `bytes(limit)` for all, or iterate; once. */
export type IncomingBody = ResponseBody;

/** A request as the server or the in-process transport received it. */
export interface IncomingRequest {
  readonly method: string;
  /** Scheme, host and port as the client addressed it: `http://127.0.0.1:4566`, `https://bucket.s3.amazonaws.com`. */
  readonly origin: string;
  /** Host and port, lower-case. Also in `headers.host`. */
  readonly host: string;
  /** Absolute path, percent-encoded exactly as sent. */
  readonly path: string;
  /** Query without `?`, percent-encoded exactly as sent. */
  readonly query: string;
  readonly headers: Readonly<HeaderMap>;
  readonly body: IncomingBody;
  /** Of the client's socket; undefined in process. */
  readonly clientAddress?: string | undefined;
}

/** Who signed a request. */
export interface Caller {
  /** ARN, object id, or e-mail of a service account. */
  readonly id: string;
  /** AWS account, Azure storage account or tenant, Google project. */
  readonly account: string;
  /** AWS: `AIDA...`, `AROA...:session`. */
  readonly userId?: string;
  /** AWS: the key that signed. */
  readonly accessKeyId?: string;
  /** What a token said: its payload. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** One kind of state. Services reach their own and each other's by it: `context.store(iamStore)`. */
export interface StoreKey<T> {
  readonly name: string;
  /** Makes the empty state: at first use, and again after `emulator.reset()`. */
  create(environment: StoreEnvironment): T;
}

export type StoreOf = <T>(key: StoreKey<T>) => T;

export interface StoreEnvironment {
  readonly clock: Clock;
  readonly memory: Memory;
  /** Whether Azure's storage accounts keep versions of blobs. */
  readonly blobVersioning: boolean;
}

export interface Context {
  readonly cloud: CloudName;
  /** `s3`, `blob`, `storage`. */
  readonly service: string;
  readonly request: IncomingRequest;
  readonly requestId: string;
  /** False when signatures and tokens are taken as given (`Emulator.start({ verify: false })`). */
  readonly verify: boolean;
  /** True when policies are enforced (`Emulator.start({ authorize: true })`). */
  readonly authorize: boolean;
  readonly clock: Clock;
  /** Counts the bytes that stores hold. */
  readonly memory: Memory;
  /** Undefined for an anonymous request. Set once `verify` has answered. */
  readonly caller: Caller | undefined;
  /** AWS account, Azure subscription or Google project that the request works in. */
  readonly account: string;
  /** AWS region or Azure location or Google region of the request; empty where there is none. */
  readonly region: string;
  /** Called operation by wire name (`GetObject`, `instances.list`), once it is known. */
  readonly operation: OperationModel | undefined;
  store<T>(key: StoreKey<T>): T;
  /** Goes on the response, over what the protocol encodes: a handler sets what the model has no member for. */
  readonly responseHeaders: HeaderMap;
  /** Replaces the response's status. */
  responseStatus: number | undefined;
}

/** What `verify` found out. */
export interface Verified {
  /** Undefined: anonymous. */
  readonly caller?: Caller | undefined;
  /** Replaces the request's body: decoded from chunks, or checked against its hash as it is read. */
  readonly body?: IncomingBody | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

/** The request as the protocol reads it: the endpoint's own prefix (a bucket's host, an account) moved in or off. */
export interface Localized {
  readonly path: string;
  readonly query: string;
  readonly headers?: HeaderMap;
}

/** A handler after its types are erased. */
export type AnyHandler = (input: Values, context: Context) => unknown;

export interface EmulatedService {
  readonly cloud: CloudName;
  readonly id: string;
  readonly model?: Model | undefined;
  readonly protocol?: ServerProtocol | undefined;
  /** By client member: `getObject`, `instances.list`. A modelled operation without one answers 501. */
  readonly handlers?: Readonly<Record<string, AnyHandler>> | undefined;
  /** Who calls. Throws EmulatorError on a bad signature or token. Called with `context.verify` false too: then it only reads. */
  verify?(request: IncomingRequest, context: Context): Promise<Verified> | Verified;
  /** Default: path and query as they came. */
  localize?(request: IncomingRequest): Localized;
  /** Answers without the model, before it is asked; undefined hands the request on. Runs after `verify`. */
  answer?(
    request: IncomingRequest,
    context: Context,
  ): Promise<EncodedResponse | undefined> | EncodedResponse | undefined;
  /** Refuses a caller whom policies do not let call this. Called where `context.authorize` is true, once the input is decoded. */
  authorize?(input: Values, context: Context): void;
  /** Last look at each response, errors included. */
  finish?(response: EncodedResponse, context: Context): EncodedResponse;
  /** An error in the service's own form where it has no protocol, or one of another form. Default: by the protocol. */
  encodeError?(error: EmulatorError, context: Context): EncodedResponse;
  /** The error for input that cannot be decoded. Default: 400 `InvalidRequest` with what is wrong. */
  readonly malformed?: { readonly code: string; readonly message?: string; readonly status: number };
  /** How the service says "slow down", for injected faults. Default: 503 `SlowDown`. */
  readonly throttling?: { readonly code: string; readonly message: string; readonly status: number };
}

/** One cloud: which of its services a request is for, and how to load them. */
export interface EmulatedCloud {
  readonly name: CloudName;
  /**
   * The service that a request is for, by host, path, headers and credential scope; undefined when it is not this cloud's.
   * Cheap: asked for each request, before anything is loaded. What the request does not tell, the state may: `store` gives it.
   * May name a service that is not in `services`: that answers 501.
   */
  claim(request: IncomingRequest, store: StoreOf): string | undefined;
  /** Loaded at first use. */
  readonly services: Readonly<Record<string, () => Promise<EmulatedService>>>;
  /** 501 for a service that is not there, in the form that its clients read. */
  encodeUnknown(service: string, error: EmulatorError, context: Context): EncodedResponse;
  /** Variables that point the vendor's tools and SDKs at a listening emulator. */
  environment(url: string): Record<string, string>;
}

/** What a handler throws: encoded as the service's own error. */
export class EmulatorError extends Error {
  readonly code: string;
  readonly status: number;
  /** Members of the modelled error, or further members of the error body. */
  readonly body: Values | undefined;
  readonly headers: HeaderMap | undefined;

  constructor(code: string, message: string, status: number, body?: Values, headers?: HeaderMap) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** An operation's input as a handler receives it: each value in its one decoded form. */
export type Received<T> = unknown extends T
  ? T
  : Date extends T
    ? Date
    : ReadableStream<Uint8Array> extends T
      ? IncomingBody
      : Uint8Array extends T
        ? Uint8Array
        : T extends string
          ? T
          : T extends readonly (infer E)[]
            ? Received<E>[]
            : T extends object
              ? { [K in keyof T]: Received<T[K]> }
              : T;

/** An operation's output as a handler answers it: absent members may be undefined, a body may be any bytes. */
export type Answered<T> = unknown extends T
  ? T
  : T extends Body
    ? RequestBody
    : T extends Date | Uint8Array
      ? T
      : T extends string
        ? T
        : T extends readonly (infer E)[]
          ? readonly Answered<E>[]
          : T extends object
            ? { [K in keyof T]: Answered<T[K]> | (undefined extends T[K] ? undefined : never) }
            : T;

/** Dotted member paths of a client's operations: `getObject`, `instances.list`. */
type OperationMember<C> = {
  [K in keyof C & string]: C[K] extends (...args: never[]) => Promise<unknown>
    ? K
    : K extends "errors" | "waitUntil"
      ? never
      : C[K] extends object
        ? `${K}.${{ [M in keyof C[K] & string]: C[K][M] extends (...args: never[]) => Promise<unknown> ? M : never }[keyof C[K] & string]}`
        : never;
}[keyof C & string];

type MemberOf<C, P extends string> = P extends keyof C
  ? C[P]
  : P extends `${infer H}.${infer T}`
    ? H extends keyof C
      ? MemberOf<C[H], T>
      : never
    : never;

/** One operation's handler: `Handler<S3["getObject"]>`. */
export type Handler<Op> = (
  input: Received<InputOf<Op>>,
  context: Context,
) => Answered<OutputOf<Op>> | Promise<Answered<OutputOf<Op>>>;

/** Handlers of a service's operations, typed by its client class: `const objects: Handlers<S3> = { async getObject(input, context) {...} }`. */
export type Handlers<C> = { [P in OperationMember<C>]?: Handler<MemberOf<C, P>> };

/** The one place where handlers lose their types: the protocol decodes exactly what the model says. */
export function eraseHandlers<C>(...groups: Handlers<C>[]): Readonly<Record<string, AnyHandler>> {
  return Object.assign({}, ...groups) as Record<string, AnyHandler>;
}
