// CPU time a call, warm: `node cpu.mjs <client> <call> <endpoint> <calls> <at a time> [key]`. Prints microseconds of user and system time.
import { clients } from "./clients.mjs";

const [client, call, endpoint, calls, width, key] = process.argv.slice(2);
const run = await clients[client][call](endpoint, key);
await many(Number(calls));
const before = process.cpuUsage();
await many(Number(calls));
const { user, system } = process.cpuUsage(before);
console.log((user + system) / Number(calls));
process.exit(0);

async function many(count) {
  let left = count;
  await Promise.all(
    Array.from({ length: Number(width) }, async () => {
      while (left-- > 0) await run();
    }),
  );
}
