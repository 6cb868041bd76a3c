import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate, type Policy, type PolicyCaller, type PolicySet } from "./evaluation.js";
import { contextKeysOf, readStatements, statementPositions } from "./statement.js";

const ACCOUNT = "111111111111";
const USER: PolicyCaller = { account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/ann` };
const SESSION: PolicyCaller = {
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/reader/one`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/reader`,
};
const OBJECT = "arn:aws:s3:::bucket/docs/a.txt";

function policy(...statements: object[]): Policy<string> {
  const document = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  return { source: document, statements: readStatements(document) };
}

const allow = (Resource: unknown, Action: unknown = "s3:GetObject", more: object = {}) =>
  policy({ Effect: "Allow", Action, Resource, ...more });
const deny = (Resource: unknown, Action: unknown = "s3:GetObject", more: object = {}) =>
  policy({ Effect: "Deny", Action, Resource, ...more });

interface Asked {
  readonly action?: string;
  readonly resource?: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  readonly caller?: PolicyCaller;
}

function decide(set: Partial<PolicySet<string>>, asked: Asked = {}): string {
  const { action = "s3:GetObject", resource = OBJECT, context = {}, caller = USER } = asked;
  const keys = Object.entries(context).map(([key, value]) => [key.toLowerCase(), [value].flat()] as const);
  const request = { action, resource, context: new Map(keys), caller };
  return evaluate({ identity: [], crossAccount: false, ...set }, request).decision;
}

const byIdentity = (identity: Policy<string>, asked?: Asked) => decide({ identity: [identity] }, asked);

test("actions match whatever their case, resources by the parts of their ARNs", () => {
  assert.equal(byIdentity(allow("*", "S3:getobject")), "allowed");
  assert.equal(byIdentity(allow("*", ["s3:Put*", "s3:Get?bject"])), "allowed");
  assert.equal(byIdentity(allow("*", "s3:Get?")), "implicitDeny");
  assert.equal(byIdentity(allow("arn:aws:s3:::bucket/docs/*")), "allowed");
  assert.equal(byIdentity(allow("arn:aws:s3:::bucket/DOCS/*")), "implicitDeny");
  assert.equal(byIdentity(allow("arn:aws:s3:::bucket")), "implicitDeny");
  assert.equal(byIdentity(allow("arn:aws:s3:::*")), "allowed");
  const table = "arn:aws:dynamodb:us-east-1:111111111111:table/t/index:one";
  assert.equal(byIdentity(allow("arn:aws:dynamodb:*:*:table/*"), { resource: table }), "allowed");
  // A wildcard does not reach over a colon: here it would have to stand for region and account.
  assert.equal(byIdentity(allow("arn:aws:dynamodb:us*:table/t/*"), { resource: table }), "implicitDeny");
  assert.equal(byIdentity(allow("arn:aws:s3:::bucket"), { resource: "*" }), "implicitDeny");
});

test("what is left out by NotAction and NotResource is not allowed by it", () => {
  const but = policy({ Effect: "Allow", NotAction: "iam:*", NotResource: "arn:aws:s3:::secret/*" });
  assert.equal(byIdentity(but), "allowed");
  assert.equal(byIdentity(but, { action: "iam:GetUser" }), "implicitDeny");
  assert.equal(byIdentity(but, { resource: "arn:aws:s3:::secret/a" }), "implicitDeny");
});

test("a denial outweighs every permission", () => {
  assert.equal(decide({ identity: [allow("*"), deny("arn:aws:s3:::bucket/docs/*")] }), "explicitDeny");
  const everybody = { Principal: "*" };
  assert.equal(decide({ identity: [deny("*")], resource: [allow("*", "*", everybody)] }), "explicitDeny");
});

test("variables stand for values of keys, and never for wildcards", () => {
  const own = allow(`arn:aws:s3:::bucket/\${aws:username}/*`);
  const resource = "arn:aws:s3:::bucket/ann/a";
  assert.equal(byIdentity(own, { resource, context: { "aws:username": "ann" } }), "allowed");
  assert.equal(byIdentity(own, { resource, context: { "aws:username": "*" } }), "implicitDeny");
  assert.equal(byIdentity(own, { resource }), "implicitDeny");
  const byTeam = allow(`arn:aws:s3:::bucket/\${aws:PrincipalTag/team, 'all'}/*`);
  assert.equal(byIdentity(byTeam, { resource: "arn:aws:s3:::bucket/all/a" }), "allowed");
  const star = allow(`arn:aws:s3:::bucket/\${*}`);
  assert.equal(byIdentity(star, { resource: "arn:aws:s3:::bucket/*" }), "allowed");
  assert.equal(byIdentity(star, { resource: "arn:aws:s3:::bucket/a" }), "implicitDeny");
  const old = JSON.stringify({
    Version: "2008-10-17",
    Statement: { Effect: "Allow", Action: "*", Resource: `arn:aws:s3:::bucket/\${aws:username}` },
  });
  const literal = { source: old, statements: readStatements(old) };
  assert.equal(byIdentity(literal, { resource: `arn:aws:s3:::bucket/\${aws:username}` }), "allowed");
});

/** Condition, context, and whether the one holds in the other. */
const CONDITIONS: readonly [condition: object, context: Asked["context"], holds: boolean][] = [
  [{ StringEquals: { "s3:prefix": ["a", "b"] } }, { "S3:Prefix": "b" }, true],
  [{ StringEquals: { "s3:prefix": "a*" } }, { "s3:prefix": "ab" }, false],
  [{ StringLike: { "s3:prefix": "a*" } }, { "s3:prefix": "ab" }, true],
  [{ StringEqualsIgnoreCase: { "s3:prefix": "A" } }, { "s3:prefix": "a" }, true],
  [{ StringNotEquals: { "s3:prefix": ["a", "b"] } }, { "s3:prefix": "b" }, false],
  [{ StringNotEquals: { "s3:prefix": "a" } }, {}, true],
  [{ StringNotLike: { "s3:prefix": "a*" } }, { "s3:prefix": "ab" }, false],
  [{ StringEquals: { "s3:prefix": "a" } }, {}, false],
  [{ StringEqualsIfExists: { "s3:prefix": "a" } }, {}, true],
  [{ StringEqualsIfExists: { "s3:prefix": "a" } }, { "s3:prefix": "b" }, false],
  [{ Null: { "s3:prefix": "true" } }, {}, true],
  [{ Null: { "s3:prefix": false } }, {}, false],
  [{ Null: { "s3:prefix": false } }, { "s3:prefix": "" }, true],
  [{ Bool: { "aws:SecureTransport": false } }, { "aws:SecureTransport": "false" }, true],
  [{ NumericLessThanEquals: { "s3:max-keys": 10 } }, { "s3:max-keys": "10" }, true],
  [{ NumericLessThan: { "s3:max-keys": "10" } }, { "s3:max-keys": "10" }, false],
  [{ NumericNotEquals: { "s3:max-keys": "10" } }, { "s3:max-keys": "11" }, true],
  [{ NumericGreaterThan: { "s3:max-keys": "10" } }, { "s3:max-keys": "" }, false],
  [
    { DateGreaterThan: { "aws:CurrentTime": "2026-01-01T00:00:00Z" } },
    { "aws:CurrentTime": "2026-01-02T00:00:00Z" },
    true,
  ],
  [{ DateLessThan: { "aws:EpochTime": "2026-01-01T00:00:00Z" } }, { "aws:EpochTime": "1767225600" }, false],
  [{ IpAddress: { "aws:SourceIp": "203.0.113.0/24" } }, { "aws:SourceIp": "203.0.113.9" }, true],
  [{ NotIpAddress: { "aws:SourceIp": "203.0.113.0/24" } }, { "aws:SourceIp": "203.0.113.9" }, false],
  [{ IpAddress: { "aws:SourceIp": "2001:db8::/32" } }, { "aws:SourceIp": "2001:db8:1::1" }, true],
  [{ IpAddress: { "aws:SourceIp": "203.0.113.0/24" } }, { "aws:SourceIp": "nonsense" }, false],
  [{ ArnLike: { "aws:SourceArn": "arn:aws:s3:*:*:b*" } }, { "aws:SourceArn": "arn:aws:s3:::bucket" }, true],
  [{ ArnNotEquals: { "aws:SourceArn": "arn:aws:s3:::b*" } }, { "aws:SourceArn": "arn:aws:s3:::b" }, false],
  [{ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } }, { "aws:TagKeys": ["a", "c"] }, false],
  [{ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } }, {}, true],
  [{ "ForAnyValue:StringEquals": { "aws:TagKeys": ["a", "b"] } }, { "aws:TagKeys": ["a", "c"] }, true],
  [{ "ForAnyValue:StringNotEquals": { "aws:TagKeys": "a" } }, { "aws:TagKeys": ["a", "c"] }, true],
  [{ "ForAnyValue:StringEquals": { "aws:TagKeys": "a" } }, {}, false],
  [
    { StringEquals: { "aws:a": "1", "aws:b": "2" }, Bool: { "aws:c": "true" } },
    { "aws:a": "1", "aws:b": "2" },
    false,
  ],
  [{ StringEquals: { "aws:a": `\${aws:b}` } }, { "aws:a": "x", "aws:b": "x" }, true],
  [{ Nonsense: { "aws:a": "1" } }, { "aws:a": "1" }, false],
];

