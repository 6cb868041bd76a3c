/** Which private addresses of a subnet are free. See https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
import { clientError, invalidParameter } from "./errors.js";
import { stateName } from "./instance-state.js";
import type { Subnet } from "./network-resources.js";
import type { Ec2Region } from "./store.js";

/** The first four addresses and the last are AWS's own. */
const RESERVED_FIRST = 4;
const RESERVED = 5;

/** Made anew for each request: what it gives out is taken once a record has it. */
export class SubnetAddresses {
  readonly subnet: Subnet;
  readonly #taken: Set<string>;
  readonly #start: number;
  readonly #size: number;
  /** Before it nothing is free. */
  #cursor = RESERVED_FIRST;

  constructor(region: Ec2Region, subnet: Subnet) {
    this.subnet = subnet;
    this.#taken = takenIn(region, subnet.id);
    const [base = "", bits = "32"] = subnet.cidr.split("/");
    this.#start = numberOf(base);
    this.#size = 2 ** (32 - Number(bits));
  }

  get free(): number {
    return this.#size - RESERVED - this.#taken.size;
  }

  /** The lowest that is free. */
  next(): string {
    for (; this.#cursor < this.#size - 1; this.#cursor++) {
      const address = textOf(this.#start + this.#cursor);
      if (this.#taken.has(address)) continue;
      this.#taken.add(address);
      return address;
    }
    throw this.#exhausted();
  }

  /** Before anything is made of a request. */
  demand(count: number): void {
    if (count > this.free) throw this.#exhausted();
  }

  #exhausted() {
    return clientError(
      "InsufficientFreeAddressesInSubnet",
      `There are not enough free addresses in subnet '${this.subnet.id}' to satisfy the requested number of instances.`,
    );
  }

  /** This one, if it is free. */
  claim(address: string): string {
    const place = numberOf(address) - this.#start;
    if (!(place >= 0 && place < this.#size)) {
      throw invalidParameter("Address does not fall within the subnet's address range");
    }
    if (place < RESERVED_FIRST || place === this.#size - 1) {
      throw invalidParameter("Address is in subnet's reserved address range");
    }
    if (this.#taken.has(address))
      throw clientError("InvalidIPAddress.InUse", `Address ${address} is in use.`);
    this.#taken.add(address);
    return address;
  }
}

function takenIn(region: Ec2Region, subnetId: string): Set<string> {
  const now = region.clock.now();
  const taken = new Set<string>();
  for (const instance of region.instances.values()) {
    if (instance.subnetId === subnetId && stateName(instance, now) !== "terminated")
      taken.add(instance.privateIp);
  }
  for (const each of region.networkInterfaces.values()) {
    if (each.subnetId !== subnetId) continue;
    for (const address of [each.privateIp, ...each.secondaryIps]) taken.add(address);
  }
  return taken;
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
