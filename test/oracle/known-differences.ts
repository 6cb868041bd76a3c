/** Differences from botocore that are meant, each with its reason. What is not here is a defect. */

interface Known {
  /** `service.Operation` */
  readonly where: RegExp;
  readonly difference: RegExp;
  readonly reason: string;
}

const ANY = /^/;

const KNOWN: readonly Known[] = [
  {
    where: ANY,
    difference:
      /^header content-type: undefined \/ (application\/xml|application\/octet-stream|text\/plain)$/,
    reason: "Smithy's protocol tests (restXml, restJson1) have the type; botocore leaves it out",
  },
  {
    where: ANY,
    difference: /^header [\w-]+: one,two \/ one, two$/,
    reason:
      "a list in a header is joined with a comma and a space, as Smithy's protocol tests have it: one value to HTTP",
  },
  {
    where: ANY,
    difference: /^output\.\w+: (\{"\$bytes":""\}|"") \/ absent$/,
    reason: "an empty body is no blob (Smithy's HttpPayloadTraitsWithNoBlobBody)",
  },
  {
    where: ANY,
    difference: /^header x-amz-region-set: undefined \/ \*$/,
    reason:
      "the model prefers SigV4a: botocore cannot sign it without its native extension and falls back to SigV4",
  },
];

export function knownDifference(service: string, operation: string, difference: string): string | undefined {
  return KNOWN.find((each) => each.where.test(`${service}.${operation}`) && each.difference.test(difference))
    ?.reason;
}
