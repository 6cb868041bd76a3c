/** A cloud in this process to develop and test against: `trivet/emulator`. */
export { Clock } from "./clock.js";
export { Emulator, type EmulatorOptions, type ListenOptions } from "./emulator.js";
export { type Fault, Faults } from "./faults.js";
export { serviceAccountKeyFile } from "./gcp/session.js";
export type { Listening } from "./server.js";
