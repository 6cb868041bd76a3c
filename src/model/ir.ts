/**
 * The IR: one service of any of the three clouds as plain data, the form in which `models/` is committed.
 * Facts only. Codegen writes it, the build packs it (`pack.ts`), the loader reads the packed form (`model.ts`).
 */

import type { CloudName } from "../internal/cloud-name.js";

export type { CloudName };

/** A wire protocol. Each has one file in `protocol/`. */
export type ProtocolName =
  | "aws-ec2"
  | "aws-query"
  | "aws-json"
  | "aws-rest-json"
  | "aws-rest-xml"
  | "aws-cbor"
  | "azure-xml"
  | "azure-json"
  | "gcp-rest";

/** `models/<cloud>/<id>.json`. */
export interface ServiceModel {
  readonly service: ServiceTraits;
  readonly operations: Readonly<Record<string, OperationTraits>>;
  readonly shapes: Readonly<Record<string, ShapeTraits>>;
  readonly waiters?: Readonly<Record<string, WaiterTraits>>;
  /** The object layer: boto3's resources, or the like for the other clouds. Read by `<cloud>/resource*.ts`. */
  readonly resources?: unknown;
}

export interface ServiceTraits {
  readonly cloud: CloudName;
  /** Module name and `session.client(id)`: botocore's service id (`s3`), discovery's name (`storage`). */
  readonly id: string;
  /** Class name: `S3`, `EC2`, `Storage`, `Resources`. */
  readonly name: string;
  /** As the vendor calls it: `Amazon Elastic Compute Cloud`. */
  readonly title?: string;
  readonly apiVersion: string;
  readonly protocol: ProtocolName;
  /** What else only this cloud needs, read by that cloud's own code (AwsTraits and the like). */
  readonly aws?: AwsServiceTraits;
  readonly azure?: AzureServiceTraits;
  readonly gcp?: GcpServiceTraits;
}

export interface AwsServiceTraits {
  /** botocore metadata `serviceId`: `EC2`, `API Gateway`. Names config sections and env variables. */
  readonly serviceId: string;
  readonly endpointPrefix: string;
  readonly signingName?: string;
  /** botocore `signatureVersion`: `v4`, `s3`, `bearer`, `s3v4`... */
  readonly signatureVersion: string;
  /** Auth trait list in order of preference: `aws.auth#sigv4`, `smithy.api#httpBearerAuth`. */
  readonly auth?: readonly string[];
  /** Protocols that the service also speaks, for the emulator; absent when `protocol` is the only one. */
  readonly protocols?: readonly ProtocolName[];
  /** botocore `uid`: `s3-2006-03-01`, part of the address of the vendor's pages. */
  readonly uid?: string;
  readonly jsonVersion?: string;
  readonly targetPrefix?: string;
  readonly xmlNamespace?: string;
  readonly globalEndpoint?: string;
  readonly queryCompatible?: true;
  /** Event streams over HTTP/2. */
  readonly h2?: "eventstream" | "optional";
  /** Name of the rule set in `models/aws/rules/`. */
  readonly rules?: string;
  /** Values that the shared rule set leaves open (for deduplicated sets): placeholder to text. */
  readonly ruleValues?: Readonly<Record<string, string>>;
  /** Names and types of client-level context parameters of the rule set. */
  readonly clientContext?: Readonly<Record<string, string>>;
  /** Operation that answers endpoint discovery. */
  readonly endpointOperation?: string;
}

export interface AzureServiceTraits {
  /** `https://management.azure.com` or a template: `https://{account}.blob.core.windows.net`. */
  readonly endpoint: string;
  /** Token scopes: `https://management.azure.com/.default`. */
  readonly scopes: readonly string[];
}

export interface GcpServiceTraits {
  /** `https://storage.googleapis.com/` */
  readonly rootUrl: string;
  /** `storage/v1/` */
  readonly servicePath: string;
  readonly batchPath?: string;
  readonly scopes: readonly string[];
}

