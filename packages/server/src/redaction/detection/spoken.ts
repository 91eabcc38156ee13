import type { Plain } from '../text/normalise.ts';
import { RewrittenText } from '../text/rewritten-text.ts';
import { Words } from '../text/words.ts';
import { BETWEEN, DIGITS, isIn, SPELLED, TENS, TIMES, ZEROS } from './number-words.ts';
import { isNumber, readNumber, type Said } from './spoken-numbers.ts';

export const NUMBER_WORDS = [DIGITS, TENS, ZEROS, TIMES].flatMap(Object.keys).join('|');
const SMALL_NUMBERS = [DIGITS, TENS].flatMap(Object.keys).join('|');
const NUMBER_WORD = new RegExp(`\\b(?:${SMALL_NUMBERS})\\b`, 'i');

const ANY_NUMBER = new RegExp(`[0-9]|\\b(?:${NUMBER_WORDS})\\b`, 'gi');
/** "Quadruple one", "five thousand", "eleven": two digits per word. */
const MAX_DIGITS_A_WORD = 2;

/** Upper bound: digits and number words. */
export function maySayDigits(text: string, count: number): boolean {
  let left = count;
  ANY_NUMBER.lastIndex = 0;
  while (left > 0) {
    const match = ANY_NUMBER.exec(text);
    if (!match) return false;
    left -= match[0].length === 1 ? 1 : MAX_DIGITS_A_WORD;
  }
  return true;
}

export const hasNumberWords = (text: string): boolean => NUMBER_WORD.test(text);

/** Number words become digits, spelling words letters, fillers commas; null if there are none. */
export function readSpoken(text: string): Plain | null {
  const words = new Words(text);
  const output = new RewrittenText(text);
  let isChanged = false;
  for (let at = 0; at < words.count; ) {
    const said = sayingAt(text, words, at);
    if (said) {
      output.replace(words.startOf(at), words.endOf(at + said.words - 1), said.digits);
      isChanged = true;
    }
    at += said?.words ?? 1;
  }
  return isChanged ? output.finish() : null;
}

function sayingAt(text: string, words: Words, at: number): Said | null {
  if (!mayBeKnown(text, words.startOf(at), words.endOf(at))) return null;
  const word = words.at(at);
  if (!KNOWN.has(word)) return null;
  const number = readNumber(words, at);
  if (number) return number;
  if (isIn(BETWEEN, word) && isNearNumber(words, at))
    return { digits: BETWEEN[word] ?? ',', words: 1 };
  const isLetter = isIn(SPELLED, word) && isSpelledOut(words, at);
  return isLetter ? { digits: SPELLED[word] ?? '', words: 1 } : null;
}

const KNOWN = new Set([DIGITS, TENS, TIMES, BETWEEN, SPELLED].flatMap(Object.keys).concat('o'));

const LOWER_CASE = 0x20;
const BITS = 32;
const MAX_INITIAL = 0x100;
/** By first letter, a bit for each length of a known word. */
const KNOWN_LENGTHS = knownLengths();

function knownLengths(): Uint32Array {
  const lengths = new Uint32Array(MAX_INITIAL);
  for (const word of KNOWN) {
    const initial = word.charCodeAt(0);
    lengths[initial] = (lengths[initial] ?? 0) | (1 << word.length);
  }
  return lengths;
}

function mayBeKnown(text: string, start: number, end: number): boolean {
  const initial = text.charCodeAt(start) | LOWER_CASE;
  return end - start < BITS && ((KNOWN_LENGTHS[initial] ?? 0) & (1 << (end - start))) !== 0;
}

/** Next to a number, a letter or another spelling word. */
const isSpelledOut = (words: Words, at: number): boolean =>
  [words.at(at - 1), words.at(at + 1)].some(
    (word) => word.length === 1 || isIn(SPELLED, word) || isNumber(word),
  );

const MAX_BETWEEN = 4;

function isNearNumber(words: Words, at: number): boolean {
  for (let next = at + 1; next <= at + MAX_BETWEEN; next += 1) {
    const word = words.at(next);
    if (isNumber(word)) return true;
    if (!isIn(BETWEEN, word)) return false;
  }
  return false;
}
