/**
 * `npm run emulator -- --port 4566`: the emulator as a server, until it is stopped. Prints the environment variables that
 * point each vendor's tools at it.
 */
import { Emulator } from "../emulator/emulator.js";

const USAGE = `Usage: emulator [--port 4566] [--host 127.0.0.1] [--no-verify] [--authorize] [--memory-limit-bytes N]
  [--blob-versioning]`;

export async function main(args: readonly string[]): Promise<void> {
  const { parseArgs } = await import("node:util");
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: "4566" },
      host: { type: "string", default: "127.0.0.1" },
      "no-verify": { type: "boolean", default: false },
      authorize: { type: "boolean", default: false },
      "memory-limit-bytes": { type: "string" },
      "blob-versioning": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const memoryLimit = values["memory-limit-bytes"];
  const emulator = await Emulator.start({
    verify: !values["no-verify"],
    authorize: values.authorize,
    blobVersioning: values["blob-versioning"],
    ...(memoryLimit !== undefined && { memoryLimitBytes: Number(memoryLimit) }),
  });
  const { url, env } = await emulator.listen({ port: Number(values.port), host: values.host });
  console.log(`# trivet's emulator listens on ${url}`);
  for (const [name, value] of Object.entries(env)) console.log(`export ${name}=${quote(value)}`);
  const stop = () => void emulator.close();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

/** For a POSIX shell. */
function quote(value: string): string {
  return /^[\w@%+=:,./-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
