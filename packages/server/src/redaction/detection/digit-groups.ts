import { classesAt, GAP, WIDE_GAP } from './character-classes.ts';
import { findOtherFigures } from './other-figures.ts';

/** The digits of a text that may belong together, and how they stand in groups. */
export interface DigitGroups {
  /** One after the other. */
  readonly digits: Uint8Array;
  readonly digitText: string;
  /** Where each digit is in the text. */
  readonly places: Uint32Array;
  /** The first digit of each group, and after the last group the number of digits. */
  readonly firsts: Uint32Array;
  /** By digit: 1 if its group ends with it. */
  readonly isLast: Uint8Array;
  /** By group: 1 if it may go on with the digits of the group before it, whatever stands between. */
  readonly isWide: Uint8Array;
  /** By group: 1 if it is part of a date, a time or an amount. */
  readonly isOther: Uint8Array;
}

const NARROW = { classes: GAP, longest: 2 };
const WIDE = { classes: WIDE_GAP, longest: 12 };

const ZERO = '0'.charCodeAt(0);

/**
 * Leaves out digits of which fewer than `fewest` could belong together, whatever they are part of; null if
 * no others are left.
 */
export function groupDigits(text: string, fewest: number): DigitGroups | null {
  const { runs, count } = findRuns(text, fewest);
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

/** A stretch of the text that begins and ends with digits. */
interface Run {
  readonly start: number;
  readonly end: number;
}

/** Those of at least so many digits between which nothing stands that parts any two, and their digits. */
function findRuns(text: string, fewest: number): { runs: Run[]; count: number } {
  const runs: Run[] = [];
  let [count, start, last, digits] = [0, 0, -1, 0];
  const finish = () => {
    if (digits >= fewest) {
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

/** Whatever stands between digits in any other way is among these. */
const isGap = (text: string, at: number) => (classesAt(text, at) & WIDE.classes) !== 0;

function markOthers(
  text: string,
  { places, firsts }: Pick<DigitGroups, 'places' | 'firsts'>,
  isOther: Uint8Array,
): void {
  let group = 0;
  for (const { start, end } of findOtherFigures(text)) {
    const placeOf = (at: number) => places[firsts[at] ?? 0] ?? 0;
    while (group < isOther.length && placeOf(group) < start) group += 1;
    for (; group < isOther.length && placeOf(group) < end; group += 1) isOther[group] = 1;
  }
}

const isDigit = (unit: number) => unit >= ZERO && unit <= ZERO + 9;

/** Whether only such characters, and at most so many, stand between a group and the one before it. */
export function isJoined(
  text: string,
  { places, firsts }: Pick<DigitGroups, 'places' | 'firsts'>,
  group: number,
  gap: { readonly classes: number; readonly longest: number },
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
