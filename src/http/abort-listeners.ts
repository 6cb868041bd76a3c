/** Node warns of a leak at the eleventh listener of a signal; a signal of many calls at once has one for each. */

let setMaxListeners: ((count: number, signal: AbortSignal) => void) | undefined;

export function allowListeners(signal: AbortSignal): void {
  if (typeof process === "undefined" || process.getBuiltinModule === undefined) return;
  setMaxListeners ??= process.getBuiltinModule("node:events")?.setMaxListeners;
  setMaxListeners?.(0, signal);
}
