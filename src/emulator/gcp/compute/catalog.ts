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
