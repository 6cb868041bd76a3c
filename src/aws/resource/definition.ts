/** boto3's resource definitions, as the model holds them. */

export interface ResourceDefinitions {
  readonly service: ResourceDefinition;
  readonly resources: Readonly<Record<string, ResourceDefinition>>;
}

export interface ResourceDefinition {
  readonly identifiers?: readonly { readonly name: string; readonly memberName?: string }[];
  /** Structure whose members are the attributes. */
  readonly shape?: string;
  readonly load?: { readonly request: RequestDefinition; readonly path: string };
  readonly actions?: Readonly<Record<string, ActionDefinition>>;
  readonly batchActions?: Readonly<Record<string, ActionDefinition>>;
  readonly has?: Readonly<Record<string, { readonly resource: ResultDefinition }>>;
  readonly hasMany?: Readonly<
    Record<
      string,
      { readonly request: RequestDefinition; readonly resource: ResultDefinition; readonly path?: string }
    >
  >;
  readonly waiters?: Readonly<Record<string, WaiterDefinition>>;
}

export interface RequestDefinition {
  readonly operation: string;
  readonly params?: readonly ParameterDefinition[];
}

export interface ActionDefinition {
  readonly request: RequestDefinition;
  readonly resource?: ResultDefinition;
  /** What of the output the action answers. */
  readonly path?: string;
}

export interface ResultDefinition {
  readonly type: string;
  readonly identifiers?: readonly IdentifierDefinition[];
  /** Where the output holds the attributes. */
  readonly path?: string;
}

export interface WaiterDefinition {
  readonly waiterName: string;
  readonly params?: readonly ParameterDefinition[];
  readonly path?: string;
}

type Origin =
  | "identifier"
  | "data"
  | "input"
  | "string"
  | "integer"
  | "boolean"
  | "response"
  | "requestParameter";

interface Sourced {
  readonly target: string;
  readonly source: Origin;
  /** Of the identifier. */
  readonly name?: string;
  /** JMESPath into data, output or input. */
  readonly path?: string;
}

export interface ParameterDefinition extends Sourced {
  readonly value?: unknown;
}

export type IdentifierDefinition = Sourced;
