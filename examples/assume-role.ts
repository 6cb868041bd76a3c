// A session that acts as a role: its clients sign with temporary keys that are renewed as they expire.
import { Session } from "trivet/aws";
import { IAM } from "trivet/aws/iam";
import { STS } from "trivet/aws/sts";

const aws = new Session();
const { Role } = await aws.client(IAM).createRole({
  RoleName: "reader",
  AssumeRolePolicyDocument: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
  }),
});

const reader = aws.assumeRole({ RoleArn: Role.Arn, RoleSessionName: "example" });
const { Arn } = await reader.client(STS).getCallerIdentity();
if (!Arn?.includes("assumed-role/reader/example")) throw new Error(`The caller is ${Arn}`);
console.log(Arn);
