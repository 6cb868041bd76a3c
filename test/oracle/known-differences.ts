/** Differences from botocore that are meant, each with its reason. What is not here is a defect. */

export interface KnownDifference {
  /** `service.Operation` */
  readonly where: RegExp;
  readonly difference: RegExp;
  readonly reason: string;
  /** Few seeds meet it: a full run without it is no sign that it is stale. */
  readonly rare?: true;
}

const ANY = /^/;

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
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
    rare: true,
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
    rare: true,
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
    rare: true,
  },
  {
    where: ANY,
    difference: /^exception: (ResponseParserError: Unable to parse response|ParseError:) [\s\S]* \/ none$/,
    reason:
      "an error that is not of the service's protocol (a proxy's) is a CloudError with its status; botocore fails on its text",
  },
  {
    where: ANY,
    difference: /^query: .*(=(True|False)\b|=-?\d+\.0\b|%7B%27|=%7B%7D|=%5B).* \/ /,
    reason:
      "in the query of a signed URL a JSON member that is no text is JSON; botocore writes Python's own spelling ({'a': True})",
  },
  {
    where: /\.DescribeEndpoints$/,
    difference: /^query: X-Amz-Signature=.*x-amz-api-version/,
    reason: "the header that discovery calls bear is signed in URLs too; botocore leaves it out there alone",
    rare: true,
  },
  {
    where: ANY,
    difference: /^exception: (JSONDecodeError|UnicodeDecodeError|ValueError): .* \/ none$/,
    reason:
      "a URL for a request whose body is XML or bytes: whoever opens it sends the body; botocore fails, it takes each body for JSON",
  },
  {
    where: /^s3\./,
    difference:
      /^query: .*x-amz-server-side-encryption-customer-key.* \/ .*x-amz-server-side-encryption-customer-key-md5/i,
    reason: "S3 wants a customer's key as Base64 with its MD5; botocore forgets these operations",
    rare: true,
  },
  {
    where: /^s3\.(ListDirectoryBuckets|WriteGetObjectResponse)$/,
    difference: /^origin: https:\/\/[\w.-]+\.aws-global\./,
    reason:
      "botocore signs URLs of S3 in us-east-1 for the host of aws-global, which these services of it do not have",
  },
  {
    where: ANY,
    difference: /^query: X-Amz-Signature=\w+ \/ .*&?\w+=/,
    reason: "a parameter that repeats stays in a signed URL; botocore keeps its first value",
  },
  {
    where: ANY,
    difference: /^query: .*X-Amz-Algorithm=.* \/ $/,
    reason: "the operation takes no signature: its URL bears none; botocore signs it all the same",
    rare: true,
  },
  {
    where: ANY,
    difference: /^exception: UnsupportedSignatureVersionError: .*v4a-query \/ none$/,
    reason: "the model prefers SigV4a, in which botocore signs URLs of S3 alone",
  },
  {
    where: ANY,
    difference: /^origin: .* \/ https:\/\/discovered\.example\.com$/,
    reason: "endpoints of this service are discovered; botocore forgets that where it signs a URL",
    rare: true,
  },
  {
    where: /^route53-recovery-control-config\./,
    difference: /^query: X-Amz-Credential=.*us-east-1.* \/ .*us-west-2/,
    reason: "the endpoint rules sign for us-west-2; botocore forgets that where it signs a URL",
    rare: true,
  },
  {
    where: /^partnercentral-revenue-measurement\./,
    difference: /^exception: (MemoryError|AttributeError): .* \/ none$/,
    reason:
      "an error that is not of the service's protocol (a proxy's) is a CloudError with its status; botocore fails on its text",
  },
  {
    where: /^(ec2|rds|neptune|docdb)\./,
    difference:
      /^(request: botocore alone sends one; trivet:|exception: none \/) InvalidInput: input\.SourceRegion must be a region/,
    reason:
      "what is no region makes no host; botocore sends a URL that goes nowhere, or one of the own region",
    rare: true,
  },
  {
    where: /^machinelearning\.Predict$/,
    difference: /^origin: .* \/ https:\/\/predict\.example\.com$/,
    reason: "the input names the endpoint; botocore forgets that where it signs a URL",
    rare: true,
  },
  {
    where: /^partnercentral-revenue-measurement\./,
    difference: /OverflowError: can't convert negative int to unsigned/,
    reason: "botocore cannot write a time before 1970 in CBOR",
    rare: true,
  },
  {
    where: /^bedrock-agentcore\./,
    difference: /^query: .*X-Amz-Signature=\w+.* \/ X-Amz-Signature=\w+$/,
    reason:
      "the input says of what type its body is: whoever opens the URL sends it; botocore takes each body for JSON",
    rare: true,
  },
  {
    where: ANY,
    difference: /^query: .*SignedHeaders=(host[^& ]*) \/ .*SignedHeaders=content-type%3B\1$/,
    reason:
      "Smithy's protocol tests have a type for a text that is the body, and it is signed; botocore leaves it out",
    rare: true,
  },
  {
    where: ANY,
    difference:
      /^(header x-amz-region-set: undefined \/ |authorization: AWS4-HMAC-SHA256 .* \/ AWS4-ECDSA-P256-SHA256 )/,
    reason: "the model prefers SigV4a: botocore without awscrt falls back to SigV4",
    rare: true,
  },
  {
    where: /^rds-data\./,
    difference: /^request: trivet alone sends one; botocore: TypeError: must be real number, not NoneType/,
    reason: "the model allows holes in a list of doubles; botocore falls over at one",
    rare: true,
  },
  {
    where: ANY,
    difference: /^(request: trivet alone sends one; botocore|exception): MissingDependencyException/,
    reason: "a multi-region endpoint needs SigV4a, for which botocore needs awscrt",
    rare: true,
  },
  {
    where: ANY,
    difference: /^query: .*AWS4-HMAC-SHA256.* \/ .*AWS4-ECDSA-P256-SHA256/,
    reason: "the model prefers SigV4a: botocore without awscrt falls back to SigV4",
    rare: true,
  },
];

export function knownDifference(
  service: string,
  operation: string,
  difference: string,
): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(
    (each) => each.where.test(`${service}.${operation}`) && each.difference.test(difference),
  );
}
