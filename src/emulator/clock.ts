/** The emulator's time: the machine's, until a test drives it. */

/** From a moment of the machine's time on, the emulator's was `at`, and went on or stood still. */
interface Stretch {
  readonly from: number;
  readonly at: number;
  readonly running: boolean;
}

export class Clock {
  /** What the time has been, newest last. Before the first it was the machine's. */
  #stretches: Stretch[] = [];

  /** Milliseconds since 1970. */
  now(): number {
    return this.at(Date.now());
  }

  date(): Date {
    return new Date(this.now());
  }

  /** The emulator's time at a moment of the machine's. */
  at(machineMs: number): number {
    for (let i = this.#stretches.length - 1; i >= 0; i--) {
      const { from, at, running } = this.#stretches[i] as Stretch;
      if (machineMs >= from) return running ? at + (machineMs - from) : at;
    }
    return machineMs;
  }

  /** Lets so much time pass at once: states change, tokens and signed URLs expire. */
  advance(ms: number): void {
    this.#begin(this.now() + ms, this.#running);
  }

  /** Sets the time; it goes on from there, or stands still if it was frozen. */
  set(time: Date | number): void {
    this.#begin(Number(time), this.#running);
  }

  /** Stops the time: from now on only `advance` and `set` move it. */
  freeze(): void {
    this.#begin(this.now(), false);
  }

  /** Lets a frozen time go on from where it stands. */
  resume(): void {
    this.#begin(this.now(), true);
  }

  /** Back to the machine's time. */
  reset(): void {
    this.#stretches = [];
  }

  get #running(): boolean {
    return this.#stretches.at(-1)?.running ?? true;
  }

  #begin(at: number, running: boolean): void {
    this.#stretches.push({ from: Date.now(), at, running });
  }
}
