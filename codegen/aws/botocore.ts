/** The parts of botocore's and boto3's data files that the importer reads. */

export interface BotocoreService {
  readonly metadata: BotocoreMetadata;
  readonly operations: Readonly<Record<string, BotocoreOperation>>;
  readonly shapes: Readonly<Record<string, BotocoreShape>>;
  readonly clientContextParams?: Readonly<Record<string, { readonly type: string }>>;
}

export interface BotocoreMetadata {
  readonly apiVersion?: string;
  readonly auth?: readonly string[];
  readonly awsQueryCompatible?: object;
  readonly endpointPrefix?: string;
  readonly globalEndpoint?: string;
  readonly jsonVersion?: string;
  readonly protocol: string;
  readonly protocols?: readonly string[];
  readonly protocolSettings?: { readonly h2?: "eventstream" | "optional" };
  readonly serviceFullName?: string;
  readonly serviceId?: string;
  readonly signatureVersion?: string;
  readonly signingName?: string;
  readonly targetPrefix?: string;
  readonly uid?: string;
  readonly xmlNamespace?: string | { readonly uri: string };
}

export interface BotocoreOperation {
  readonly name: string;
  readonly http?: { readonly method?: string; readonly requestUri?: string; readonly responseCode?: number };
  readonly input?: BotocoreReference;
  readonly output?: BotocoreReference;
  readonly errors?: readonly BotocoreReference[];
  readonly idempotent?: boolean;
  readonly readonly?: boolean;
  readonly deprecated?: boolean;
  readonly endpoint?: { readonly hostPrefix?: string };
  readonly staticContextParams?: Readonly<Record<string, { readonly value: unknown }>>;
  readonly operationContextParams?: Readonly<Record<string, { readonly path: string }>>;
  readonly endpointdiscovery?: { readonly required?: boolean };
  readonly endpointoperation?: boolean;
  readonly authtype?: string;
  readonly auth?: readonly string[];
  readonly unsignedPayload?: boolean;
  readonly httpChecksumRequired?: boolean;
  readonly httpChecksum?: {
    readonly requestAlgorithmMember?: string;
    readonly requestChecksumRequired?: boolean;
    readonly requestValidationModeMember?: string;
    readonly responseAlgorithms?: readonly string[];
  };
  readonly requestcompression?: { readonly encodings: readonly string[] };
}

/** A reference to a shape with the traits that hold in its place. */
export interface BotocoreReference {
  readonly shape: string;
  readonly location?: string;
  readonly locationName?: string;
  readonly queryName?: string;
  readonly xmlNamespace?: string | { readonly uri: string; readonly prefix?: string };
  readonly xmlAttribute?: boolean;
  readonly flattened?: boolean;
  readonly streaming?: boolean;
  readonly idempotencyToken?: boolean;
  readonly jsonvalue?: boolean;
  readonly hostLabel?: boolean;
  readonly contextParam?: { readonly name: string };
  readonly timestampFormat?: string;
  readonly eventpayload?: boolean;
  readonly eventheader?: boolean;
  readonly deprecated?: boolean;
  readonly resultWrapper?: string;
}

export interface BotocoreShape {
  readonly type: string;
  readonly members?: Readonly<Record<string, BotocoreReference>>;
  readonly required?: readonly string[];
  readonly member?: BotocoreReference;
  readonly key?: BotocoreReference;
  readonly value?: BotocoreReference;
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly exception?: boolean;
  readonly error?: {
    readonly code?: string;
    readonly httpStatusCode?: number;
    readonly senderFault?: boolean;
  };
  readonly fault?: boolean;
  readonly retryable?: { readonly throttling?: boolean };
  readonly payload?: string;
  readonly union?: boolean;
  readonly document?: boolean;
  readonly eventstream?: boolean;
  readonly event?: boolean;
  readonly streaming?: boolean;
  readonly requiresLength?: boolean;
  readonly sensitive?: boolean;
  readonly flattened?: boolean;
  readonly sparse?: boolean;
  readonly timestampFormat?: string;
  readonly locationName?: string;
  readonly xmlNamespace?: string | { readonly uri: string; readonly prefix?: string };
}

export interface BotocorePaginators {
  readonly pagination: Readonly<Record<string, BotocorePaginator>>;
}

export interface BotocorePaginator {
  readonly input_token: string | readonly string[];
  readonly output_token: string | readonly string[];
  readonly result_key?: string | readonly string[];
  readonly limit_key?: string;
  readonly more_results?: string;
}

export interface BotocoreWaiters {
  readonly waiters: Readonly<Record<string, BotocoreWaiter>>;
}

export interface BotocoreWaiter {
  readonly operation: string;
  readonly delay: number;
  readonly maxAttempts: number;
  readonly acceptors: readonly {
    readonly matcher: string;
    readonly state: string;
    readonly expected: string | number | boolean;
    readonly argument?: string;
  }[];
}
