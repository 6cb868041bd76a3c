/** Tokens that retries of one client share: when a service is down, most calls give up at once instead of multiplying its load. */
export class RetryQuota {
  readonly #capacity: number;
  #available: number;

  constructor(capacity = 500) {
    this.#capacity = capacity;
    this.#available = capacity;
  }

  get available(): number {
    return this.#available;
  }

  acquire(cost: number): boolean {
    if (cost > this.#available) return false;
    this.#available -= cost;
    return true;
  }

  release(amount: number): void {
    this.#available = Math.min(this.#capacity, this.#available + amount);
  }
}
