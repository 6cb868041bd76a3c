/** Differences from moto that are meant to be, each with who is right. */
import type { Known } from "./differential-compare.js";

export const KNOWN: readonly Known[] = [];
