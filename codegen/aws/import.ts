/** botocore's description of a service to the IR. Pure: data in, data out. */
import type {
  AcceptorTraits,
  AwsOperationTraits,
  AwsServiceTraits,
  Location,
  MemberTraits,
  OperationTraits,
  PageTraits,
  ProtocolName,
  ServiceModel,
  ShapeTraits,
  ShapeType,
  TimestampFormat,
  WaiterTraits,
} from "../../src/model/ir.js";
import type {
  BotocoreMetadata,
  BotocoreOperation,
  BotocorePaginator,
  BotocorePaginators,
  BotocoreReference,
  BotocoreService,
  BotocoreShape,
  BotocoreWaiter,
  BotocoreWaiters,
} from "./botocore.js";

export interface AwsSources {
  /** Folder name in botocore's data, the service's id: `s3`. */
  readonly id: string;
  /** `service-2.json` with its extras merged. */
  readonly service: BotocoreService;
  readonly paginators?: BotocorePaginators | undefined;
  readonly waiters?: BotocoreWaiters | undefined;
  /** boto3's `resources-1.json`. */
  readonly resources?: unknown;
  /** Which of the shared rule sets the service uses, and what the set leaves open. */
  readonly rules?: Pick<AwsServiceTraits, "rules" | "ruleValues"> | undefined;
}

export function importService(sources: AwsSources): ServiceModel {
  const { id, service, paginators, waiters, resources } = sources;
  const operations: Record<string, OperationTraits> = {};
  for (const [name, operation] of Object.entries(service.operations)) {
    const page = paginators?.pagination[name];
    operations[name] = { ...importOperation(operation, service), ...(page && { page: importPage(page) }) };
  }
  const shapes: Record<string, ShapeTraits> = {};
  for (const name of reachable(service)) shapes[name] = importShape(lookUp(service, name), service);
  return {
    service: importMetadata(id, service, sources.rules),
    operations,
    shapes,
    ...(waiters && { waiters: mapValues(waiters.waiters, importWaiter) }),
    ...(resources !== undefined && { resources: withoutProse(resources) }),
  };
}

/** botocore's own order of preference, so that both send the same. */
const PROTOCOLS: readonly (readonly [string, ProtocolName])[] = [
  ["json", "aws-json"],
  ["rest-json", "aws-rest-json"],
  ["rest-xml", "aws-rest-xml"],
  ["smithy-rpc-v2-cbor", "aws-cbor"],
  ["query", "aws-query"],
  ["ec2", "aws-ec2"],
];

function importMetadata(
  id: string,
  { metadata, operations, clientContextParams }: BotocoreService,
  rules: AwsSources["rules"],
): ServiceModel["service"] {
  const serviceId = metadata.serviceId ?? id;
  const spoken = protocolsOf(metadata);
  const endpointOperation = Object.keys(operations).find((name) => operations[name]?.endpointoperation);
  return {
    cloud: "aws",
    id,
    name: className(serviceId),
    ...defined({ title: metadata.serviceFullName }),
    apiVersion: metadata.apiVersion ?? "",
    protocol: spoken[0] as ProtocolName,
    aws: {
      serviceId,
      endpointPrefix: metadata.endpointPrefix ?? id,
      ...defined({ signingName: metadata.signingName }),
      signatureVersion: metadata.signatureVersion ?? "v4",
      ...defined({
        auth: metadata.auth,
        protocols: spoken.length > 1 ? spoken : undefined,
        uid: metadata.uid,
        jsonVersion: metadata.jsonVersion,
        targetPrefix: metadata.targetPrefix,
        xmlNamespace: uriOf(metadata.xmlNamespace),
        globalEndpoint: metadata.globalEndpoint,
        queryCompatible: metadata.awsQueryCompatible ? (true as const) : undefined,
        h2: metadata.protocolSettings?.h2,
        endpointOperation,
        clientContext: clientContextParams && mapValues(clientContextParams, ({ type }) => type),
      }),
      ...rules,
    },
  };
}

function protocolsOf(metadata: BotocoreMetadata): ProtocolName[] {
  const named = metadata.protocols ?? [metadata.protocol];
  const spoken = PROTOCOLS.filter(([name]) => named.includes(name)).map(([, ours]) => ours);
  if (spoken.length === 0) throw new Error(`Cannot import: protocol ${named.join(", ")} is not known`);
  return spoken;
}

