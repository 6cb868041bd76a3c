import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { S3, type SelectObjectContentRequest } from "../../../gen/aws/s3.js";
import { Emulator } from "../../emulator.js";

const CSV_FILE = 'name,age,city\nAnn,31,"Paris, France"\nBob,9,Oslo\n# no row\nCy,,Rome\n';
const JSON_FILE =
  '{"id":1,"tags":["a","b"],"in":{"x":"u"}}\n{"id":2,"tags":[],"in":null}{"id":3,"Name":"n","name":"m"}';

let cloud: Emulator;

before(async () => {
  cloud = await Emulator.start();
  const s3 = cloud.aws().client(S3);
  await s3.createBucket({ Bucket: "files" });
  for (const [Key, Body] of [
    ["csv", CSV_FILE],
    ["json", JSON_FILE],
    ["json.gz", gzipSync(JSON_FILE)],
    ["bad", '{"a":'],
  ] as const)
    await s3.putObject({ Bucket: "files", Key, Body });
});
after(() => cloud.close());

async function select(Key: string, Expression: string, more: Partial<SelectObjectContentRequest> = {}) {
  const isCsv = Key === "csv";
  const { Payload } = await cloud
    .aws()
    .client(S3)
    .selectObjectContent({
      Bucket: "files",
      Key,
      Expression,
      ExpressionType: "SQL",
      InputSerialization: isCsv ? { CSV: { FileHeaderInfo: "USE" } } : { JSON: { Type: "LINES" } },
      OutputSerialization: { JSON: {} },
      ...more,
    });
  let text = "";
  const events: string[] = [];
  for await (const event of Payload) {
    events.push(...Object.keys(event));
    if (event.Records?.Payload) text += Buffer.from(event.Records.Payload).toString();
  }
  return { text, events };
}

const CASES: readonly (readonly [key: string, sql: string, answer: string])[] = [
  ["csv", "SELECT * FROM S3Object LIMIT 1", '{"name":"Ann","age":"31","city":"Paris, France"}\n'],
  [
    "csv",
    "select s.NAME, s._3 from s3object s where s.age > 8 and s.age < 10",
    '{"NAME":"Bob","_3":"Oslo"}\n',
  ],
  ["csv", "SELECT COUNT(*) AS n, MAX(CAST(age AS INT)) FROM S3Object WHERE age <> ''", '{"n":2,"_2":31}\n'],
  [
    "csv",
    "SELECT name FROM S3Object WHERE city LIKE '%o%' OR name IN ('Cy')",
    '{"name":"Bob"}\n{"name":"Cy"}\n',
  ],
  ["csv", "SELECT name FROM S3Object WHERE NOT (age BETWEEN 1 AND 20 OR age = '')", '{"name":"Ann"}\n'],
  ["csv", "SELECT name FROM S3Object LIMIT 0", ""],
  ["json", "SELECT * FROM S3Object[*].in", '{"x":"u"}\n{"_1":null}\n{}\n'],
  ["json", "SELECT t FROM S3Object[*].tags[*] t", '{"t":"a"}\n{"t":"b"}\n{}\n{}\n'],
  ["json", 'SELECT s.id, s."Name" FROM S3Object s WHERE s.tags IS MISSING', '{"id":3,"Name":"n"}\n'],
  ["json", "SELECT s.in.x FROM S3Object s WHERE s.in IS NOT NULL", '{"x":"u"}\n'],
  ["json", "SELECT s.tags[1] FROM S3Object s WHERE s.id = 1", '{"_1":"b"}\n'],
];

for (const [key, sql, answer] of CASES) {
  test(`${key}: ${sql}`, async () => assert.equal((await select(key, sql)).text, answer));
}

test("events, progress and statistics among them, of a compressed file", async () => {
  const InputSerialization = { JSON: { Type: "DOCUMENT" }, CompressionType: "GZIP" };
  const { text, events } = await select("json.gz", "SELECT id FROM S3Object", {
    InputSerialization,
    RequestProgress: { Enabled: true },
    OutputSerialization: { CSV: { RecordDelimiter: ";" } },
  });
  assert.equal(text, "1;2;3;");
  assert.deepEqual(events, ["Records", "Progress", "Stats", "End"]);
});

test("fields are quoted where they must be, or always", async () => {
  const csv = (CSV: object) => ({ OutputSerialization: { CSV } });
  const sql = "SELECT city, age FROM S3Object LIMIT 1";
  assert.equal((await select("csv", sql, csv({}))).text, '"Paris, France",31\n');
  const always = csv({ QuoteFields: "ALWAYS", FieldDelimiter: "|", QuoteCharacter: "'" });
  assert.equal((await select("csv", sql, always)).text, "'Paris, France'|'31'\n");
});

const REFUSALS: readonly (readonly [key: string, sql: string, code: string])[] = [
  ["csv", "SELECT *", "ParseSelectMissingFrom"],
  ["csv", "DELETE FROM S3Object", "ParseUnsupportedSyntax"],
  ["csv", "SELECT * FROM other", "InvalidTableAlias"],
  ["csv", "SELECT * FROM S3Object WHERE", "ParseUnexpectedToken"],
  ["csv", "SELECT * FROM S3Object GROUP BY name", "ParseUnexpectedToken"],
  ["csv", "SELECT ! FROM S3Object", "LexerInvalidChar"],
  ["csv", "SELECT UPPER(name) FROM S3Object", "UnsupportedFunction"],
  ["csv", "SELECT none FROM S3Object", "MissingHeaders"],
  ["csv", "SELECT CAST(name AS INT) FROM S3Object", "CastFailed"],
  ["csv", "SELECT COUNT(*), name FROM S3Object", "ParseUnsupportedSyntax"],
  ["json", "SELECT NAME FROM S3Object", "AmbiguousFieldName"],
  ["bad", "SELECT * FROM S3Object", "JSONParsingError"],
  ["none", "SELECT * FROM S3Object", "NoSuchKey"],
];

for (const [key, sql, code] of REFUSALS) {
  test(`${key}: ${sql} is refused`, () => assert.rejects(select(key, sql), { code }));
}

test("whom a policy denies to read an object may not query it", async () => {
  const s3 = cloud.aws().client(S3);
  const Resource = "arn:aws:s3:::files/json";
  const Statement = [{ Effect: "Deny", Principal: "*", Action: "s3:GetObject", Resource }];
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
  await s3.putBucketPolicy({ Bucket: "files", Policy });
  await assert.rejects(select("json", "SELECT * FROM S3Object"), { code: "AccessDenied" });
  await s3.deleteBucketPolicy({ Bucket: "files" });
});
