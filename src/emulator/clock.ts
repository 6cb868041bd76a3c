/** The emulator's time: the machine's, until a test drives it. */

export class Clock {
  #offsetMs = 0;
  #frozenAt: number | undefined;

  /** Milliseconds since 1970. */
  now(): number {
    return this.#frozenAt ?? Date.now() + this.#offsetMs;
  }

  date(): Date {
    return new Date(this.now());
  }

  /** Lets so much time pass at once: states change, tokens and signatures expire. */
  advance(ms: number): void {
    if (this.#frozenAt === undefined) this.#offsetMs += ms;
    else this.#frozenAt += ms;
  }

  /** Sets the time; it goes on from there. */
  set(time: Date | number): void {
    const at = Number(time);
    if (this.#frozenAt === undefined) this.#offsetMs = at - Date.now();
    else this.#frozenAt = at;
  }

  /** Stops the time: from now on only `advance` and `set` move it. */
  freeze(): void {
    this.#frozenAt ??= this.now();
  }

  /** Lets a frozen time go on from where it stands. */
  resume(): void {
    if (this.#frozenAt === undefined) return;
    this.#offsetMs = this.#frozenAt - Date.now();
    this.#frozenAt = undefined;
  }

  /** Back to the machine's time. */
  reset(): void {
    this.#offsetMs = 0;
    this.#frozenAt = undefined;
  }
}