export interface OperationTraits {
  /** HTTP method; POST when absent. */
  readonly method?: string;
  /**
   * Path template with optional query: `/{Bucket}/{Key+}?uploads`, `/subscriptions/{subscriptionId}/...`.
   * `/` when absent. `{x+}` is greedy (keeps slashes). Names are the members' wire names.
   */
  readonly path?: string;
  /** Name of the input structure; none when the operation takes nothing. */
  readonly input?: string;
  readonly output?: string;
  /** Modelled errors, names of structures with `error`. */
  readonly errors?: readonly string[];
  /** Success status where the model states one. */
  readonly status?: number;
  readonly page?: PageTraits;
  /** Long-running: how `.untilDone()` polls. */
  readonly lro?: LongRunningTraits;
  /** Safe to repeat by contract of the model. */
  readonly idempotent?: true;
  /** Can be signed into a URL (Azure and Google; on AWS every operation can). */
  readonly presign?: true;
  readonly deprecated?: true;
  /** Names of quirks that apply (functions in `<cloud>/quirks/`). */
  readonly quirks?: readonly string[];
  /** Where the vendor documents it; only when not derivable from the service. */
  readonly doc?: string;
  readonly aws?: AwsOperationTraits;
  readonly gcp?: GcpOperationTraits;
  readonly azure?: AzureOperationTraits;
}

export interface AwsOperationTraits {
  /** XML root element of the input and its namespace (rest-xml). */
  readonly inputName?: string;
  readonly inputNamespace?: string;
  /** query protocol's `resultWrapper`. */
  readonly wrapper?: string;
  readonly hostPrefix?: string;
  /** `none`, `v4-unsigned-body`, `bearer`... */
  readonly authtype?: string;
  readonly auth?: readonly string[];
  readonly unsignedPayload?: true;
  readonly checksum?: {
    readonly requestMember?: string;
    readonly requestRequired?: true;
    readonly validationMember?: string;
    readonly response?: readonly string[];
  };
  /** Legacy `httpChecksumRequired` (Content-MD5). */
  readonly md5?: true;
  readonly compression?: readonly string[];
  readonly endpointDiscovery?: "required" | "optional";
  /** Rule-set parameters fixed for this operation. */
  readonly staticContext?: Readonly<Record<string, unknown>>;
  /** Rule-set parameters read from the input by a JMESPath expression. */
  readonly operationContext?: Readonly<Record<string, string>>;
}

export interface GcpOperationTraits {
  /** Media upload paths: `simple` (also multipart) and `resumable`. */
  readonly upload?: { readonly simple?: string; readonly resumable?: string };
  /** `alt=media` answers bytes. */
  readonly download?: true;
  /** The path with greedy parameters spelled out, names left blank: `/v1/projects/{}/topics/{}`. Routing tells operations apart by it. */
  readonly flat?: string;
  /** Inputs that make the call safe to repeat when one of them is given: `ifGenerationMatch`, `body.etag`. */
  readonly repeatIf?: readonly string[];
  readonly scopes?: readonly string[];
  /** Id of the discovery method, `storage.objects.get`. */
  readonly id: string;
}

export interface AzureOperationTraits {
  readonly apiVersion?: string;
  readonly operationId?: string;
}

/** Paths are dotted member names, `||` for alternatives as in botocore. */
export interface PageTraits {
  readonly inputToken: string | readonly string[];
  readonly outputToken: string | readonly string[];
  /** Result lists; the first is what `.items()` yields. */
  readonly items: readonly string[];
  readonly more?: string;
  readonly limit?: string;
  /** Token is a whole URL to GET (Azure nextLink). */
  readonly link?: true;
}

