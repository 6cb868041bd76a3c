/** The parts of an autorest client's generated data that the importer reads. */

export interface Mapper {
  readonly serializedName?: string;
  readonly xmlName?: string;
  readonly xmlElementName?: string;
  readonly xmlNamespace?: string;
  readonly xmlIsAttribute?: boolean;
  readonly xmlIsWrapped?: boolean;
  readonly xmlIsMsText?: boolean;
  readonly headerCollectionPrefix?: string;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly isConstant?: boolean;
  readonly defaultValue?: unknown;
  readonly nullable?: boolean;
  readonly constraints?: Readonly<Record<string, unknown>>;
  readonly type: MapperType;
}

export interface MapperType {
  readonly name: string;
  readonly className?: string;
  readonly modelProperties?: Readonly<Record<string, Mapper>>;
  readonly additionalProperties?: Mapper;
  readonly uberParent?: string;
  readonly polymorphicDiscriminator?: { readonly serializedName: string; readonly clientName: string };
  readonly element?: Mapper;
  readonly value?: Mapper;
  readonly allowedValues?: readonly unknown[];
}

export interface Parameter {
  readonly parameterPath: string | readonly string[] | Readonly<Record<string, unknown>>;
  readonly mapper: Mapper;
  readonly skipEncoding?: boolean;
  readonly collectionFormat?: string;
}

export interface OperationSpec {
  readonly path: string;
  readonly httpMethod: string;
  readonly isXML?: boolean;
  readonly contentType?: string;
  readonly mediaType?: string;
  readonly requestBody?: Parameter;
  readonly urlParameters?: readonly Parameter[];
  readonly queryParameters?: readonly Parameter[];
  readonly headerParameters?: readonly Parameter[];
  readonly formDataParameters?: readonly Parameter[];
  readonly responses: Readonly<
    Record<string, { readonly bodyMapper?: Mapper; readonly headersMapper?: Mapper }>
  >;
}
