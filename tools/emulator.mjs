// `npm run emulator -- --port 4566`
import { main } from "../dist/cli-emulator.js";

await main(process.argv.slice(2));
