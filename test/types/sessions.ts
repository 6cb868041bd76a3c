// Clients by class and by name, from the sessions of the three clouds.
import { Session as Aws } from "trivet/aws";
import { S3 } from "trivet/aws/s3";
import { Session as Azure } from "trivet/azure";
import { Blob } from "trivet/azure/blob";
import { Session as Gcp } from "trivet/gcp";
import { Storage } from "trivet/gcp/storage";

const aws = new Aws({ profile: "staging", region: "eu-west-1" });

export function byClass(): void {
  const s3: S3 = aws.client(S3);
  const blob: Blob = new Azure().client(Blob, { account: "mystorage" });
  const storage: Storage = new Gcp({ project: "p" }).client(Storage);
  // @ts-expect-error No such option.
  aws.client(S3, { regoin: "eu-west-1" });
  void [s3, blob, storage];
}

/** A name is typed once its module is imported anywhere, as above. */
export async function byName(): Promise<void> {
  const s3 = aws.client("s3");
  const { Buckets } = await s3.listBuckets();
  const name: string | undefined = Buckets?.[0]?.Name;
  // @ts-expect-error Not imported anywhere here: a client without members.
  aws.client("quicksight").listUsers;
  void name;
}
