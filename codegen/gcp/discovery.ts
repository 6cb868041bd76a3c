/** What a Google API discovery document holds, as far as the importer reads it. */

export interface DiscoveryDocument {
  readonly name: string;
  readonly version: string;
  readonly canonicalName?: string;
  readonly title?: string;
  readonly rootUrl: string;
  readonly servicePath: string;
  readonly batchPath?: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly auth?: { readonly oauth2?: { readonly scopes?: Readonly<Record<string, unknown>> } };
  readonly schemas?: Readonly<Record<string, Schema>>;
  readonly resources?: Readonly<Record<string, Resource>>;
  readonly methods?: Readonly<Record<string, Method>>;
}

export interface Resource {
  readonly methods?: Readonly<Record<string, Method>>;
  readonly resources?: Readonly<Record<string, Resource>>;
}

export interface Method {
  readonly id: string;
  readonly httpMethod: string;
  readonly path: string;
  readonly flatPath?: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly parameterOrder?: readonly string[];
  /** Without a reference: any JSON. */
  readonly request?: { readonly $ref?: string };
  readonly response?: { readonly $ref?: string };
  readonly scopes?: readonly string[];
  readonly deprecated?: boolean;
  readonly supportsMediaUpload?: boolean;
  readonly supportsMediaDownload?: boolean;
  readonly mediaUpload?: {
    readonly protocols?: {
      readonly simple?: { readonly path: string };
      readonly resumable?: { readonly path: string };
    };
  };
}

export interface Schema {
  readonly id?: string;
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly readOnly?: boolean;
  readonly deprecated?: boolean;
  /** Read for the facts that Google states only there: output only, a UUID. Never kept. */
  readonly description?: string;
}

export interface Parameter extends Schema {
  readonly location: string;
  readonly required?: boolean;
  readonly repeated?: boolean;
}

/** Calls `visit` with each method and the resource names above it. */
export function eachMethod(
  node: Resource,
  visit: (path: readonly string[], method: Method) => void,
  above: readonly string[] = [],
): void {
  for (const [name, method] of Object.entries(node.methods ?? {})) visit([...above, name], method);
  for (const [name, child] of Object.entries(node.resources ?? {}))
    eachMethod(child, visit, [...above, name]);
}
