/** Object Lock: a bucket's configuration, and retention and legal hold of versions. */
import type { PutObjectLockConfigurationRequest, S3 } from "../../../gen/aws/s3.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { accessDenied, invalidArgument, invalidRequest, malformedXml } from "./errors.js";
import { type BucketInput, bucketFor, findObject, retainedInThePast } from "./object-version.js";
import type { ObjectLock, ObjectVersion } from "./store.js";

type Configuration = NonNullable<PutObjectLockConfigurationRequest["ObjectLockConfiguration"]>;

export const lockHandlers: Handlers<S3> = {
  putObjectLockConfiguration(input, context) {
    const bucket = bucketFor(input, context);
    if (input.ObjectLockConfiguration === undefined) {
      throw new EmulatorError("MissingRequestBodyError", "Request Body is empty", 400);
    }
    const configuration = checkConfiguration(input.ObjectLockConfiguration);
    if (bucket.versioning !== "Enabled") {
      throw new EmulatorError(
        "InvalidBucketState",
        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
        409,
      );
    }
    bucket.objectLock = true;
    bucket.settings.set("object-lock", configuration);
    return {};
  },
  getObjectLockConfiguration(input, context) {
    const configuration = bucketFor(input, context).settings.get("object-lock") as Configuration | undefined;
    if (configuration !== undefined) return { ObjectLockConfiguration: configuration };
    throw new EmulatorError(
      "ObjectLockConfigurationNotFoundError",
      "Object Lock configuration does not exist for this bucket",
      404,
      { BucketName: input.Bucket },
    );
  },

  putObjectLegalHold(input, context) {
    bucketFor(input, context);
    const status = input.LegalHold?.Status;
    if (status !== "ON" && status !== "OFF") throw malformedXml();
    lockable(input, context).lock.legalHold = status;
    return {};
  },
  getObjectLegalHold(input, context) {
    const { legalHold } = lockable(input, context).lock;
    if (legalHold === undefined) throw noLock();
    return { LegalHold: { Status: legalHold as "ON" } };
  },
  putObjectRetention(input, context) {
    bucketFor(input, context);
    const { Mode, RetainUntilDate } = input.Retention ?? {};
    // Without both a retention is taken away.
    if ((Mode === undefined) !== (RetainUntilDate === undefined)) throw malformedXml();
    if (Mode !== undefined && !MODES.has(Mode)) throw malformedXml();
    if (RetainUntilDate !== undefined && RetainUntilDate.getTime() <= context.clock.now()) {
      throw retainedInThePast(RetainUntilDate);
    }
    const { lock } = lockable(input, context);
    if (isWeaker(lock, Mode, RetainUntilDate, context)) {
      const bypass = lock.mode === "GOVERNANCE" && input.BypassGovernanceRetention === true;
      if (!bypass) throw accessDenied("Access Denied because object protected by object lock.");
    }
    lock.mode = Mode;
    lock.retainUntil = RetainUntilDate;
    return {};
  },
  getObjectRetention(input, context) {
    const { mode, retainUntil } = lockable(input, context).lock;
    if (mode === undefined) throw noLock();
    return { Retention: { Mode: mode as "GOVERNANCE", RetainUntilDate: retainUntil } };
  },
};

const MODES: ReadonlySet<string> = new Set(["GOVERNANCE", "COMPLIANCE"]);

/** A century. */
const PERIOD_MAX = { Days: 36_500, Years: 100 };

function checkConfiguration(configuration: Configuration | undefined): Configuration {
  if (configuration?.ObjectLockEnabled !== "Enabled") throw malformedXml();
  if (configuration.Rule === undefined) return configuration;
  const { Mode = "", Days, Years } = configuration.Rule.DefaultRetention ?? {};
  if (!MODES.has(Mode) || (Days === undefined) === (Years === undefined)) throw malformedXml();
  const period = Days ?? Years ?? 0;
  const unit = Days === undefined ? "Years" : "Days";
  if (period <= 0) {
    throw invalidArgument("Default retention period must be a positive integer value", unit, String(period));
  }
  if (period > PERIOD_MAX[unit]) {
    throw invalidArgument("Default retention period too large.", unit, String(period));
  }
  return configuration;
}

/** A retention that still holds may be made longer; in compliance mode it stays in that mode. */
function isWeaker(
  lock: ObjectLock,
  mode: string | undefined,
  until: Date | undefined,
  context: Context,
): boolean {
  if (lock.retainUntil === undefined || lock.retainUntil.getTime() <= context.clock.now()) return false;
  const shorter = lock.retainUntil.getTime() > (until?.getTime() ?? 0);
  return shorter || (lock.mode === "COMPLIANCE" && mode !== "COMPLIANCE");
}

function lockable(
  input: BucketInput & { readonly Key: string; readonly VersionId?: string },
  context: Context,
): ObjectVersion {
  const bucket = bucketFor(input, context);
  if (!bucket.objectLock) throw invalidRequest("Bucket is missing Object Lock Configuration");
  return findObject(bucket, input, context);
}

function noLock(): EmulatorError {
  return new EmulatorError(
    "NoSuchObjectLockConfiguration",
    "The specified object does not have a ObjectLock configuration",
    404,
  );
}
