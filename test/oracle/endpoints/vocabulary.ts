/** Values of the parameters of endpoint rule sets: valid ones, odd ones, and ones that the rules refuse. */
import type { ParameterValue } from "../../../src/aws/endpoint/rule-set.js";
import type { Random } from "../random.js";
import { PARTITIONS } from "./partitions.js";

const ACCOUNTS = ["123456789012", "", "12345", "us_east", "a.b"];
const ARN_PARTITIONS = ["aws", "aws", "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "none", ""];
const ARN_REGIONS = [
  "us-west-2",
  "us-east-1",
  "us-gov-west-1",
  "cn-north-1",
  "us-iso-east-1",
  "",
  "us we$t",
  "a.b",
];
const SEPARATORS = ["/", ":"];

/** What stands between account and end of an ARN, by service. */
const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  s3: [
    "accesspoint/mine",
    "accesspoint/my.ap",
    "accesspoint/",
    "accesspoint",
    "accesspoint/a/b",
    "bucket",
    "mfzwi23gnjvgw.mrap",
    "accesspoint/my_ap",
    "",
  ],
  "s3-object-lambda": [
    "accesspoint/mybanner",
    "accesspoint",
    "accesspoint/",
    "bucket_name/mybucket",
    "accesspoint/my_ap",
    "accesspoint/a/b",
  ],
  "s3-outposts": [
    "outpost/op-01234567890123456/accesspoint/reports",
    "outpost/op-01234567890123456/accesspoint",
    "outpost/op-01234567890123456/bucket/mine",
    "outpost/op-01234567890123456/bucket",
    "outpost/op-01234567890123456",
    "outpost/op_1/accesspoint/reports",
    "outpost",
    "outpost/op-01234567890123456/accesspoint/a/b",
    "outpost/op-01234567890123456/notap/a",
    "outpost/ec2/accesspoint/mine",
    "outpost//accesspoint/mine",
  ],
  s3express: ["bucket/mine--use1-az4--x-s3", "accesspoint/mine--use1-az4--xa-s3"],
  sqs: ["queue"],
  dynamodb: ["table/mine", "table/mine/index/second", "global-table/mine"],
  kinesis: ["stream/mine", "stream/mine/consumer/first:1", "stream", "stream/", "channel/mine"],
  cloudfront: ["key-value-store/mine", "distribution/mine"],
  "": ["x"],
};

/** A zone's id is of five lengths: 8, 9, 13, 14, 20, and so is the part of the name that the rules cut out of it. */
const ZONES = ["use1-az4", "apne1-az1", "usw2-az4-lax1", "usw2-lax1-az12", "usgw1-abc12-def1-az1", "us_"];
const SUFFIXES = ["--x-s3", "--xa-s3", "--op-s3", "-s3alias", ""];

const BUCKETS = [
  "bucket-name",
  "my.bucket",
  "My_Bucket",
  "ab",
  "a".repeat(63),
  "a".repeat(64),
  "192.168.1.1",
  "1234.1.1.1",
  "with space",
  "b\u00fccket",
  "a/b",
  "-dash-",
  "",
  "arn:",
  "arn:aws",
  "arn:aws:s3:us-west-2:123456789012",
  "test-accessp-e0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3",
  "test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3",
  "test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kbeta0--op-s3",
  "test-accessp-e0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kbeta0--op-s3",
  "test-accessp-z0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3",
  "test_accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3",
  "short--op-s3",
];

export const ENDPOINTS = [
  "https://example.com",
  "https://example.com/",
  "https://example.com/base/path",
  "https://example.com/a//b/",
  "https://example.com/a%20b",
  "http://localhost:9000",
  "http://127.0.0.1",
  "https://[::1]:8443",
  "https://[::1]/x",
  "http://1.2.3.4.5",
  "https://user:secret@example.com",
  "https://example.com?query=1",
  "https://example.com/#part",
  "ftp://example.com",
  "HTTPS://EXAMPLE.com",
  "example.com",
  "https://example.com:port",
  "https://",
  "",
  "https://beta.example.com",
  "https://custom-endpoint.us-west-2.example.com",
  "https://kinesis-us-e1-az1.us-east-1.amazonaws.com",
  "https://kinesis-ab12.us-east-1.amazonaws.com",
  "kinesis-ab12.us-east-1.amazonaws.com",
  "https://dynamodb.us-east-1.api.aws",
  "https://search-dynamodb.us-east-1.api.aws",
  "https://example.com:65536",
] as const;

const IDS = ["abc123.456def", "name", "bad_label", "with.dots", "-", "", "a".repeat(64)];

const ODD_REGIONS = [
  "xx-nowhere-1",
  "us-east-99",
  "eu-central-1a",
  "local",
  "snow",
  "US-EAST-1",
  "us east 1",
  "us-west-2.a",
  "",
  "x".repeat(64),
  "fips-us-east-1",
  "us-isof-new-1",
  "eusc-de-west-9",
] as const;

