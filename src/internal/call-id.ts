/**
 * A UUID (version 4) that tells the calls of a log apart. Nothing rests on its being secret, so it is not made by `crypto`,
 * which takes a cold start milliseconds to load.
 */
export function callId(): string {
  const hex = (digits: number) =>
    Math.floor(Math.random() * 16 ** digits)
      .toString(16)
      .padStart(digits, "0");
  const variant = "89ab"[Math.floor(Math.random() * 4)];
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
}
