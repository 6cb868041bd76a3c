/** Which of AWS's 64-bit integers can be more than a `number` holds exactly, docs/decisions/0005. */
import type { ShapeTraits } from "../../src/model/ir.js";

/** Units and words of counting, measuring and dating: none of them reaches 2^53, which is 9 petabytes or 285,000 years in ms. */
const MEASURES =
  /size|bytes|length|capacity|units|bits|([kmgt]i?b)$|gibs?$|count|numberof|^num[A-Z]|number$|total|records|items|rows|files|objects|entries|events|quantity|limit|version|days|hours|minutes|seconds|sec$|milli|ms$|nanos|duration|elapsed|interval|time|date|timestamp|stamp$|epoch|created|updated|modified|expir|ttl|age$|offset|position|index|priority|percent|progress|rate|max|min(?!us)|asn$|asnlong$|asnextended$|cpus?$|memory|iops|ed(at|on)$/i;

/** The least and greatest of what users store. */
const VALUES = /^(max|min)imumvalue$/i;

/** True: the type is `number`. Else it is `number | bigint`, and the decoder gives a bigint where it must. */
export function fitsNumber(member: string, shapeName: string, shape: ShapeTraits): boolean {
  const { max } = shape;
  if (max !== undefined && max <= Number.MAX_SAFE_INTEGER) return true;
  return !VALUES.test(member) && (MEASURES.test(member) || MEASURES.test(shapeName));
}