/** ARNs that a service's rules tell apart; of the others its own alone. */
const ARNS: Readonly<Record<string, readonly string[]>> = {
  s3: ["s3", "s3-object-lambda", "s3-outposts"],
  s3control: ["s3", "s3-outposts", "s3-outposts", "s3express"],
  "cloudfront-keyvaluestore": ["cloudfront"],
};

/** With `aws-global` and its like. */
export const REGIONS: readonly string[] = [
  ...PARTITIONS.ids.flatMap((id) => [...PARTITIONS.regions(id), `${id}-global`]),
  ...ODD_REGIONS,
];

/** Texts that a rule set compares a parameter with, by the parameter. */
type Literals = Readonly<Record<string, readonly string[]>>;

export class Vocabulary {
  readonly #service: string;
  readonly #literals: Literals;
  readonly #random: Random;

  constructor(service: string, rules: unknown, random: Random) {
    this.#service = service;
    this.#literals = literalsOf(rules);
    this.#random = random;
  }

  get regions(): readonly string[] {
    return [...new Set([...REGIONS, ...(this.#literals.Region ?? [])])];
  }

  /** A value of the parameter, or undefined to leave it out. */
  value(name: string, type: string): ParameterValue | undefined {
    const random = this.#random;
    if (random.chance(0.2)) return undefined;
    if (type.toLowerCase() === "boolean") return random.chance(0.5);
    if (type.toLowerCase() === "stringarray")
      return Array.from({ length: random.below(3) }, () => this.#arn());
    const literals = this.#literals[name] ?? [];
    return literals.length > 0 && random.chance(0.4) ? random.pick(literals) : this.#text(name);
  }

  #text(name: string): string | undefined {
    const random = this.#random;
    switch (name) {
      case "Region":
        return random.chance(0.5)
          ? random.pick([
              "us-east-1",
              "us-west-2",
              "aws-global",
              "cn-north-1",
              "us-gov-west-1",
              "snow",
              "plain-here-1",
            ])
          : random.pick(REGIONS);
      case "Endpoint":
        return random.chance(0.7) ? undefined : random.pick(ENDPOINTS);
      case "Bucket":
        return this.#bucket();
      case "AccessPointName":
        return random.chance(0.5) ? this.#bucket() : random.pick(IDS);
      case "AccountId":
        return random.pick(ACCOUNTS);
      case "AccountIdEndpointMode":
        return random.pick(["preferred", "required", "disabled", "other", ""]);
      case "OutpostId":
        return random.pick(["op-01234567890123456", "op_1", "", "a.b"]);
      case "StreamId":
        return random.pick([
          "abcdefghij0123456789-abc",
          "abcdefghij0123456789-ab",
          "abcdefghij0123456789_abc",
          "short",
          "0123456789abcdefghij-use1-az1",
        ]);
      case "OperationType":
        return random.pick(["control", "data"]);
      case "ApiType":
        return random.pick(["ControlPlane", "DataPlane", "other"]);
      case "ServiceType":
        return random.pick(["ACM", "ACM_PCA", "acm", "other", ""]);
      case "TableName":
        return random.chance(0.7) ? this.#arn() : random.pick(IDS);
      default:
        return /arn/i.test(name) ? this.#arn() : random.pick([...IDS, this.#arn()]);
    }
  }

  #bucket(): string {
    const random = this.#random;
    if (random.chance(0.45)) return this.#arn();
    if (random.chance(0.5)) return random.pick(BUCKETS);
    return `${random.pick(["mybucket", "my.bucket", "My_bucket", "a"])}--${random.pick(ZONES)}${random.pick(SUFFIXES)}`;
  }

  /** Mostly one that the service knows and whole; now and then with a part that is wrong or missing. */
  #arn(): string {
    const random = this.#random;
    const asked = this.#service;
    const known = ARNS[asked] ?? (asked in RESOURCES ? [asked] : Object.keys(RESOURCES));
    const service = random.pick(random.chance(0.85) ? known : Object.keys(RESOURCES));
    const resource = random
      .pick(RESOURCES[service] as readonly string[])
      .replaceAll("/", random.pick(SEPARATORS));
    const partition = random.chance(0.7) ? "aws" : random.pick(ARN_PARTITIONS);
    const region = random.chance(0.5) ? "us-west-2" : random.pick(ARN_REGIONS);
    const account = random.chance(0.8) ? "123456789012" : random.pick(ACCOUNTS);
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
  }
}

function literalsOf(rules: unknown): Literals {
  const found: Record<string, string[]> = {};
  const visit = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    const { fn, argv } = part as { readonly fn?: string; readonly argv?: readonly unknown[] };
    if (fn === "stringEquals") {
      const name = argv?.map((each) => (each as { readonly ref?: string }).ref).find(Boolean);
      const text = argv?.find((each) => typeof each === "string");
      if (name !== undefined && text !== undefined) found[name] = [...(found[name] ?? []), text];
    }
    for (const each of Object.values(part)) visit(each);
  };
  visit(rules);
  return found;
}
