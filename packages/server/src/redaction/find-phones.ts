import { PHONE_GAP } from './character-classes.ts';
import { type DigitGroups, isJoined } from './digit-groups.ts';
import type { FoundCategory, Stretch, Work } from './found.ts';
import { type NumberPlan, planAt } from './phone-plans.ts';

const BETWEEN_GROUPS = { classes: PHONE_GAP, longest: 3 };
const MIN_DIGITS = 7;
const MAX_DIGITS = 15;
/** What may stand before a number and is masked with it. */
const BEFORE = '+(';
const MAX_BEFORE = 3;

/**
 * A text may try so many numbers by their whole pattern, which is the slowest step. In one that has
 * more, country code and length decide: it masks too much rather than taking its time.
 */
const FREE_TRIES = 32;
const CHARACTERS_FOR_A_TRY = 8;

/** Whole groups of digits that are a number with its country code; the longest from each group on. */
export function findPhones(
  text: string,
  groups: DigitGroups,
  work: Work,
): Stretch<FoundCategory>[] {
  const { firsts, places } = groups;
  const found: Stretch<FoundCategory>[] = [];
  const budget = { tries: FREE_TRIES + Math.floor(text.length / CHARACTERS_FOR_A_TRY) };
  let done = 0;
  for (let group = 0, runEnd = 0; group < firsts.length - 1; group += 1) {
    const first = firsts[group] ?? 0;
    if (first >= runEnd) {
      let next = group + 1;
      while (next < firsts.length - 1 && isJoined(text, groups, next, BETWEEN_GROUPS)) next += 1;
      runEnd = firsts[next] ?? 0;
    }
    work.steps += 1;
    if (first < done || runEnd - first < MIN_DIGITS) continue;
    const last = lastOfNumber(groups, first, runEnd, budget, work);
    if (last < 0) continue;
    found.push({
      start: startBefore(text, places[first] ?? 0, places[first - 1] ?? -1),
      end: (places[last] ?? 0) + 1,
      category: 'PHONE',
    });
    done = last + 1;
  }
  return found;
}

/** The last digit of the longest number that begins with a group; -1: there is none. */
function lastOfNumber(
  { digits, digitText, isLast }: DigitGroups,
  first: number,
  runEnd: number,
  budget: { tries: number },
  work: Work,
): number {
  // 00 stands for the +.
  const start = digits[first] === 0 && digits[first + 1] === 0 ? first + 2 : first;
  const found = planAt(digits, start);
  if (!found) return -1;
  const { plan, codeLength } = found;
  const national = start + codeLength;
  const longest = Math.min(start + MAX_DIGITS, runEnd) - 1;
  for (let last = longest; last >= start + MIN_DIGITS - 1; last -= 1) {
    if (isLast[last] !== 1 || !mayHaveLength(plan, digits[national], last + 1 - national)) continue;
    work.steps += 1;
    budget.tries -= 1;
    if (budget.tries < 0 || plan.isValid(digitText.slice(national, last + 1))) return last;
  }
  return -1;
}

function mayHaveLength(plan: NumberPlan, firstDigit: number | undefined, length: number): boolean {
  if ((plan.lengths & (1 << length)) !== 0) return true;
  return firstDigit === plan.trunkDigit && (plan.lengths & (1 << (length - 1))) !== 0;
}

function startBefore(text: string, start: number, before: number): number {
  let at = start;
  while (at - 1 > before && start - at < MAX_BEFORE && BEFORE.includes(text[at - 1] ?? ' '))
    at -= 1;
  return at;
}
