// One call in a fresh process: `node cold.mjs <client> <call> <endpoint> [key]`. The parent measures the whole process.
import { clients } from "./clients.mjs";

const [client, call, endpoint, key] = process.argv.slice(2);
const run = await clients[client][call](endpoint, key);
await run();
process.exit(0);
