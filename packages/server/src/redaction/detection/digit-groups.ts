import { classesAt, GAP, WIDE_GAP } from './character-classes.ts';
import { findOtherFigures } from './other-figures.ts';

export interface DigitGroups {
  readonly digits: Uint8Array;
  readonly digitText: string;
  readonly places: Uint32Array;
  /** The first digit of each group, then the number of digits. */
  readonly firsts: Uint32Array;
  /** By digit: 1 at the end of a group. */
  readonly isLast: Uint8Array;
  /** By group: 1 if it may continue the previous one. */
  readonly isWide: Uint8Array;
  /** By group: 1 if it is part of a date, a time or an amount. */
  readonly isOther: Uint8Array;
}

const NARROW = { classes: GAP, longest: 2 };
const WIDE = { classes: WIDE_GAP, longest: 12 };

const ZERO = '0'.charCodeAt(0);

/** Omits digits if fewer than `minDigits` could belong together; null if none remain. */
export function groupDigits(text: string, minDigits: number): DigitGroups | null {
  const { runs, count } = findRuns(text, minDigits);
  if (count === 0) return null;
  const digits = new Uint8Array(count);
  const characters = Buffer.allocUnsafe(count);
  const places = new Uint32Array(count);
  const isLast = new Uint8Array(count);
  const firsts = new Uint32Array(count + 1);
  let groups = 0;
  let next = 0;
  let before = -2;
  for (const { start, end } of runs) {
    for (let at = start; at < end; at += 1) {
      const unit = text.charCodeAt(at);
      if (!isDigit(unit)) continue;
      if (before !== at - 1) {
        if (next > 0) isLast[next - 1] = 1;
        firsts[groups] = next;
        groups += 1;
      }
      digits[next] = unit - ZERO;
      characters[next] = unit;
      places[next] = at;
      before = at;
      next += 1;
    }
  }
  isLast[count - 1] = 1;
  firsts[groups] = count;
  const digitText = characters.toString('latin1');
  const isOther = new Uint8Array(groups);
  const isWide = new Uint8Array(groups + 1);
  const found = { digits, digitText, places, firsts: firsts.subarray(0, groups + 1), isLast };
  markOthers(text, found, isOther);
  for (let group = 1; group < groups; group += 1) {
    const isSame = isOther[group] === 0 && isOther[group - 1] === 0;
    const isWider = isSame && isJoined(text, found, group, WIDE);
    if (isWider || isJoined(text, found, group, NARROW)) isWide[group] = 1;
  }
  return { ...found, isWide, isOther };
}

/** Runs of at least `minDigits` digits without a separator that splits them; `count` is their digits. */
function findRuns(text: string, minDigits: number) {
  const runs: { readonly start: number; readonly end: number }[] = [];
  let [count, start, last, digits] = [0, 0, -1, 0];
  const finish = () => {
    if (digits >= minDigits) {
      runs.push({ start, end: last + 1 });
      count += digits;
    }
    digits = 0;
  };
  for (let at = 0; at < text.length; at += 1) {
    if (isDigit(text.charCodeAt(at))) {
      if (digits === 0) start = at;
      digits += 1;
      last = at;
    } else if (digits > 0 && (at - last > WIDE.longest || !isGap(text, at))) finish();
  }
  finish();
  return { runs, count };
}

/** WIDE includes every other separator. */
const isGap = (text: string, at: number) => (classesAt(text, at) & WIDE.classes) !== 0;

type Places = Pick<DigitGroups, 'places' | 'firsts'>;

function markOthers(text: string, { places, firsts }: Places, isOther: Uint8Array): void {
  let group = 0;
  for (const { start, end } of findOtherFigures(text)) {
    const placeOf = (at: number) => places[firsts[at] ?? 0] ?? 0;
    while (group < isOther.length && placeOf(group) < start) group += 1;
    for (; group < isOther.length && placeOf(group) < end; group += 1) isOther[group] = 1;
  }
}

const isDigit = (unit: number) => unit >= ZERO && unit <= ZERO + 9;

/** Only `gap` separates a group from the previous one. */
export function isJoined(
  text: string,
  { places, firsts }: Places,
  group: number,
  gap: typeof NARROW,
): boolean {
  const first = firsts[group] ?? 0;
  const from = (places[first - 1] ?? 0) + 1;
  const to = places[first] ?? 0;
  if (first === 0 || to - from > gap.longest) return false;
  for (let at = from; at < to; at += 1) {
    if ((classesAt(text, at) & gap.classes) === 0) return false;
  }
  return true;
}
