/** Differences from moto that are meant to be, each with who is right. */
import type { Known } from "./differential-compare.js";
import { EC2_KNOWN } from "./differential-known-ec2.js";
import { EC2_MEMBERS_KNOWN } from "./differential-known-ec2-members.js";
import { IDENTITY_KNOWN } from "./differential-known-identity.js";
import { S3_KNOWN } from "./differential-known-s3.js";
import { S3_REFUSALS_KNOWN } from "./differential-known-s3-refusals.js";
import { TRANSIT_KNOWN } from "./differential-known-transit.js";

export const KNOWN: readonly Known[] = [
  {
    why: "moto falls over, and answers an internal server error in no form that boto3 reads",
    at: ["*"],
    theirs: '"raised":"ResponseParserError"',
  },
  { why: "moto falls over, and answers an internal server error", at: ["*"], theirs: '"status":500' },
  ...S3_KNOWN,
  ...S3_REFUSALS_KNOWN,
  ...EC2_KNOWN,
  ...EC2_MEMBERS_KNOWN,
  ...TRANSIT_KNOWN,
  ...IDENTITY_KNOWN,
];
