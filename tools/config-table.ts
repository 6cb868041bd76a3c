/** The table of `docs/config.md`: every AWS setting, as `src/aws/config/keys.ts` has it. */
import { KEYS, type Key } from "../src/aws/config/keys.js";

/** Settings that code gives under another name, or not at all. */
const IN_CODE: Readonly<Record<string, string>> = { endpointUrl: "`endpoint`", services: "" };

/** What holds where neither the table nor a user says anything. */
const UNSET: Readonly<Record<string, string>> = {
  caBundle: "Node's",
  useDualstackEndpoint: "`false`",
  useFipsEndpoint: "`false`",
  endpointUrl: "the service's own",
  retryMode: "`standard`",
  maxAttempts: "the [mode's](retries.md)",
  ec2MetadataServiceEndpointMode: "`IPv4`",
  s3UseAccelerateEndpoint: "`false`",
  s3UseDualstackEndpoint: "as `useDualstackEndpoint`",
  s3PayloadSigningEnabled: "see below",
  s3UseArnRegion: "`true`; of S3 Control `false`",
  s3UsEast1RegionalEndpoint: "`legacy`; with a `defaultsMode` `regional`",
  s3DisableMultiregionAccessPoints: "`false`",
  s3DisableExpressSessionAuth: "`false`",
};

export function configTable(): string {
  const rows = Object.entries(KEYS as Readonly<Record<string, Key<unknown>>>).map(([name, key]) =>
    row([
      IN_CODE[name] ?? `\`${name}\``,
      key.file.map(quoted).join(", "),
      key.env.map(quoted).join(", "),
      valuesOf(key),
      key.fallback === undefined ? (UNSET[name] ?? "") : quoted(String(key.fallback)),
    ]),
  );
  const head = [
    row(["in code", "in the profile", "environment", "values", "default"]),
    row(Array(5).fill("---")),
  ];
  return `${[...head, ...rows].join("\n")}\n`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function quoted(text: string): string {
  return `\`${text}\``;
}

/** What a setting takes, in the words with which it refuses everything else. */
function valuesOf({ convert }: Key<unknown>): string {
  try {
    return Array.isArray(convert("\0", "setting")) ? "list, by commas" : "text";
  } catch (error) {
    return (error as Error).message.replace(/^.*it must be /, "");
  }
}
