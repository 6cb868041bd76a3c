/** One service at least of each remaining protocol on moto: JSON 1.0 and 1.1, query, REST JSON, REST XML, CBOR where it speaks it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session } from "../../../src/aws/index.js";
import { APIGateway } from "../../../src/gen/aws/apigateway.js";
import { CloudFormation } from "../../../src/gen/aws/cloudformation.js";
import { CloudWatch } from "../../../src/gen/aws/cloudwatch.js";
import { DynamoDB } from "../../../src/gen/aws/dynamodb.js";
import { ECR } from "../../../src/gen/aws/ecr.js";
import { EventBridge } from "../../../src/gen/aws/events.js";
import { Kinesis } from "../../../src/gen/aws/kinesis.js";
import { KMS } from "../../../src/gen/aws/kms.js";
import { Lambda } from "../../../src/gen/aws/lambda.js";
import { Route53 } from "../../../src/gen/aws/route53.js";
import { SecretsManager } from "../../../src/gen/aws/secretsmanager.js";
import { SNS } from "../../../src/gen/aws/sns.js";
import { SQS } from "../../../src/gen/aws/sqs.js";
import { SSM } from "../../../src/gen/aws/ssm.js";
import { SFN } from "../../../src/gen/aws/stepfunctions.js";

export function runMotoServicesSuite(session: Session): void {
  databaseTests(session);
  messageTests(session);
  configurationTests(session);
  secretTests(session);
  workflowTests(session);
  webTests(session);
}

function databaseTests(session: Session): void {
  const dynamodb = session.client(DynamoDB);
  const TableName = "suite";

  test("moto DynamoDB: put, get, query and scan in pages, a failed condition", async () => {
    await dynamodb.createTable({
      TableName,
      AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "S" },
        { AttributeName: "n", AttributeType: "N" },
      ],
      KeySchema: [
        { AttributeName: "id", KeyType: "HASH" },
        { AttributeName: "n", KeyType: "RANGE" },
      ],
      BillingMode: "PAY_PER_REQUEST",
    });
    await dynamodb.waitUntil.tableExists({ TableName }, { delayMs: 10 });
    const bytes = new Uint8Array([0, 255, 7]);
    for (let n = 0; n < 7; n++)
      await dynamodb.putItem({
        TableName,
        Item: { id: { S: "ä" }, n: { N: String(n) }, b: { B: bytes }, m: { M: { t: { BOOL: true } } } },
      });
    const { Item } = await dynamodb.getItem({ TableName, Key: { id: { S: "ä" }, n: { N: "3" } } });
    assert.deepEqual([Item?.b?.B && [...Item.b.B], Item?.m?.M?.t?.BOOL], [[0, 255, 7], true]);
    const query = {
      TableName,
      KeyConditionExpression: "id = :id",
      ExpressionAttributeValues: { ":id": { S: "ä" } },
    };
    let pages = 0;
    for await (const page of dynamodb.query.pages(query, { pageSize: 3 })) pages += page.Count ? 1 : 0;
    assert.equal(pages, 3);
    const scanned = await dynamodb.scan.items({ TableName }, { pageSize: 2 });
    const numbers: (string | undefined)[] = [];
    for await (const item of scanned) numbers.push(item.n?.N);
    assert.deepEqual(numbers, ["0", "1", "2", "3", "4", "5", "6"]);
    const again = dynamodb.putItem({
      TableName,
      Item: { id: { S: "ä" }, n: { N: "3" } },
      ConditionExpression: "attribute_not_exists(id)",
    });
    await assert.rejects(again, (error) => {
      assert.ok(error instanceof dynamodb.errors.ConditionalCheckFailedException, String(error));
      return error.kind === "preconditionFailed";
    });
    await assert.rejects(dynamodb.describeTable({ TableName: "none" }), { kind: "notFound" });
  });
}

function messageTests(session: Session): void {
  test("moto SQS: send, receive, batch, an error known by its old code", async () => {
    const sqs = session.client(SQS);
    const { QueueUrl = "" } = await sqs.createQueue({
      QueueName: "suite",
      Attributes: { VisibilityTimeout: "60" },
    });
    await sqs.sendMessage({
      QueueUrl,
      MessageBody: "<one> & ü",
      MessageAttributes: { kind: { DataType: "String", StringValue: "test" } },
    });
    const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MessageAttributeNames: ["All"] });
    assert.equal(Messages[0]?.Body, "<one> & ü");
    assert.equal(Messages[0]?.MessageAttributes?.kind?.StringValue, "test");
    await sqs.deleteMessage({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle as string });
    const Entries = ["a", "b", "c"].map((Id) => ({ Id, MessageBody: Id }));
    const { Successful, Failed } = await sqs.sendMessageBatch({ QueueUrl, Entries });
    assert.deepEqual([Successful?.length, Failed ?? []], [3, []]);
    await assert.rejects(sqs.getQueueUrl({ QueueName: "none" }), (error) => {
      assert.ok(error instanceof sqs.errors.QueueDoesNotExist, String(error));
      assert.equal(error.code as string, "AWS.SimpleQueueService.NonExistentQueue");
      return error.kind === "notFound";
    });
  });

  test("moto SNS: topics in pages, attributes, publish", async () => {
    const sns = session.client(SNS);
    const { TopicArn = "" } = await sns.createTopic({ Name: "suite", Attributes: { DisplayName: "Suite" } });
    for (let n = 0; n < 120; n++) await sns.createTopic({ Name: `suite-${n}` });
    let topics = 0;
    for await (const _ of sns.listTopics.items()) topics++;
    assert.equal(topics, 121);
    assert.equal((await sns.getTopicAttributes({ TopicArn })).Attributes?.DisplayName, "Suite");
    const { MessageId } = await sns.publish({ TopicArn, Message: "hello", Subject: "s" });
    assert.ok(MessageId);
    await assert.rejects(sns.getTopicAttributes({ TopicArn: `${TopicArn}-none` }), { kind: "notFound" });
  });

  test("moto Kinesis: records of bytes", async () => {
    const kinesis = session.client(Kinesis);
    await kinesis.createStream({ StreamName: "suite", ShardCount: 1 });
    await kinesis.waitUntil.streamExists({ StreamName: "suite" }, { delayMs: 10 });
    await kinesis.putRecord({ StreamName: "suite", PartitionKey: "p", Data: new Uint8Array([1, 2, 255]) });
    const { Shards = [] } = await kinesis.listShards({ StreamName: "suite" });
    const { ShardIterator = "" } = await kinesis.getShardIterator({
      StreamName: "suite",
      ShardId: Shards[0]?.ShardId as string,
      ShardIteratorType: "TRIM_HORIZON",
    });
    const { Records } = await kinesis.getRecords({ ShardIterator });
    assert.deepEqual([...(Records?.[0]?.Data ?? [])], [1, 2, 255]);
  });

  test("moto EventBridge: a rule, an event", async () => {
    const events = session.client(EventBridge);
    await events.putRule({ Name: "suite", EventPattern: JSON.stringify({ source: ["suite"] }) });
    assert.ok((await events.listRules()).Rules?.some(({ Name }) => Name === "suite"));
    const { FailedEntryCount } = await events.putEvents({
      Entries: [{ Source: "suite", DetailType: "t", Detail: "{}", Time: new Date(1_700_000_000_000) }],
    });
    assert.equal(FailedEntryCount, 0);
  });
}

function configurationTests(session: Session): void {
  test("moto SSM: parameters in pages", async () => {
    const ssm = session.client(SSM);
    for (let n = 0; n < 12; n++)
      await ssm.putParameter({ Name: `/suite/${n}`, Value: `v${n}`, Type: "String" });
    const seen: (string | undefined)[] = [];
    for await (const each of ssm.getParametersByPath.items({ Path: "/suite" }, { pageSize: 5 }))
      seen.push(each.Value);
    assert.equal(new Set(seen).size, 12);
    await assert.rejects(ssm.getParameter({ Name: "/none" }), (error) => {
      assert.ok(error instanceof ssm.errors.ParameterNotFound, String(error));
      return error.kind === "notFound";
    });
  });

  test("moto CloudWatch: metrics in and out, alarms", async () => {
    const cloudwatch = session.client(CloudWatch);
    const Timestamp = new Date(Math.floor(Date.now() / 60_000) * 60_000);
    await cloudwatch.putMetricData({
      Namespace: "suite",
      MetricData: [1.5, 2.5].map((Value) => ({
        MetricName: "m",
        Value,
        Timestamp,
        Dimensions: [{ Name: "host", Value: "a" }],
      })),
    });
    const { Metrics } = await cloudwatch.listMetrics({ Namespace: "suite" });
    assert.equal(Metrics?.[0]?.Dimensions?.[0]?.Value, "a");
    const { Datapoints } = await cloudwatch.getMetricStatistics({
      Namespace: "suite",
      MetricName: "m",
      Dimensions: [{ Name: "host", Value: "a" }],
      StartTime: new Date(Timestamp.getTime() - 3_600_000),
      EndTime: new Date(Timestamp.getTime() + 3_600_000),
      Period: 60,
      Statistics: ["Sum"],
    });
    assert.equal(Datapoints?.[0]?.Sum, 4);
    assert.deepEqual(Datapoints?.[0]?.Timestamp, Timestamp);
  });

  test("moto CloudFormation: a stack, waited for", async () => {
    const cloudformation = session.client(CloudFormation);
    const TemplateBody = JSON.stringify({
      Resources: { Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "stacked" } } },
      Outputs: { Url: { Value: { Ref: "Queue" } } },
    });
    await cloudformation.createStack({ StackName: "suite", TemplateBody });
    await cloudformation.waitUntil.stackCreateComplete({ StackName: "suite" }, { delayMs: 10 });
    const { Stacks } = await cloudformation.describeStacks({ StackName: "suite" });
    assert.match(Stacks?.[0]?.Outputs?.[0]?.OutputValue ?? "", /stacked/);
    await assert.rejects(cloudformation.describeStacks({ StackName: "none" }), { code: "ValidationError" });
  });
}

function secretTests(session: Session): void {
  test("moto Secrets Manager: text, bytes, no such secret", async () => {
    const secrets = session.client(SecretsManager);
    await secrets.createSecret({ Name: "text", SecretString: "s" });
    await secrets.createSecret({ Name: "bytes", SecretBinary: new Uint8Array([9, 0, 9]) });
    assert.equal((await secrets.getSecretValue({ SecretId: "text" })).SecretString, "s");
    const { SecretBinary, CreatedDate } = await secrets.getSecretValue({ SecretId: "bytes" });
    assert.deepEqual([...(SecretBinary ?? [])], [9, 0, 9]);
    assert.ok(CreatedDate instanceof Date);
    await assert.rejects(secrets.getSecretValue({ SecretId: "none" }), {
      code: "ResourceNotFoundException",
      kind: "notFound",
    });
  });

  test("moto KMS: encrypted and decrypted", async () => {
    const kms = session.client(KMS);
    const { KeyMetadata } = await kms.createKey({ Description: "suite" });
    const Plaintext = new Uint8Array([0, 1, 2, 200]);
    const { CiphertextBlob } = await kms.encrypt({ KeyId: KeyMetadata?.KeyId as string, Plaintext });
    const opened = await kms.decrypt({ CiphertextBlob: CiphertextBlob as Uint8Array });
    assert.deepEqual([...(opened.Plaintext ?? [])], [...Plaintext]);
    await assert.rejects(kms.describeKey({ KeyId: "00000000-0000-0000-0000-000000000000" }), {
      kind: "notFound",
    });
  });
}

function workflowTests(session: Session): void {
  test("moto Step Functions: a machine runs", async () => {
    const sfn = session.client(SFN);
    const { stateMachineArn } = await sfn.createStateMachine({
      name: "suite",
      roleArn: "arn:aws:iam::123456789012:role/suite",
      definition: JSON.stringify({ StartAt: "A", States: { A: { Type: "Pass", End: true } } }),
    });
    const { executionArn, startDate } = await sfn.startExecution({ stateMachineArn, input: '{"a":1}' });
    assert.ok(startDate instanceof Date);
    assert.equal((await sfn.describeExecution({ executionArn })).input, '{"a":1}');
    for (let n = 0; n < 4; n++) await sfn.startExecution({ stateMachineArn, name: `n${n}` });
    let executions = 0;
    for await (const _ of sfn.listExecutions.items({ stateMachineArn }, { pageSize: 2 })) executions++;
    assert.equal(executions, 5);
  });

  test("moto ECR: repositories", async () => {
    const ecr = session.client(ECR);
    await ecr.createRepository({ repositoryName: "suite/app" });
    assert.equal((await ecr.describeRepositories()).repositories?.[0]?.repositoryName, "suite/app");
    const { authorizationData } = await ecr.getAuthorizationToken();
    assert.ok(authorizationData?.[0]?.expiresAt instanceof Date);
    await assert.rejects(ecr.createRepository({ repositoryName: "suite/app" }), { kind: "alreadyExists" });
  });
}

function webTests(session: Session): void {
  test("moto Lambda: no functions, no such function", async () => {
    const lambda = session.client(Lambda);
    assert.deepEqual((await lambda.listFunctions()).Functions, []);
    await assert.rejects(lambda.getFunction({ FunctionName: "none" }), {
      code: "ResourceNotFoundException",
      kind: "notFound",
    });
  });

  test("moto Route 53: zones and records", async () => {
    const route53 = session.client(Route53);
    const { HostedZone } = await route53.createHostedZone({ Name: "suite.example.", CallerReference: "1" });
    await route53.changeResourceRecordSets({
      HostedZoneId: HostedZone.Id,
      ChangeBatch: {
        Changes: [
          {
            Action: "CREATE",
            ResourceRecordSet: {
              Name: "www.suite.example.",
              Type: "A",
              TTL: 60,
              ResourceRecords: [{ Value: "192.0.2.1" }],
            },
          },
        ],
      },
    });
    const records: string[] = [];
    for await (const each of route53.listResourceRecordSets.items({ HostedZoneId: HostedZone.Id }))
      records.push(`${each.Name} ${each.Type} ${each.ResourceRecords?.[0]?.Value}`);
    assert.ok(records.includes("www.suite.example. A 192.0.2.1"), records.join("; "));
    await assert.rejects(route53.getHostedZone({ Id: "ZNONE" }), { kind: "notFound" });
  });

  test("moto API Gateway: an API and its resources", async () => {
    const gateway = session.client(APIGateway);
    const { id = "", createdDate } = await gateway.createRestApi({ name: "suite", tags: { team: "web" } });
    assert.ok(createdDate instanceof Date);
    const { items: roots } = await gateway.getResources({ restApiId: id });
    const { path } = await gateway.createResource({
      restApiId: id,
      parentId: roots?.[0]?.id as string,
      pathPart: "things",
    });
    assert.equal(path, "/things");
    const patchOperations = [{ op: "replace" as const, path: "/name", value: "renamed" }];
    assert.equal((await gateway.updateRestApi({ restApiId: id, patchOperations })).name, "renamed");
    await assert.rejects(gateway.getRestApi({ restApiId: "none" }), { kind: "notFound" });
  });
}
