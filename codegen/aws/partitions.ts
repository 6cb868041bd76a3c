/** botocore's partitions and endpoints, reduced to what the run time asks of them. */

interface Partitions {
  readonly partitions: readonly {
    readonly id: string;
    readonly regionRegex: string;
    readonly regions: Readonly<Record<string, { readonly outputs?: object }>>;
    readonly outputs: object;
  }[];
}

/** For the rule engine: a region without outputs of its own is just named. */
export function partitionTable(source: unknown): Partitions {
  const { partitions } = source as Partitions;
  return {
    partitions: partitions.map(({ id, regionRegex, regions, outputs }) => ({
      id,
      regionRegex,
      regions: Object.fromEntries(
        Object.entries(regions).map(([name, region]) => [
          name,
          region.outputs ? { outputs: region.outputs } : {},
        ]),
      ),
      outputs,
    })),
  };
}

interface Endpoints {
  readonly partitions: readonly {
    readonly partition: string;
    readonly regions: Readonly<Record<string, unknown>>;
    readonly services: Readonly<
      Record<string, { readonly endpoints: Readonly<Record<string, { readonly deprecated?: boolean }>> }>
    >;
  }[];
}

/** Where each service is, by endpoint prefix: regions of all partitions, pseudo regions (`aws-global`) included. */
export function regionTable(source: unknown): Record<string, unknown> {
  const { partitions } = source as Endpoints;
  const table: Record<string, string[]> = {};
  for (const { services } of partitions) {
    for (const [prefix, { endpoints }] of Object.entries(services)) {
      const open = Object.entries(endpoints).filter(([, { deprecated }]) => !deprecated);
      table[prefix] = [...(table[prefix] ?? []), ...open.map(([region]) => region)];
    }
  }
  return table;
}