/** `API Gateway` -> `APIGateway`, `codedeploy` -> `Codedeploy`. */
function className(serviceId: string): string {
  const name = serviceId.replace(/[^A-Za-z0-9]+(.?)/g, (_, next: string) => next.toUpperCase());
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function importOperation(operation: BotocoreOperation, service: BotocoreService): OperationTraits {
  const { http, input, output, errors } = operation;
  const method = http?.method ?? "POST";
  const path = http?.requestUri ?? "/";
  const status = http?.responseCode;
  return defined({
    method: method === "POST" ? undefined : method,
    path: path === "/" ? undefined : path,
    input: input?.shape,
    output: output?.shape,
    errors: errors && errors.length > 0 ? unique(errors.map(({ shape }) => shape)) : undefined,
    status: status === undefined || status === 200 ? undefined : status,
    idempotent: flag(operation.idempotent || operation.readonly),
    deprecated: flag(operation.deprecated),
    aws: awsTraits(operation, service),
  });
}

/** The rule sets of S3 Control put the account before the host themselves: botocore drops the operations' own prefix too. */
function hostPrefixOf({ endpoint, staticContextParams }: BotocoreOperation): string | undefined {
  return staticContextParams?.RequiresAccountId ? undefined : endpoint?.hostPrefix;
}

function awsTraits(operation: BotocoreOperation, service: BotocoreService): AwsOperationTraits | undefined {
  const { input, output, httpChecksum, endpointdiscovery } = operation;
  const inputShape = input && service.shapes[input.shape];
  const traits: AwsOperationTraits = defined({
    inputName: input?.locationName ?? inputShape?.locationName,
    inputNamespace: uriOf(input?.xmlNamespace ?? inputShape?.xmlNamespace),
    wrapper: output?.resultWrapper,
    hostPrefix: hostPrefixOf(operation),
    authtype: operation.authtype,
    auth: operation.auth,
    unsignedPayload: flag(operation.unsignedPayload),
    checksum:
      httpChecksum &&
      defined({
        requestMember: httpChecksum.requestAlgorithmMember,
        requestRequired: flag(httpChecksum.requestChecksumRequired),
        validationMember: httpChecksum.requestValidationModeMember,
        response: httpChecksum.responseAlgorithms,
      }),
    md5: flag(operation.httpChecksumRequired),
    compression: operation.requestcompression?.encodings,
    endpointDiscovery: endpointdiscovery && (endpointdiscovery.required ? "required" : "optional"),
    staticContext:
      operation.staticContextParams && mapValues(operation.staticContextParams, ({ value }) => value),
    operationContext:
      operation.operationContextParams && mapValues(operation.operationContextParams, ({ path }) => path),
  });
  return Object.keys(traits).length === 0 ? undefined : traits;
}

function importPage(page: BotocorePaginator): PageTraits {
  return {
    inputToken: page.input_token,
    outputToken: page.output_token,
    items: page.result_key === undefined ? [] : [page.result_key].flat(),
    ...defined({ more: page.more_results, limit: page.limit_key }),
  };
}

function importWaiter(waiter: BotocoreWaiter): WaiterTraits {
  return {
    operation: waiter.operation,
    delaySeconds: waiter.delay,
    maxAttempts: waiter.maxAttempts,
    acceptors: waiter.acceptors.map(
      ({ matcher, state, expected, argument }): AcceptorTraits => ({
        matcher: matcher as AcceptorTraits["matcher"],
        state: state as AcceptorTraits["state"],
        expected,
        ...defined({ argument }),
      }),
    ),
  };
}

const TYPES: Readonly<Record<string, ShapeType>> = {
  character: "string",
  byte: "integer",
  short: "integer",
  bigdecimal: "double",
};

function importShape(shape: BotocoreShape, service: BotocoreService): ShapeTraits {
  const type = shape.document ? "document" : (TYPES[shape.type] ?? (shape.type as ShapeType));
  const members =
    type === "structure"
      ? mapValues(shape.members ?? {}, (member, name) => importNamed(name, member, service, shape))
      : undefined;
  return {
    type,
    ...defined({
      union: flag(shape.union),
      error: shape.exception ? importError(shape) : undefined,
      retryable: shape.retryable && (shape.retryable.throttling ? "throttling" : "transient"),
      eventStream: flag(shape.eventstream),
      event: flag(shape.event),
      payload: shape.payload,
      flat: flag(shape.flattened),
      sparse: flag(shape.sparse),
      enum: shape.enum,
      format: shape.timestampFormat as TimestampFormat | undefined,
      sensitive: flag(shape.sensitive),
      streaming: flag(shape.streaming),
      requiresLength: flag(shape.requiresLength),
      min: shape.min,
      max: shape.max,
      xmlName: shape.locationName,
      xmlNamespace: uriOf(shape.xmlNamespace),
      key: shape.key && importMember(shape.key, service),
      member: importElement(shape, service),
      members,
    }),
  };
}

function importElement(shape: BotocoreShape, service: BotocoreService): MemberTraits | undefined {
  const element = shape.member ?? shape.value;
  return element && importMember(element, service);
}

function importError({ error, fault }: BotocoreShape): NonNullable<ShapeTraits["error"]> {
  return defined({
    code: error?.code,
    status: error?.httpStatusCode,
    fault: fault ? "server" : error?.senderFault ? "client" : undefined,
  });
}

const LOCATIONS: Readonly<Record<string, Location>> = {
  uri: "path",
  querystring: "query",
  header: "header",
  headers: "headers",
  statusCode: "status",
};

function importNamed(
  name: string,
  reference: BotocoreReference,
  service: BotocoreService,
  { required, payload }: BotocoreShape,
): MemberTraits {
  const { name: wireName, ...member } = importMember(reference, service, required?.includes(name));
  // A payload's root element is its stated name, even where that is the member's: else it would be the shape's.
  const isStated = wireName !== undefined && (wireName !== name || name === payload);
  return isStated ? { ...member, name: wireName } : member;
}

/** Traits that stand on the shape hold for its members as well, as botocore merges the two. */
function importMember(member: BotocoreReference, service: BotocoreService, required = false): MemberTraits {
  const shape = lookUp(service, member.shape);
  const namespace = member.xmlNamespace ?? shape.xmlNamespace;
  return {
    shape: member.shape,
    ...defined({
      name: member.locationName ?? shape.locationName,
      queryName: member.queryName,
      at: member.location === undefined ? undefined : LOCATIONS[member.location],
      required: flag(required),
      attribute: flag(member.xmlAttribute),
      flat: flag(member.flattened),
      xmlNamespace: uriOf(namespace),
      xmlPrefix: typeof namespace === "object" ? namespace.prefix : undefined,
      idempotencyToken: flag(member.idempotencyToken),
      jsonValue: flag(member.jsonvalue),
      hostLabel: flag(member.hostLabel),
      context: member.contextParam?.name,
      format: member.timestampFormat as TimestampFormat | undefined,
      streaming: flag(member.streaming),
      eventPayload: flag(member.eventpayload),
      eventHeader: flag(member.eventheader),
      deprecated: flag(member.deprecated),
    }),
  };
}

/** Names of the shapes that operations use and of all modelled errors, in the source's order. */
function reachable(service: BotocoreService): string[] {
  const seen = new Set<string>();
  const open = Object.values(service.operations).flatMap(({ input, output, errors = [] }) =>
    [input, output, ...errors].flatMap((each) => (each ? [each.shape] : [])),
  );
  open.push(...Object.keys(service.shapes).filter((name) => service.shapes[name]?.exception));
  while (open.length > 0) {
    const name = open.pop() as string;
    if (seen.has(name)) continue;
    seen.add(name);
    const { members = {}, member, key, value, document } = lookUp(service, name);
    if (document) continue;
    for (const each of [...Object.values(members), member, key, value]) if (each) open.push(each.shape);
  }
  return Object.keys(service.shapes).filter((name) => seen.has(name));
}

function lookUp(service: BotocoreService, name: string): BotocoreShape {
  const shape = service.shapes[name];
  if (shape === undefined) throw new Error(`Cannot import: no shape "${name}"`);
  return shape;
}

function withoutProse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProse);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) =>
      key === "documentation" && typeof each === "string" ? [] : [[key, withoutProse(each)]],
    ),
  );
}

function uriOf(namespace: BotocoreReference["xmlNamespace"]): string | undefined {
  return typeof namespace === "object" ? namespace.uri : namespace;
}

function flag(value: boolean | undefined): true | undefined {
  return value ? true : undefined;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** Without absent members: they are absent in the IR, never undefined. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}

function mapValues<V, W>(
  values: Readonly<Record<string, V>>,
  make: (value: V, key: string) => W,
): Record<string, W> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, make(value, key)]));
}
