/**
 * Policies that AWS manages, as any account sees them. Facts of AWS's managed policy reference
 * (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html); documents of more than
 * a thousand characters are left out, and asking for one answers 501.
 */
import { type ManagedPolicy, newId } from "./store.js";

type Row = readonly [name: string, version: string, created: string, updated: string, document?: string];

const ROWS: readonly Row[] = [
  [
    "/service-role/AWSLambdaBasicExecutionRole",
    "v1",
    "2015-04-09T15:03:43Z",
    "2015-04-09T15:03:43Z",
    '{"Statement":[{"Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/service-role/AWSLambdaDynamoDBExecutionRole",
    "v1",
    "2015-04-09T15:09:29Z",
    "2015-04-09T15:09:29Z",
    '{"Statement":[{"Action":["dynamodb:DescribeStream","dynamodb:GetRecords","dynamodb:GetShardIterator","dynamodb:ListStreams","logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/service-role/AWSLambdaKinesisExecutionRole",
    "v2",
    "2015-04-09T15:14:16Z",
    "2018-11-19T20:09:24Z",
    '{"Statement":[{"Action":["kinesis:DescribeStream","kinesis:DescribeStreamSummary","kinesis:GetRecords","kinesis:GetShardIterator","kinesis:ListShards","kinesis:ListStreams","kinesis:SubscribeToShard","logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/service-role/AWSLambdaSQSQueueExecutionRole",
    "v1",
    "2018-06-14T21:50:45Z",
    "2018-06-14T21:50:45Z",
    '{"Statement":[{"Action":["sqs:ReceiveMessage","sqs:DeleteMessage","sqs:GetQueueAttributes","logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/service-role/AWSLambdaVPCAccessExecutionRole",
    "v3",
    "2016-02-11T23:15:26Z",
    "2024-01-05T22:38:26Z",
    '{"Statement":[{"Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents","ec2:CreateNetworkInterface","ec2:DescribeNetworkInterfaces","ec2:DescribeSubnets","ec2:DeleteNetworkInterface","ec2:AssignPrivateIpAddresses","ec2:UnassignPrivateIpAddresses"],"Effect":"Allow","Resource":"*","Sid":"AWSLambdaVPCAccessExecutionPermissions"}],"Version":"2012-10-17"}',
  ],
  ["/AWSLambda_FullAccess", "v7", "2020-11-17T21:14:08Z", "2026-02-12T18:00:51Z"],
  [
    "/AWSLambda_ReadOnlyAccess",
    "v5",
    "2020-11-17T21:10:32Z",
    "2026-02-12T18:02:55Z",
    '{"Statement":[{"Action":["cloudformation:DescribeStacks","cloudformation:ListStacks","cloudformation:ListStackResources","cloudwatch:GetMetricData","cloudwatch:ListMetrics","ec2:DescribeSecurityGroups","ec2:DescribeSubnets","ec2:DescribeVpcs","kms:ListAliases","iam:GetPolicy","iam:GetPolicyVersion","iam:GetRole","iam:GetRolePolicy","iam:ListAttachedRolePolicies","iam:ListRolePolicies","iam:ListRoles","logs:DescribeLogGroups","lambda:Get*","lambda:List*","states:DescribeStateMachine","states:ListStateMachines","tag:GetResources","xray:GetTraceSummaries","xray:BatchGetTraces"],"Effect":"Allow","Resource":"*"},{"Action":["logs:DescribeLogStreams","logs:GetLogEvents","logs:FilterLogEvents","logs:StartQuery","logs:StopQuery","logs:DescribeQueries","logs:GetLogGroupFields","logs:GetLogRecord","logs:GetQueryResults","logs:StartLiveTail","logs:StopLiveTail"],"Effect":"Allow","Resource":"arn:aws:logs:*:*:log-group:/aws/lambda/*"}],"Version":"2012-10-17"}',
  ],
  [
    "/AWSXRayDaemonWriteAccess",
    "v2",
    "2018-08-28T23:00:33Z",
    "2024-02-13T21:58:30Z",
    '{"Statement":[{"Action":["xray:PutTraceSegments","xray:PutTelemetryRecords","xray:GetSamplingRules","xray:GetSamplingTargets","xray:GetSamplingStatisticSummaries"],"Effect":"Allow","Resource":["*"],"Sid":"AWSXRayDaemonWriteAccess"}],"Version":"2012-10-17"}',
  ],
  [
    "/AdministratorAccess",
    "v1",
    "2015-02-06T18:39:46Z",
    "2015-02-06T18:39:46Z",
    '{"Statement":[{"Action":"*","Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonAPIGatewayInvokeFullAccess",
    "v2",
    "2015-07-09T17:36:12Z",
    "2018-12-18T18:25:10Z",
    '{"Statement":[{"Action":["execute-api:Invoke","execute-api:ManageConnections"],"Effect":"Allow","Resource":"arn:aws:execute-api:*:*:*"}],"Version":"2012-10-17"}',
  ],
  [
    "/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    "v1",
    "2015-11-11T23:41:46Z",
    "2015-11-11T23:41:46Z",
    '{"Statement":[{"Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:DescribeLogGroups","logs:DescribeLogStreams","logs:PutLogEvents","logs:GetLogEvents","logs:FilterLogEvents"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  ["/AmazonDynamoDBFullAccess", "v15", "2015-02-06T18:40:11Z", "2021-01-29T17:38:30Z"],
  ["/AmazonDynamoDBReadOnlyAccess", "v15", "2015-02-06T18:40:12Z", "2024-11-18T17:38:15Z"],
  [
    "/AmazonEC2ContainerRegistryFullAccess",
    "v3",
    "2015-12-21T17:06:48Z",
    "2020-12-05T00:04:19Z",
    '{"Statement":[{"Action":["ecr:*","cloudtrail:LookupEvents"],"Effect":"Allow","Resource":"*"},{"Action":["iam:CreateServiceLinkedRole"],"Condition":{"StringEquals":{"iam:AWSServiceName":["replication.ecr.amazonaws.com"]}},"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonEC2ContainerRegistryPowerUser",
    "v3",
    "2015-12-21T17:05:33Z",
    "2019-12-10T20:48:08Z",
    '{"Statement":[{"Action":["ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:GetRepositoryPolicy","ecr:DescribeRepositories","ecr:ListImages","ecr:DescribeImages","ecr:BatchGetImage","ecr:GetLifecyclePolicy","ecr:GetLifecyclePolicyPreview","ecr:ListTagsForResource","ecr:DescribeImageScanFindings","ecr:InitiateLayerUpload","ecr:UploadLayerPart","ecr:CompleteLayerUpload","ecr:PutImage"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonEC2ContainerRegistryReadOnly",
    "v3",
    "2015-12-21T17:04:15Z",
    "2019-12-10T20:56:32Z",
    '{"Statement":[{"Action":["ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:GetRepositoryPolicy","ecr:DescribeRepositories","ecr:ListImages","ecr:DescribeImages","ecr:BatchGetImage","ecr:GetLifecyclePolicy","ecr:GetLifecyclePolicyPreview","ecr:ListTagsForResource","ecr:DescribeImageScanFindings"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/service-role/AmazonEC2ContainerServiceforEC2Role",
    "v10",
    "2015-03-19T18:45:18Z",
    "2026-02-12T17:59:52Z",
    '{"Statement":[{"Action":["ec2:DescribeTags","ecs:CreateCluster","ecs:DeregisterContainerInstance","ecs:DiscoverPollEndpoint","ecs:Poll","ecs:RegisterContainerInstance","ecs:StartTelemetrySession","ecs:UpdateContainerInstancesState","ecs:Submit*","ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":"*"},{"Action":"ecs:TagResource","Condition":{"StringEquals":{"ecs:CreateAction":["CreateCluster","RegisterContainerInstance"]}},"Effect":"Allow","Resource":"*"},{"Action":["ecs:ListTagsForResource"],"Effect":"Allow","Resource":["arn:aws:ecs:*:*:task/*/*","arn:aws:ecs:*:*:container-instance/*/*"]}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonEC2FullAccess",
    "v5",
    "2015-02-06T18:40:15Z",
    "2018-11-27T02:16:56Z",
    '{"Statement":[{"Action":"ec2:*","Effect":"Allow","Resource":"*"},{"Action":"elasticloadbalancing:*","Effect":"Allow","Resource":"*"},{"Action":"cloudwatch:*","Effect":"Allow","Resource":"*"},{"Action":"autoscaling:*","Effect":"Allow","Resource":"*"},{"Action":"iam:CreateServiceLinkedRole","Condition":{"StringEquals":{"iam:AWSServiceName":["autoscaling.amazonaws.com","ec2scheduled.amazonaws.com","elasticloadbalancing.amazonaws.com","spot.amazonaws.com","spotfleet.amazonaws.com","transitgateway.amazonaws.com"]}},"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonEC2ReadOnlyAccess",
    "v5",
    "2015-02-06T18:40:17Z",
    "2026-02-12T18:03:17Z",
    '{"Statement":[{"Action":["ec2:Describe*","ec2:GetSecurityGroupsForVpc"],"Effect":"Allow","Resource":"*"},{"Action":"elasticloadbalancing:Describe*","Effect":"Allow","Resource":"*"},{"Action":["cloudwatch:ListMetrics","cloudwatch:GetMetricStatistics","cloudwatch:Describe*"],"Effect":"Allow","Resource":"*"},{"Action":"autoscaling:Describe*","Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/service-role/AmazonECSTaskExecutionRolePolicy",
    "v1",
    "2017-11-16T18:48:22Z",
    "2017-11-16T18:48:22Z",
    '{"Statement":[{"Action":["ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  ["/AmazonEKSClusterPolicy", "v10", "2018-05-27T21:06:14Z", "2026-02-12T17:58:15Z"],
  [
    "/AmazonEKSWorkerNodePolicy",
    "v3",
    "2018-05-27T21:09:01Z",
    "2023-11-27T00:06:13Z",
    '{"Statement":[{"Action":["ec2:DescribeInstances","ec2:DescribeInstanceTypes","ec2:DescribeRouteTables","ec2:DescribeSecurityGroups","ec2:DescribeSubnets","ec2:DescribeVolumes","ec2:DescribeVolumesModifications","ec2:DescribeVpcs","eks:DescribeCluster","eks-auth:AssumeRoleForPodIdentity"],"Effect":"Allow","Resource":"*","Sid":"WorkerNodePermissions"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonEKS_CNI_Policy",
    "v6",
    "2018-05-27T21:07:42Z",
    "2026-03-04T19:12:14Z",
    '{"Statement":[{"Action":["ec2:AssignPrivateIpAddresses","ec2:AttachNetworkInterface","ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface","ec2:DescribeInstances","ec2:DescribeTags","ec2:DescribeNetworkInterfaces","ec2:DescribeInstanceTypes","ec2:DescribeSubnets","ec2:DescribeSecurityGroups","ec2:DetachNetworkInterface","ec2:ModifyNetworkInterfaceAttribute","ec2:UnassignPrivateIpAddresses"],"Effect":"Allow","Resource":"*","Sid":"AmazonEKSCNIPolicy"},{"Action":["ec2:CreateTags"],"Effect":"Allow","Resource":["arn:aws:ec2:*:*:network-interface/*"],"Sid":"AmazonEKSCNIPolicyENITag"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonKinesisFullAccess",
    "v1",
    "2015-02-06T18:40:29Z",
    "2015-02-06T18:40:29Z",
    '{"Statement":[{"Action":"kinesis:*","Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonKinesisReadOnlyAccess",
    "v1",
    "2015-02-06T18:40:30Z",
    "2015-02-06T18:40:30Z",
    '{"Statement":[{"Action":["kinesis:Get*","kinesis:List*","kinesis:Describe*"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  ["/AmazonRDSFullAccess", "v14", "2015-02-06T18:40:52Z", "2023-08-17T23:00:17Z"],
  [
    "/AmazonRDSReadOnlyAccess",
    "v7",
    "2015-02-06T18:40:53Z",
    "2023-04-14T12:32:09Z",
    '{"Statement":[{"Action":["rds:Describe*","rds:ListTagsForResource","ec2:DescribeAccountAttributes","ec2:DescribeAvailabilityZones","ec2:DescribeInternetGateways","ec2:DescribeSecurityGroups","ec2:DescribeSubnets","ec2:DescribeVpcAttribute","ec2:DescribeVpcs"],"Effect":"Allow","Resource":"*"},{"Action":["cloudwatch:GetMetricStatistics","cloudwatch:ListMetrics","cloudwatch:GetMetricData","logs:DescribeLogStreams","logs:GetLogEvents","devops-guru:GetResourceCollection"],"Effect":"Allow","Resource":"*"},{"Action":["devops-guru:SearchInsights","devops-guru:ListAnomaliesForInsight"],"Condition":{"ForAllValues:StringEquals":{"devops-guru:ServiceNames":["RDS"]},"Null":{"devops-guru:ServiceNames":"false"}},"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonRoute53FullAccess",
    "v7",
    "2015-02-06T18:40:54Z",
    "2026-02-12T18:00:40Z",
    '{"Statement":[{"Action":["route53:*","route53domains:*","cloudfront:ListDistributions","cloudfront:GetDistributionTenantByDomain","cloudfront:GetConnectionGroup","cloudwatch:DescribeAlarms","cloudwatch:GetMetricStatistics","cloudwatch:GetMetricData","ec2:DescribeVpcs","ec2:DescribeVpcEndpoints","ec2:DescribeRegions","elasticloadbalancing:DescribeLoadBalancers","elasticbeanstalk:DescribeEnvironments","es:ListDomainNames","es:DescribeDomains","lightsail:GetContainerServices","s3:ListBucket","s3:GetBucketLocation","s3:GetBucketWebsite","sns:ListTopics","sns:ListSubscriptionsByTopic","tag:GetResources"],"Effect":"Allow","Resource":"*"},{"Action":"apigateway:GET","Effect":"Allow","Resource":"arn:aws:apigateway:*::/domainnames"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonRoute53ReadOnlyAccess",
    "v2",
    "2015-02-06T18:40:55Z",
    "2016-11-15T21:15:16Z",
    '{"Statement":[{"Action":["route53:Get*","route53:List*","route53:TestDNSAnswer"],"Effect":"Allow","Resource":["*"]}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonS3FullAccess",
    "v2",
    "2015-02-06T18:40:58Z",
    "2021-09-27T20:16:37Z",
    '{"Statement":[{"Action":["s3:*","s3-object-lambda:*"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonS3ReadOnlyAccess",
    "v3",
    "2015-02-06T18:40:59Z",
    "2023-08-10T21:31:39Z",
    '{"Statement":[{"Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonSNSFullAccess",
    "v2",
    "2015-02-06T18:41:05Z",
    "2024-09-24T22:32:05Z",
    '{"Statement":[{"Action":"sns:*","Effect":"Allow","Resource":"*","Sid":"SNSFullAccess"},{"Action":["sms-voice:DescribeVerifiedDestinationNumbers","sms-voice:CreateVerifiedDestinationNumber","sms-voice:SendDestinationNumberVerificationCode","sms-voice:SendTextMessage","sms-voice:DeleteVerifiedDestinationNumber","sms-voice:VerifyDestinationNumber","sms-voice:DescribeAccountAttributes","sms-voice:DescribeSpendLimits","sms-voice:DescribePhoneNumbers","sms-voice:SetTextMessageSpendLimitOverride","sms-voice:DescribeOptedOutNumbers","sms-voice:DeleteOptedOutNumber"],"Condition":{"StringEquals":{"aws:CalledViaLast":"sns.amazonaws.com"}},"Effect":"Allow","Resource":"*","Sid":"SMSAccessViaSNS"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonSNSReadOnlyAccess",
    "v2",
    "2015-02-06T18:41:06Z",
    "2024-09-24T22:13:12Z",
    '{"Statement":[{"Action":["sns:GetTopicAttributes","sns:List*","sns:CheckIfPhoneNumberIsOptedOut","sns:GetEndpointAttributes","sns:GetDataProtectionPolicy","sns:GetPlatformApplicationAttributes","sns:GetSMSAttributes","sns:GetSMSSandboxAccountStatus","sns:GetSubscriptionAttributes"],"Effect":"Allow","Resource":"*","Sid":"SNSReadOnlyAccess"},{"Action":["sms-voice:DescribeVerifiedDestinationNumbers","sms-voice:DescribeAccountAttributes","sms-voice:DescribeSpendLimits","sms-voice:DescribePhoneNumbers","sms-voice:DescribeOptedOutNumbers"],"Condition":{"StringEquals":{"aws:CalledViaLast":"sns.amazonaws.com"}},"Effect":"Allow","Resource":"*","Sid":"SMSAccessViaSNS"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonSQSFullAccess",
    "v1",
    "2015-02-06T18:41:07Z",
    "2015-02-06T18:41:07Z",
    '{"Statement":[{"Action":["sqs:*"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonSQSReadOnlyAccess",
    "v4",
    "2015-02-06T18:41:08Z",
    "2024-05-24T18:16:44Z",
    '{"Statement":[{"Action":["sqs:GetQueueAttributes","sqs:GetQueueUrl","sqs:ListDeadLetterSourceQueues","sqs:ListQueues","sqs:ListMessageMoveTasks","sqs:ListQueueTags"],"Effect":"Allow","Resource":"*","Sid":"AmazonSQSReadOnlyAccess"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonSSMFullAccess",
    "v4",
    "2015-05-29T17:39:47Z",
    "2019-11-20T20:08:56Z",
    '{"Statement":[{"Action":["cloudwatch:PutMetricData","ds:CreateComputer","ds:DescribeDirectories","ec2:DescribeInstanceStatus","logs:*","ssm:*","ec2messages:*"],"Effect":"Allow","Resource":"*"},{"Action":"iam:CreateServiceLinkedRole","Condition":{"StringLike":{"iam:AWSServiceName":"ssm.amazonaws.com"}},"Effect":"Allow","Resource":"arn:aws:iam::*:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM*"},{"Action":["iam:DeleteServiceLinkedRole","iam:GetServiceLinkedRoleDeletionStatus"],"Effect":"Allow","Resource":"arn:aws:iam::*:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM*"},{"Action":["ssmmessages:CreateControlChannel","ssmmessages:CreateDataChannel","ssmmessages:OpenControlChannel","ssmmessages:OpenDataChannel"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonSSMManagedInstanceCore",
    "v2",
    "2019-03-15T17:22:12Z",
    "2019-05-23T16:54:21Z",
    '{"Statement":[{"Action":["ssm:DescribeAssociation","ssm:GetDeployablePatchSnapshotForInstance","ssm:GetDocument","ssm:DescribeDocument","ssm:GetManifest","ssm:GetParameter","ssm:GetParameters","ssm:ListAssociations","ssm:ListInstanceAssociations","ssm:PutInventory","ssm:PutComplianceItems","ssm:PutConfigurePackageResult","ssm:UpdateAssociationStatus","ssm:UpdateInstanceAssociationStatus","ssm:UpdateInstanceInformation"],"Effect":"Allow","Resource":"*"},{"Action":["ssmmessages:CreateControlChannel","ssmmessages:CreateDataChannel","ssmmessages:OpenControlChannel","ssmmessages:OpenDataChannel"],"Effect":"Allow","Resource":"*"},{"Action":["ec2messages:AcknowledgeMessage","ec2messages:DeleteMessage","ec2messages:FailMessage","ec2messages:GetEndpoint","ec2messages:GetMessages","ec2messages:SendReply"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/AmazonSSMReadOnlyAccess",
    "v1",
    "2015-05-29T17:44:19Z",
    "2015-05-29T17:44:19Z",
    '{"Statement":[{"Action":["ssm:Describe*","ssm:Get*","ssm:List*"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/CloudWatchAgentServerPolicy",
    "v3",
    "2018-03-07T01:06:44Z",
    "2024-02-06T16:37:37Z",
    '{"Statement":[{"Action":["cloudwatch:PutMetricData","ec2:DescribeVolumes","ec2:DescribeTags","logs:PutLogEvents","logs:PutRetentionPolicy","logs:DescribeLogStreams","logs:DescribeLogGroups","logs:CreateLogStream","logs:CreateLogGroup","xray:PutTraceSegments","xray:PutTelemetryRecords","xray:GetSamplingRules","xray:GetSamplingTargets","xray:GetSamplingStatisticSummaries"],"Effect":"Allow","Resource":"*","Sid":"CWACloudWatchServerPermissions"},{"Action":["ssm:GetParameter"],"Effect":"Allow","Resource":"arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*","Sid":"CWASSMServerPermissions"}],"Version":"2012-10-17"}',
  ],
  [
    "/CloudWatchFullAccess",
    "v4",
    "2015-02-06T18:40:00Z",
    "2022-11-27T13:23:49Z",
    '{"Statement":[{"Action":["autoscaling:Describe*","cloudwatch:*","logs:*","sns:*","iam:GetPolicy","iam:GetPolicyVersion","iam:GetRole","oam:ListSinks"],"Effect":"Allow","Resource":"*"},{"Action":"iam:CreateServiceLinkedRole","Condition":{"StringLike":{"iam:AWSServiceName":"events.amazonaws.com"}},"Effect":"Allow","Resource":"arn:aws:iam::*:role/aws-service-role/events.amazonaws.com/AWSServiceRoleForCloudWatchEvents*"},{"Action":["oam:ListAttachedLinks"],"Effect":"Allow","Resource":"arn:aws:oam:*:*:sink/*"}],"Version":"2012-10-17"}',
  ],
  [
    "/CloudWatchLogsFullAccess",
    "v8",
    "2015-02-06T18:40:02Z",
    "2026-02-12T18:00:33Z",
    '{"Statement":[{"Action":["logs:*","cloudwatch:GenerateQuery","cloudwatch:GenerateQueryResultsSummary","observabilityadmin:GetS3TableIntegration","observabilityadmin:ListS3TableIntegrations","observabilityadmin:ListTelemetryPipelines"],"Effect":"Allow","Resource":"*","Sid":"CloudWatchLogsFullAccess"}],"Version":"2012-10-17"}',
  ],
  [
    "/CloudWatchLogsReadOnlyAccess",
    "v12",
    "2015-02-06T18:40:03Z",
    "2026-02-12T17:59:13Z",
    '{"Statement":[{"Action":["logs:Describe*","logs:Get*","logs:List*","logs:StartQuery","logs:StopQuery","logs:TestMetricFilter","logs:FilterLogEvents","logs:StartLiveTail","logs:StopLiveTail","cloudwatch:GenerateQuery","cloudwatch:GenerateQueryResultsSummary","observabilityadmin:ListS3TableIntegrations","observabilityadmin:GetS3TableIntegration","observabilityadmin:ListTelemetryPipelines"],"Effect":"Allow","Resource":"*","Sid":"CloudWatchLogsReadOnlyAccess"}],"Version":"2012-10-17"}',
  ],
  [
    "/IAMFullAccess",
    "v2",
    "2015-02-06T18:40:38Z",
    "2019-06-21T19:40:00Z",
    '{"Statement":[{"Action":["iam:*","organizations:DescribeAccount","organizations:DescribeOrganization","organizations:DescribeOrganizationalUnit","organizations:DescribePolicy","organizations:ListChildren","organizations:ListParents","organizations:ListPoliciesForTarget","organizations:ListRoots","organizations:ListPolicies","organizations:ListTargetsForPolicy"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/IAMReadOnlyAccess",
    "v4",
    "2015-02-06T18:40:39Z",
    "2018-01-25T19:11:27Z",
    '{"Statement":[{"Action":["iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*","iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  [
    "/PowerUserAccess",
    "v12",
    "2015-02-06T18:39:47Z",
    "2026-02-12T17:59:14Z",
    '{"Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},{"Action":["account:GetAccountInformation","account:GetGovCloudAccountInformation","account:GetPrimaryEmail","account:ListRegions","iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles","organizations:DescribeEffectivePolicy","organizations:DescribeOrganization"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}',
  ],
  ["/ReadOnlyAccess", "v190", "2015-02-06T18:39:48Z", "2026-09-24T17:37:08Z"],
  ["/SecretsManagerReadWrite", "v6", "2018-04-04T18:05:29Z", "2026-08-25T23:37:10Z"],
  ["/SecurityAudit", "v94", "2015-02-06T18:41:01Z", "2026-09-30T20:27:08Z"],
  ["/job-function/ViewOnlyAccess", "v46", "2016-11-10T17:20:15Z", "2026-09-30T20:27:08Z"],
];

/** AWS's policies by ARN, made anew for each account so that no two share state. */
export function awsPolicies(): Map<string, ManagedPolicy> {
  return new Map(ROWS.map((row) => [arnOf(row), policyOf(row)]));
}

function arnOf([name]: Row): string {
  return `arn:aws:iam::aws:policy${name}`;
}

function policyOf(row: Row): ManagedPolicy {
  const [fullName, version, created, updated, document] = row;
  const at = fullName.lastIndexOf("/") + 1;
  return {
    id: newId("ANPA"),
    arn: arnOf(row),
    name: fullName.slice(at),
    path: fullName.slice(0, at),
    description: undefined,
    created: new Date(created),
    updated: new Date(updated),
    defaultVersion: version,
    versions: [{ id: version, document: document ?? "", created: new Date(updated) }],
    versionsMade: Number(version.slice(1)),
    tags: new Map(),
  };
}
