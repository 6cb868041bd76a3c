/** How a transfer is cut into parts. */
import { invalidInput } from "../../internal/cloud-error.js";

export interface Part {
  /** From 1. */
  readonly number: number;
  readonly offset: number;
  readonly length: number;
}

export interface PartLimits {
  readonly partsMax: number;
  readonly partBytesMin: number;
  readonly partBytesMax: number;
}

/** The part size nearest to the wanted one that the limits allow for so many bytes. Without a size: as many parts as may come. */
export function fittingPartBytes(wanted: number, size: number | undefined, limits: PartLimits): number {
  if (!Number.isSafeInteger(wanted) || wanted <= 0) {
    throw invalidInput(`partBytes must be a whole number above 0, is ${wanted}`);
  }
  let partBytes = wanted;
  while (size !== undefined && Math.ceil(size / partBytes) > limits.partsMax) partBytes *= 2;
  return Math.min(Math.max(partBytes, limits.partBytesMin), limits.partBytesMax);
}

export function* planParts(size: number, partBytes: number): Generator<Part> {
  for (let offset = 0, number = 1; offset < size; offset += partBytes, number++) {
    yield { number, offset, length: Math.min(partBytes, size - offset) };
  }
}
