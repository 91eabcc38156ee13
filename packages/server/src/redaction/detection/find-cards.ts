import issuersOf from 'credit-card-type';
import type { DigitGroups } from './digit-groups.ts';
import type { FoundCategory, Work } from './found.ts';

/** Whole groups of digits with an issuer's prefix, one of its lengths and a valid check digit. */
export function findCards({ isWide, ...groups }: DigitGroups, work: Work) {
  const { firsts, places, isLast } = groups;
  const isValid = luhnOf(groups.digits);
  const found: { start: number; end: number; category: FoundCategory }[] = [];
  for (let group = 0, runEnd = 0; group < firsts.length - 1; group += 1) {
    const first = firsts[group] ?? 0;
    if (first >= runEnd) {
      let next = group + 1;
      while (isWide[next] === 1) next += 1;
      runEnd = firsts[next] ?? 0;
    }
    work.steps += 1;
    if (runEnd - first < MIN_LENGTH) continue;
    const lengths = lengthsAt(groups.digits, first);
    for (let length = MAX_LENGTH; length >= MIN_LENGTH && lengths !== 0; length -= 1) {
      const last = first + length - 1;
      if ((lengths & (1 << length)) === 0 || last >= runEnd || isLast[last] !== 1) continue;
      work.steps += 1;
      if (!isValid(first, last)) continue;
      // A match by chance must not hide a card that begins inside it.
      const [start, end] = [places[first] ?? 0, (places[last] ?? 0) + 1];
      const before = found.at(-1);
      if (before && start < before.end) before.end = Math.max(before.end, end);
      else found.push({ start, end, category: 'CARD' });
      break;
    }
  }
  return found;
}

const MIN_LENGTH = 13;
const MAX_LENGTH = 19;

// The first digits determine the length (ISO/IEC 7812-1).
const ISSUERS = Object.values(issuersOf.types).flatMap((name) => {
  const { patterns, lengths } = issuersOf.getTypeInfo(name);
  return patterns.map((pattern) => {
    const [lowest = 0, highest = lowest] = Array.isArray(pattern) ? pattern : [pattern];
    const inRange = lengths.filter((length) => length >= MIN_LENGTH && length <= MAX_LENGTH);
    const mask = inRange.reduce((bits, length) => bits | (1 << length), 0);
    return { digits: String(lowest).length, lowest, highest, mask };
  });
});
const MAX_PREFIX = Math.max(...ISSUERS.map(({ digits }) => digits));
const TENS = Array.from({ length: MAX_PREFIX + 1 }, (_, digits) => 10 ** digits);
const BY_HEAD = 3;

const ISSUERS_BY_HEAD = Array.from({ length: 10 ** BY_HEAD }, (_, head) =>
  ISSUERS.filter(({ digits, lowest, highest }) =>
    digits >= BY_HEAD
      ? Math.floor(lowest / 10 ** (digits - BY_HEAD)) <= head &&
        head <= Math.floor(highest / 10 ** (digits - BY_HEAD))
      : lowest <= Math.floor(head / 10 ** (BY_HEAD - digits)) &&
        Math.floor(head / 10 ** (BY_HEAD - digits)) <= highest,
  ),
);

/** Sets a bit for each possible length of a card that begins here. */
function lengthsAt(digits: Uint8Array, first: number): number {
  let prefix = 0;
  for (let at = 0; at < MAX_PREFIX; at += 1) prefix = prefix * 10 + (digits[first + at] ?? 0);
  const tens = (count: number) => TENS[count] ?? 1;
  const head = Math.floor(prefix / tens(MAX_PREFIX - BY_HEAD));
  let lengths = 0;
  for (const issuer of ISSUERS_BY_HEAD[head] ?? []) {
    const own = Math.floor(prefix / tens(MAX_PREFIX - issuer.digits));
    if (issuer.lowest <= own && own <= issuer.highest) lengths |= issuer.mask;
  }
  return lengths;
}

/** Luhn checks (ISO/IEC 7812-1) in constant time. */
function luhnOf(digits: Uint8Array): (first: number, last: number) => boolean {
  // Prefix sums, with digits doubled at even positions and at odd positions.
  const evenDoubled = new Uint32Array(digits.length + 1);
  const oddDoubled = new Uint32Array(digits.length + 1);
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits[at] ?? 0;
    const doubled = digit > 4 ? digit * 2 - 9 : digit * 2;
    const isEven = at % 2 === 0;
    evenDoubled[at + 1] = (evenDoubled[at] ?? 0) + (isEven ? doubled : digit);
    oddDoubled[at + 1] = (oddDoubled[at] ?? 0) + (isEven ? digit : doubled);
  }
  return (first, last) => {
    const sums = last % 2 === 0 ? oddDoubled : evenDoubled;
    return ((sums[last + 1] ?? 0) - (sums[first] ?? 0)) % 10 === 0;
  };
}
