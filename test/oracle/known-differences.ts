/** Differences from botocore that are meant, each with its reason. What is not here is a defect. */

interface Known {
  /** `service.Operation`, a `*` for any. */
  readonly where: RegExp;
  readonly difference: RegExp;
  readonly reason: string;
}

const KNOWN: readonly Known[] = [];

export function knownDifference(service: string, operation: string, difference: string): string | undefined {
  return KNOWN.find((each) => each.where.test(`${service}.${operation}`) && each.difference.test(difference))
    ?.reason;
}
