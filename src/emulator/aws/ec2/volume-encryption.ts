/** Handlers of how an account's new volumes are encrypted. See https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Context, Handlers } from "../../service.js";
import { dryRun } from "./errors.js";
import { AWS_EBS_KEY, regionOf } from "./store.js";

interface Input {
  readonly DryRun?: boolean;
}

export const volumeEncryptionHandlers: Handlers<EC2> = {
  getEbsEncryptionByDefault(input, context) {
    const { byDefault } = settingsOf(input, context);
    return { EbsEncryptionByDefault: byDefault, SseType: byDefault ? "sse-kms" : "none" };
  },

  enableEbsEncryptionByDefault(input, context) {
    settingsOf(input, context).byDefault = true;
    return { EbsEncryptionByDefault: true };
  },

  disableEbsEncryptionByDefault(input, context) {
    settingsOf(input, context).byDefault = false;
    return { EbsEncryptionByDefault: false };
  },

  getEbsDefaultKmsKeyId: (input, context) => ({ KmsKeyId: settingsOf(input, context).kmsKeyId }),

  modifyEbsDefaultKmsKeyId(input, context) {
    const region = regionOf(context);
    const isName = !input.KmsKeyId.startsWith("arn:") && !input.KmsKeyId.startsWith("alias/");
    const KmsKeyId = isName
      ? `arn:aws:kms:${region.name}:${region.account}:key/${input.KmsKeyId}`
      : input.KmsKeyId;
    settingsOf(input, context).kmsKeyId = KmsKeyId;
    return { KmsKeyId };
  },

  resetEbsDefaultKmsKeyId(input, context) {
    settingsOf(input, context).kmsKeyId = AWS_EBS_KEY;
    return { KmsKeyId: AWS_EBS_KEY };
  },
};

function settingsOf({ DryRun }: Input, context: Context) {
  if (DryRun) throw dryRun();
  return regionOf(context).ebsEncryption;
}
