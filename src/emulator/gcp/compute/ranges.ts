/** Ranges of IPv4 addresses. */

/** Private ones alone: https://cloud.google.com/vpc/docs/subnets#manually_created_subnet_ip_ranges */
export function isRange(range: string): boolean {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(range);
  if (match === null) return false;
  const bits = Number(match[5]);
  if (match.slice(1, 5).some((part) => Number(part) > 255) || bits < 4 || bits > 29) return false;
  return start(range) === numberOf(range.split("/")[0] as string) >>> 0;
}

export function conflicts(a: string, b: string): boolean {
  return start(a) <= end(b) && start(b) <= end(a);
}

export function contains(range: string, address: string): boolean {
  const at = numberOf(address);
  return at >= start(range) && at <= end(range);
}

/** The gateway's. */
export function firstAddress(range: string): string {
  return text(start(range) + 1);
}

/** The first that is free: after the network's and the gateway's. */
export function nextAddress(range: string, taken: ReadonlySet<string>): string {
  for (let at = start(range) + 2; at < end(range) - 1; at++) if (!taken.has(text(at))) return text(at);
  return text(end(range) - 1);
}

function start(range: string): number {
  return numberOf(range.split("/")[0] as string) - (numberOf(range.split("/")[0] as string) % size(range));
}

function end(range: string): number {
  return start(range) + size(range) - 1;
}

function size(range: string): number {
  return 2 ** (32 - Number(range.split("/")[1]));
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function text(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
