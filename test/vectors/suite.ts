/** What a conformance suite answers, for `npm run vectors` and for the tests alike. */
export interface SuiteResult {
  readonly suite: string;
  readonly passed: number;
  readonly total: number;
  /** Cases on the suite's ignore list, each with its reason there. */
  readonly ignored: number;
  /** One line a failed case. */
  readonly failures: readonly string[];
}
