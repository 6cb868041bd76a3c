/** Sets a property whose name came over the wire: an assignment to `__proto__` would set no property, but the prototype. */
export function setOwn<V>(values: Record<string, V>, name: string, value: NoInfer<V>): void {
  if (name !== "__proto__") values[name] = value;
  else Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
}