test("conditions hold as their operators say", () => {
  for (const [Condition, context, holds] of CONDITIONS) {
    const decision = byIdentity(allow("*", "*", { Condition }), { context: context ?? {} });
    const what = `${JSON.stringify(Condition)} in ${JSON.stringify(context)}`;
    assert.equal(decision, holds ? "allowed" : "implicitDeny", what);
  }
});

test("a boundary and a session's policy limit what an identity may do", () => {
  const identity = [allow("*", "*")];
  assert.equal(decide({ identity, boundary: [allow("*")] }), "allowed");
  assert.equal(decide({ identity, boundary: [allow("*", "ec2:*")] }), "implicitDeny");
  assert.equal(decide({ identity, session: [] }), "implicitDeny");
  assert.equal(decide({ identity: [], boundary: [allow("*")], session: [allow("*")] }), "implicitDeny");
});

test("each level of an organization must allow", () => {
  const identity = [allow("*", "*")];
  assert.equal(decide({ identity, organization: [[allow("*", "*")], [allow("*")]] }), "allowed");
  assert.equal(
    decide({ identity, organization: [[allow("*", "*")], [allow("*", "ec2:*")]] }),
    "implicitDeny",
  );
  assert.equal(decide({ identity, organization: [[allow("*", "*"), deny("*")]] }), "explicitDeny");
});

