/** Sets of pages as ranges: sorted, apart from each other, the end not in them. */

export interface PageRange {
  readonly start: number;
  readonly end: number;
}

export function withRange(ranges: readonly PageRange[], added: PageRange): PageRange[] {
  let { start, end } = added;
  const apart: PageRange[] = [];
  for (const range of ranges) {
    if (range.end < start || range.start > end) apart.push(range);
    else {
      start = Math.min(start, range.start);
      end = Math.max(end, range.end);
    }
  }
  return [...apart, { start, end }].sort((a, b) => a.start - b.start);
}

export function withoutRange(ranges: readonly PageRange[], { start, end }: PageRange): PageRange[] {
  return ranges.flatMap((range) =>
    [
      { start: range.start, end: Math.min(range.end, start) },
      { start: Math.max(range.start, end), end: range.end },
    ].filter((rest) => rest.start < rest.end),
  );
}

/** What of the ranges lies between both ends. */
export function within(ranges: readonly PageRange[], { start, end }: PageRange): PageRange[] {
  return ranges
    .map((range) => ({ start: Math.max(range.start, start), end: Math.min(range.end, end) }))
    .filter((range) => range.start < range.end);
}
