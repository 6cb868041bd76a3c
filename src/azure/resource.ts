/** How a service's object layer hangs on its client: a service that has one carries it under this key. */

export const resourceKey: unique symbol = Symbol("resource");

export interface WithResource<R> {
  readonly [resourceKey]: R;
}

/** The object layer of a client, `never` where it has none. */
export type ResourceOf<C> = C extends WithResource<infer R> ? R : never;
