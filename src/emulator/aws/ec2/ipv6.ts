/** IPv6 ranges and addresses, as numbers and as the text that RFC 5952 asks for. */
import { invalidParameter } from "./errors.js";

export interface Ipv6Range {
  readonly start: bigint;
  readonly bits: number;
}

const GROUPS = 8;
const GROUP = /^[0-9a-fA-F]{1,4}$/;

/** Undefined for what is no address. */
export function parseIpv6(text: string): bigint | undefined {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const groupsOf = (part: string) => (part === "" ? [] : part.split(":"));
  const [first, last] = [groupsOf(head), tail === undefined ? [] : groupsOf(tail)];
  const missing = GROUPS - first.length - last.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...first, ...Array<string>(Math.max(missing, 0)).fill("0"), ...last];
  if (!groups.every((group) => GROUP.test(group))) return undefined;
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** The longest run of zeros stands as `::`. */
export function formatIpv6(address: bigint): string {
  const groups = Array.from({ length: GROUPS }, (_, index) =>
    ((address >> BigInt(16 * (GROUPS - 1 - index))) & 0xffffn).toString(16),
  );
  const runs = [...groups.join(":").matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map(([run]) => run);
  const longest = runs.sort((a, b) => b.length - a.length)[0];
  if (longest === undefined) return groups.join(":");
  const [before = "", after = ""] = splitOnce(groups.join(":"), longest);
  return `${before}::${after.replace(/^:/, "")}`;
}

function splitOnce(text: string, part: string): [string, string] {
  const at = text.indexOf(part);
  return [text.slice(0, at), text.slice(at + part.length)];
}

export function parseIpv6Range(cidr: string, bitsMin: number, bitsMax: number): Ipv6Range {
  const [address = "", bits = ""] = cidr.split("/");
  const start = parseIpv6(address);
  const length = Number(bits);
  if (start === undefined || !/^\d{1,3}$/.test(bits) || length < bitsMin || length > bitsMax) {
    throw invalidParameter(`invalid value for parameter Ipv6CidrBlock: ${cidr}`);
  }
  return { start, bits: length };
}

export function ipv6Contains(outer: Ipv6Range, inner: Ipv6Range): boolean {
  const shift = BigInt(128 - outer.bits);
  return outer.bits <= inner.bits && outer.start >> shift === inner.start >> shift;
}

/** A range of Amazon's pool for a VPC. */
export function amazonIpv6Range(): string {
  const random = BigInt(`0x${Buffer.from(crypto.getRandomValues(new Uint8Array(4))).toString("hex")}`);
  return `${formatIpv6((0x2600_1f00n << 96n) | (random << 72n))}/56`;
}
