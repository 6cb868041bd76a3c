// Time in ms from the import to a started emulator, in this process.
const start = process.hrtime.bigint();
const { Emulator } = await import("trivet/emulator");
await Emulator.start();
console.log(Number(process.hrtime.bigint() - start) / 1e6);
process.exit(0);