test("a resource's policy gives to those that it names", () => {
  const to = (Principal: unknown) => [allow("*", "*", { Principal })];
  const byResource = (Principal: unknown, asked?: Asked) => decide({ resource: to(Principal) }, asked);
  assert.equal(byResource("*"), "allowed");
  assert.equal(byResource({ AWS: USER.arn }), "allowed");
  assert.equal(byResource({ AWS: ["arn:aws:iam::111111111111:user/bob"] }), "implicitDeny");
  assert.equal(byResource({ Service: "ec2.amazonaws.com" }), "implicitDeny");
  assert.equal(byResource({ AWS: SESSION.roleArn }, { caller: SESSION }), "allowed");
  // To name the account is to leave it to the account's own policies.
  assert.equal(byResource({ AWS: ACCOUNT }), "implicitDeny");
  assert.equal(decide({ resource: to({ AWS: ACCOUNT }), identity: [allow("*")] }), "allowed");
  const boundary = [allow("*", "ec2:*")];
  assert.equal(decide({ resource: to({ AWS: USER.arn }), boundary }), "allowed");
  assert.equal(
    decide({ resource: to({ AWS: SESSION.roleArn }), boundary }, { caller: SESSION }),
    "implicitDeny",
  );
  assert.equal(decide({ resource: to({ AWS: SESSION.arn }), boundary }, { caller: SESSION }), "allowed");
  const but = [policy({ Effect: "Deny", Action: "*", Resource: "*", NotPrincipal: { AWS: USER.arn } })];
  assert.equal(decide({ identity: [allow("*")], resource: but }), "allowed");
  assert.equal(decide({ identity: [allow("*")], resource: but }, { caller: SESSION }), "explicitDeny");
});

test("a role's trust policy must allow, to a user by name or to its account", () => {
  const identity = [allow("*")];
  const trust = (Principal: object) => [allow("*", "*", { Principal })];
  const assume = (Principal: object, own = identity) =>
    decide({ identity: own, resource: trust(Principal), resourceMustAllow: true });
  assert.equal(assume({ AWS: "arn:aws:iam::111111111111:user/bob" }), "implicitDeny");
  assert.equal(assume({ AWS: USER.arn }, []), "allowed");
  assert.equal(assume({ AWS: ACCOUNT }), "allowed");
  assert.equal(assume({ AWS: ACCOUNT }, []), "implicitDeny");
});

test("of two accounts both must allow", () => {
  const resource = [allow("*", "*", { Principal: { AWS: "arn:aws:iam::111111111111:root" } })];
  const identity = [allow("*")];
  assert.equal(decide({ identity, resource, crossAccount: true }), "allowed");
  assert.equal(decide({ identity: [], resource, crossAccount: true }), "implicitDeny");
  assert.equal(decide({ identity, crossAccount: true }), "implicitDeny");
});

test("statements are found where they stand", () => {
  // The policy and the positions of the command line's manual.
  const document = [
    "{",
    '    "Version": "2012-10-17",',
    '    "Statement": [',
    "        {",
    '            "Effect": "Allow",',
    '            "Action": "codecommit:ListRepositories",',
    '            "Resource": "*",',
    '            "Condition": {"StringEquals": {"aws:username": "}"}}',
    "        },{}",
    "    ]",
    "}",
  ].join("\n");
  const [first, second] = statementPositions(document);
  assert.deepEqual(first, { start: { Line: 3, Column: 19 }, end: { Line: 9, Column: 10 } });
  assert.deepEqual(second, { start: { Line: 9, Column: 11 }, end: { Line: 9, Column: 13 } });
  const alone = statementPositions('{"Id":"Statement","Statement":{"Effect":"Allow"},"Version":"x"}');
  assert.deepEqual(alone, [{ start: { Line: 1, Column: 31 }, end: { Line: 1, Column: 49 } }]);
});

test("keys that a statement asks for are those of its variables and its conditions", () => {
  const Condition = { StringEquals: { "aws:PrincipalTag/team": `\${aws:RequestTag/team}` } };
  const { statements } = allow(`arn:aws:s3:::\${aws:username}/\${*}`, "*", { Condition });
  assert.deepEqual(statements.flatMap(contextKeysOf), [
    "aws:username",
    "aws:PrincipalTag/team",
    "aws:RequestTag/team",
  ]);
});

test("a pattern of many wildcards is matched in little time", () => {
  const pattern = `arn:aws:s3:::${"*a".repeat(200)}b`;
  assert.equal(byIdentity(allow(pattern), { resource: `arn:aws:s3:::${"a".repeat(2000)}` }), "implicitDeny");
});
