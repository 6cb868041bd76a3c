/** ../shared/vectors/azure/sas.json: options in, the query that the official SDK makes out; then verified. */
import {
  type AccountSasOptions,
  type BlobSasOptions,
  signAccountSas,
  signServiceSas,
  signUserDelegationSas,
  type UserDelegationKey,
} from "../../src/auth/azure-sas.js";
import { verifySas } from "../../src/auth/azure-sas-verify.js";
import { type Case, equal, json, runSuite } from "./case.js";

const FILE = "../shared/vectors/azure/sas.json";

interface File {
  readonly account: string;
  readonly accountKey: string;
  readonly cases: readonly {
    readonly name: string;
    readonly kind: "account" | "service" | "userDelegation";
    readonly options: Readonly<Record<string, unknown>>;
    readonly query: string;
  }[];
}

export const suite = "azure/sas";

export function run() {
  return runSuite({ suite, cases });
}

export function cases(): Case[] {
  const file = json(FILE) as File;
  return file.cases.map((each) => ({ name: each.name, run: () => check(file, each) }));
}

function check({ account, accountKey }: File, { kind, options, query }: File["cases"][number]): void {
  const withDates = { account, ...(datesOf(options) as object) } as unknown as BlobSasOptions &
    AccountSasOptions;
  const userDelegationKey = datesOf(options.userDelegationKey) as UserDelegationKey;
  if (kind === "account") equal(signAccountSas({ ...withDates, accountKey }), query);
  else if (kind === "service") equal(signServiceSas({ ...withDates, accountKey }), query);
  else equal(signUserDelegationSas({ ...withDates, userDelegationKey }), query);

  const { snapshotTime, versionId } = withDates;
  const at = snapshotTime ? `snapshot=${snapshotTime}&` : versionId ? `versionid=${versionId}&` : "";
  const start = withDates.startsOn ?? userDelegationKey?.signedStartsOn ?? new Date("2026-11-24T00:00:00Z");
  // Two of the suite's delegation keys end before their signatures do.
  const now =
    kind === "userDelegation"
      ? new Date(Math.max(Number(start), Number(userDelegationKey.signedStartsOn)))
      : start;
  const result = verifySas(
    {
      account,
      container: withDates.containerName,
      blob: withDates.blobName,
      query: at + query,
      headers: {},
      protocol: "https",
    },
    {
      keysOf: () => [accountKey],
      delegationKeyOf: () => accountKey,
      policyOf: () => ({ permissions: "r", expiresOn: new Date("2026-12-01T00:00:00Z") }),
      now,
    },
  );
  const expired = kind === "userDelegation" && Number(now) >= Number(userDelegationKey.signedExpiresOn);
  equal(result.ok ? result.kind : result.problem, expired ? "expired" : kind);
}

/** ISO texts of the file as dates. */
function datesOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, /On$/.test(name) ? new Date(each as string) : each]),
  );
}
