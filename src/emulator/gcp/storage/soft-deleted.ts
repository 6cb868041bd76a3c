/** Objects that were deleted or overwritten and may be restored for a while. https://cloud.google.com/storage/docs/soft-delete */
import type { Memory } from "../../stored-bytes.js";
import type { StoredObject } from "./store.js";

/** So much is kept of one bucket, newest first: by default everything would be, for a week. */
const KEPT_BYTES_MAX = 256 * 1024 * 1024;

interface Kept {
  readonly name: string;
  readonly object: StoredObject;
  readonly until: number;
}

export class SoftDeleted {
  /** Oldest first. */
  #kept: Kept[] = [];
  #bytes = 0;

  /** Keeps the object so long, or gives its bytes back at once. */
  add(name: string, object: StoredObject, seconds: number, now: string, memory: Memory): void {
    const { length } = object.bytes;
    if (!(seconds > 0) || length > KEPT_BYTES_MAX) return memory.release(length);
    const deletedAt = Date.parse(now);
    const until = deletedAt + seconds * 1000;
    object.resource.softDeleteTime = now;
    object.resource.hardDeleteTime = new Date(until).toISOString();
    this.#kept.push({ name, object, until });
    this.#bytes += length;
    while (this.#bytes > KEPT_BYTES_MAX) this.#drop(this.#kept[0] as Kept, memory);
    this.purge(deletedAt, memory);
  }

  /** By name, then in the order of their deletion. */
  list(): StoredObject[] {
    return this.#kept.map(({ object }) => object);
  }

  find(name: string, generation: string): StoredObject | undefined {
    return this.#kept.find((each) => each.name === name && each.object.generation === generation)?.object;
  }

  /** For an object that is restored: its bytes stay counted. */
  take(object: StoredObject): void {
    const kept = this.#kept.find((each) => each.object === object);
    if (kept !== undefined) this.#forget(kept);
  }

  purge(now: number, memory: Memory): void {
    for (const kept of this.#kept.filter(({ until }) => until <= now)) this.#drop(kept, memory);
  }

  clear(memory: Memory): void {
    for (const kept of [...this.#kept]) this.#drop(kept, memory);
  }

  #drop(kept: Kept, memory: Memory): void {
    this.#forget(kept);
    memory.release(kept.object.bytes.length);
  }

  #forget(kept: Kept): void {
    this.#kept = this.#kept.filter((each) => each !== kept);
    this.#bytes -= kept.object.bytes.length;
  }
}
