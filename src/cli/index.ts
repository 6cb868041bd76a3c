#!/usr/bin/env node
/** The command `trivet`: `trivet emulator`, which is also what it does without a name. */
import { main } from "./emulator.js";

const [command, ...rest] = process.argv.slice(2);
await main(command === undefined || command === "emulator" ? rest : [command, ...rest]);