export interface LongRunningTraits {
  readonly style: "azure-arm" | "gcp-longrunning" | "gcp-compute" | "gcp-sql";
  /** ARM `final-state-via`. */
  readonly finalStateVia?: string;
  /** Operation that reads the operation's state, where the style needs one (`zoneOperations.get`). */
  readonly poll?: string;
  /** Shape of the final result where it differs from the operation's output. */
  readonly result?: string;
}

export interface WaiterTraits {
  readonly operation: string;
  readonly delaySeconds: number;
  readonly maxAttempts: number;
  readonly acceptors: readonly AcceptorTraits[];
}

export interface AcceptorTraits {
  readonly matcher: "path" | "pathAll" | "pathAny" | "status" | "error";
  readonly state: "success" | "failure" | "retry";
  readonly expected: string | number | boolean;
  /** JMESPath over the output. */
  readonly argument?: string;
}

export type ShapeType =
  | "structure"
  | "list"
  | "map"
  | "string"
  | "integer"
  | "long"
  | "float"
  | "double"
  | "boolean"
  | "blob"
  | "timestamp"
  | "document";

export type TimestampFormat = "iso8601" | "rfc822" | "unixTimestamp" | "date" | "date-time";

export interface ShapeTraits {
  readonly type: ShapeType;
  /** structure */
  readonly members?: Readonly<Record<string, MemberTraits>>;
  /** structure: exactly one member is set */
  readonly union?: true;
  /** structure: a modelled error */
  readonly error?: { readonly code?: string; readonly status?: number; readonly fault?: "client" | "server" };
  readonly retryable?: "transient" | "throttling";
  readonly eventStream?: true;
  /** structure: an event of an event stream */
  readonly event?: true;
  /** structure: name of the member that is the whole body */
  readonly payload?: string;
  /** list element, map value */
  readonly member?: MemberTraits;
  /** map key */
  readonly key?: MemberTraits;
  readonly flat?: true;
  readonly sparse?: true;
  /** Known values of a string; unknown ones stay allowed. */
  readonly enum?: readonly string[];
  /** string: may be given as an object of these strings, those with `?` optional. A quirk of the operation joins them. */
  readonly parts?: readonly string[];
  readonly format?: TimestampFormat;
  readonly sensitive?: true;
  /** blob or event stream sent and received as a stream */
  readonly streaming?: true;
  readonly requiresLength?: true;
  readonly min?: number;
  readonly max?: number;
  readonly xmlName?: string;
  readonly xmlNamespace?: string;
  /** string on the wire that holds base64 of a blob without padding, URL alphabet (Azure base64url) */
  readonly base64url?: true;
}

/** Where a member travels; absent means in the body. */
export type Location = "path" | "query" | "header" | "headers" | "status";

export interface MemberTraits {
  /** Shape name. */
  readonly shape: string;
  /** Wire name when it differs from the member's name. For `headers`, the prefix. */
  readonly name?: string;
  /** The ec2 protocol's `queryName`. */
  readonly queryName?: string;
  readonly at?: Location;
  readonly required?: true;
  /** Set by the service only (Azure, Google): absent from inputs' types. */
  readonly readOnly?: true;
  readonly attribute?: true;
  readonly flat?: true;
  readonly xmlNamespace?: string;
  readonly xmlPrefix?: string;
  /** Filled with a UUID when absent. */
  readonly idempotencyToken?: true;
  readonly jsonValue?: true;
  readonly hostLabel?: true;
  /** Name of the endpoint rule set's parameter that this member binds. */
  readonly context?: string;
  readonly format?: TimestampFormat;
  readonly streaming?: true;
  readonly eventPayload?: true;
  readonly eventHeader?: true;
  /** Filled from the session when absent: `project`, `projectName` (`projects/<project>`), `subscriptionId`, `region`. */
  readonly session?: string;
  /** Always sent with this value when absent (constant headers, `comp=list`). */
  readonly value?: string | number | boolean;
  readonly deprecated?: true;
  /** Query or header list joined by this instead of repeated. */
  readonly join?: string;
}
