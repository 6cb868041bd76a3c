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
  {
    where: ANY,
    difference: /^authorization: AWS4-HMAC-SHA256 .* \/ AWS4-ECDSA-P256-SHA256 /,
    reason:
      "the model prefers SigV4a: botocore cannot sign it without its native extension and falls back to SigV4",
  },
  {
    where: ANY,
    difference: /^request: trivet alone sends one; botocore: MissingDependencyException/,
    reason: "a multi-region endpoint needs SigV4a, for which botocore needs its native extension",
  },
  {
    where: /^s3\./,
    difference: /^framing: aws-chunked \/ plain$/,
    reason:
      "the checksum of a body in memory goes into a header: fewer bytes, and servers that know no trailers understand it; body and sum agree",
  },
  {
    where: /^s3\.WriteGetObjectResponse$/,
    difference: /^header x-amz-content-sha256: \w{64} \/ UNSIGNED-PAYLOAD$/,
    reason: "the model says that the payload is not signed; botocore hashes it all the same",
  },
  {
    where: /^s3outposts\./,
    difference: /^header x-amz-content-sha256: undefined \/ \w{64}$/,
    reason: "sent to every service that signs as s3 or s3-outposts: objects on Outposts need it",
  },
  {
    where: /^s3\./,
    difference: /^header x-amz-server-side-encryption-customer-key(-md5)?: /,
    reason: "S3 wants a customer's key as Base64 with its MD5; botocore forgets these operations",
  },
  {
    where: /^s3\.GetBucketNotification$/,
    difference: /^output\.\w+\.Event: \[\{"\$unknown":"<Element /,
    reason: "botocore hands out unparsed XML for a member whose element repeats",
  },
  {
    where: ANY,
    difference: /^error code: (\w+) \/ \1$/i,
    reason: "an exception in an event stream has its shape's name, as elsewhere, not its member's",
  },
  {
    where: /^sdb\./,
    difference: /^output\.(Attributes|DomainNames|Items): absent \/ \[/,
    reason:
      "the answer is our encoder's: it names a flattened list by its member, of which botocore knows the element's name alone",
  },
  {
    where: ANY,
    difference: /^output\.agentCard: \{\} \/ absent$/,
    reason: "an empty body is no document",
  },
  {
    where: ANY,
    difference: /^body\.[^:]*: "(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.000Z" \/ "\1Z"$/,
    reason: "one instant in two spellings",
  },
];

export function knownDifference(service: string, operation: string, difference: string): string | undefined {
  return KNOWN.find((each) => each.where.test(`${service}.${operation}`) && each.difference.test(difference))
    ?.reason;
}
