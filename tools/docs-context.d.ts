/** What code in the documentation may use without making it. See `docs-code.ts`. */
import type { Body as StreamedBody } from "trivet";
import type { Session as AwsSession } from "trivet/aws";
import type { EC2 as EC2Client, EC2Resource } from "trivet/aws/ec2";
import type { S3 as S3Client, S3Resource } from "trivet/aws/s3";
import type { Session as AzureSession } from "trivet/azure";
import type { Blob as BlobClient } from "trivet/azure/blob";
import type { Resources as ResourcesClient } from "trivet/azure/resources";
import type { Emulator as EmulatedClouds } from "trivet/emulator";
import type { Session as GcpSession } from "trivet/gcp";
import type { Compute as ComputeClient } from "trivet/gcp/compute";
import type { Storage as StorageClient } from "trivet/gcp/storage";

declare global {
  const aws: AwsSession;
  const azure: AzureSession;
  const gcp: GcpSession;
  const s3: S3Client;
  const ec2: EC2Client;
  const blob: BlobClient;
  const resources: ResourcesClient;
  const storage: StorageClient;
  const compute: ComputeClient;
  const cloud: EmulatedClouds;

  const session: AwsSession;
  const input: { Bucket: string; Key: string };
  const body: string;
  const Body: StreamedBody;
  const bucket: ReturnType<S3Resource["bucket"]>;
  const instance: ReturnType<EC2Resource["instance"]>;
  const error: unknown;
  const headers: Record<string, string>;
  const region: string;
  const signal: AbortSignal;
  const url: string;
  const accessToken: string;
  const clientId: string;
  const clientSecret: string;
  const subscriptionId: string;
  const tenantId: string;
  const zone: string;
  function onProgress(progress: { readonly transferredBytes: number }): void;
}
