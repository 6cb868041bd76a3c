/** Regions, zones and machine types that the emulator knows: a few of Google's. */

export const REGIONS: Readonly<Record<string, readonly string[]>> = {
  "us-central1": ["a", "b", "c", "f"],
  "us-east1": ["b", "c", "d"],
  "us-west1": ["a", "b", "c"],
  "europe-west1": ["b", "c", "d"],
  "europe-west4": ["a", "b", "c"],
  "asia-east1": ["a", "b", "c"],
};

export const ZONES: readonly string[] = Object.entries(REGIONS).flatMap(([region, letters]) =>
  letters.map((letter) => `${region}-${letter}`),
);

export function regionOf(zone: string): string {
  return zone.slice(0, zone.lastIndexOf("-"));
}

/** Name: virtual CPUs, memory in MiB. */
export const MACHINE_TYPES: Readonly<Record<string, readonly [cpus: number, memoryMb: number]>> = {
  "e2-micro": [2, 1024],
  "e2-small": [2, 2048],
  "e2-medium": [2, 4096],
  "e2-standard-2": [2, 8192],
  "e2-standard-4": [4, 16_384],
  "n1-standard-1": [1, 3840],
  "n1-standard-2": [2, 7680],
  "n2-standard-2": [2, 8192],
  "n2-standard-4": [4, 16_384],
  "n2-standard-8": [8, 32_768],
};

/** Name: default size in GB. */
export const DISK_TYPES: Readonly<Record<string, number>> = {
  "hyperdisk-balanced": 100,
  "pd-balanced": 100,
  "pd-extreme": 1000,
  "pd-ssd": 100,
  "pd-standard": 500,
};

/** The first addresses of a network that makes its own subnetworks. https://cloud.google.com/vpc/docs/subnets#ip-ranges */
export const AUTO_RANGES: Readonly<Record<string, string>> = {
  "us-central1": "10.128.0.0/20",
  "us-east1": "10.142.0.0/20",
  "us-west1": "10.138.0.0/20",
  "europe-west1": "10.132.0.0/20",
  "europe-west4": "10.164.0.0/20",
  "asia-east1": "10.140.0.0/20",
};

/** Projects with public images: name, family, size in GB. */
export const PUBLIC_IMAGES: Readonly<
  Record<string, readonly (readonly [name: string, family: string, sizeGb: number])[]>
> = {
  "cos-cloud": [["cos-stable-121-18867-90-4", "cos-stable", 10]],
  "debian-cloud": [
    ["debian-11-bullseye-v20250610", "debian-11", 10],
    ["debian-12-bookworm-v20250610", "debian-12", 10],
  ],
  "rocky-linux-cloud": [["rocky-linux-9-v20250611", "rocky-linux-9", 20]],
  "ubuntu-os-cloud": [
    ["ubuntu-2204-jammy-v20250610", "ubuntu-2204-lts", 10],
    ["ubuntu-2404-noble-amd64-v20250610", "ubuntu-2404-lts-amd64", 10],
  ],
};
