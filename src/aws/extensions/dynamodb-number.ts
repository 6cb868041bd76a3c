/** DynamoDB's numbers: decimals of up to 38 digits, which a double does not always hold. */
import { invalidInput } from "../../internal/cloud-error.js";

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-data-types-number */
const MAX_DIGITS = 38;
const MIN_EXPONENT = -130;
const MAX_EXPONENT = 125;

/** A decimal as text, for numbers that neither `number` nor `bigint` holds exactly. Immutable. */
export class NumberValue {
  /** As it was given or stored: `0.1234567890123456789`, `1.50`. */
  readonly value: string;

  /** @throws CloudError `invalidInput` where DynamoDB could not store it exactly. */
  constructor(value: string | number | bigint) {
    this.value = String(value);
    checkDecimal(this.value);
  }

  /** The same number, however it is written. */
  equals(other: NumberValue | string | number | bigint): boolean {
    const text = other instanceof NumberValue ? other.value : String(other);
    return canonicalNumber(text) === canonicalNumber(this.value);
  }

  /** The nearest double: digits may be lost. */
  toNumber(): number {
    return Number(this.value);
  }

  toString(): string {
    return this.value;
  }

  /** As text: a JSON number would lose what this class keeps. */
  toJSON(): string {
    return this.value;
  }
}

/** A number that came out of DynamoDB. */
export type NativeNumber = number | bigint | NumberValue;

interface Decimal {
  readonly negative: boolean;
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  /** Of the first digit. */
  readonly exponent: number;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

function parse(text: string): Decimal | undefined {
  const [matched, sign, whole = "", fraction = "", power = "0"] = DECIMAL.exec(text) ?? [];
  if (matched === undefined || whole.length + fraction.length === 0) return undefined;
  const all = whole + fraction;
  const leading = /^0*/.exec(all)?.[0].length ?? 0;
  const digits = all.slice(leading).replace(/0+$/, "");
  if (digits === "") return { negative: false, digits, exponent: 0 };
  return { negative: sign === "-", digits, exponent: whole.length - leading - 1 + Number(power) };
}

/** One text for each number, whichever way it is written. */
export function canonicalNumber(text: string): string {
  const decimal = parse(text);
  if (decimal === undefined) return text;
  return `${decimal.negative ? "-" : ""}${decimal.digits || "0"}e${decimal.exponent}`;
}

function checkDecimal(text: string): void {
  const decimal = parse(text);
  if (decimal === undefined) throw invalidInput(`Cannot marshall number ${text}: it is not a decimal`);
  if (decimal.digits.length > MAX_DIGITS) {
    throw invalidInput(`Cannot marshall number ${text}: it has more than ${MAX_DIGITS} significant digits`);
  }
  if (decimal.exponent < MIN_EXPONENT || decimal.exponent > MAX_EXPONENT) {
    throw invalidInput(
      `Cannot marshall number ${text}: its exponent is beyond ${MIN_EXPONENT} to ${MAX_EXPONENT}`,
    );
  }
}

/** The wire form. */
export function numberText(value: NativeNumber): string {
  if (value instanceof NumberValue) return value.value;
  // -0 is a double of its own and the same number.
  const text = String(value);
  if (!Number.isSafeInteger(value)) checkDecimal(text);
  return text;
}

/**
 * A `number` where that is the same number; whole numbers beyond ±(2^53 - 1) are a `bigint`, all of them, so that a column of
 * ids has one type; what is left is a `NumberValue`.
 */
export function numberOf(text: string): NativeNumber {
  const value = Number(text);
  // The common case: text that JavaScript writes the same way.
  if (Number.isSafeInteger(value) && String(value) === text) return value;
  const decimal = parse(text);
  if (decimal === undefined) return new NumberValue(text);
  const { negative, digits, exponent } = decimal;
  const whole = digits.length <= exponent + 1;
  if (whole && !Number.isSafeInteger(value)) {
    return BigInt(`${negative ? "-" : ""}${digits.padEnd(exponent + 1, "0")}`);
  }
  return canonicalNumber(String(value)) === canonicalNumber(text) ? value + 0 : new NumberValue(text);
}
