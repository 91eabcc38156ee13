import type { Words } from '../text/words.ts';
import { DIGITS, isIn, TENS, TIMES, ZEROS } from './number-words.ts';

export interface Said {
  readonly digits: string;
  readonly words: number;
}

export function readNumber(words: Words, at: number): Said | null {
  const word = words.at(at);
  if (!isIn(TIMES, word)) return readScaled(words, at, MAX_ZEROS);
  const next = words.after(at);
  const digit = /^[0-9]$/.test(next) ? next : digitOf(next);
  return digit === null ? null : { digits: digit.repeat(TIMES[word] ?? 1), words: 2 };
}

const MAX_ZEROS = 3;

/** "Eleven", "four thousand", "four thousand one hundred and eleven". */
function readScaled(words: Words, at: number, maxZeros: number): Said | null {
  const head = readBelowHundred(words, at);
  if (!head || head.digits.startsWith('0')) return head;
  const scale = at + head.words;
  const zeros = ZEROS[words.after(scale - 1)] ?? '';
  if (zeros === '' || zeros.length > maxZeros) return head;
  const rest = readRest(words, scale, zeros.length);
  return {
    digits: head.digits + (rest?.digits.padStart(zeros.length, '0') ?? zeros),
    words: head.words + 1 + (rest?.words ?? 0),
  };
}

/** Reads after "hundred" or "thousand". "Eight hundred five five five" continues with single digits. */
function readRest(words: Words, scale: number, room: number): Said | null {
  const and = words.after(scale) === 'and' ? 1 : 0;
  if (words.after(scale + and) === '') return null;
  const said = readScaled(words, scale + and + 1, room - 1);
  if (!said || said.digits.startsWith('0') || said.digits.length > room) return null;
  const isWhole = and === 1 || said.digits.length > 1;
  const next = words.after(scale + and + said.words);
  return isWhole || !isNumber(next) ? { ...said, words: said.words + and } : null;
}

function readBelowHundred(words: Words, at: number): Said | null {
  const word = words.at(at);
  const next = words.after(at);
  if (isIn(TENS, word)) {
    const unit = digitOf(next);
    const tens = TENS[word] ?? '';
    if (unit !== null && unit !== '0') return { digits: tens + unit, words: 2 };
    return { digits: `${tens}0`, words: 1 };
  }
  const isO = word === 'o' && (isNumber(next) || isNumber(words.at(at - 1)));
  if (isO) return { digits: '0', words: 1 };
  return isIn(DIGITS, word) ? { digits: DIGITS[word] ?? '', words: 1 } : null;
}

function digitOf(word: string): string | null {
  const digits = word === 'o' ? '0' : isIn(DIGITS, word) ? (DIGITS[word] ?? '') : '';
  return digits.length === 1 ? digits : null;
}

export const isNumber = (word: string): boolean =>
  isIn(DIGITS, word) || isIn(TENS, word) || isIn(TIMES, word) || /^[0-9]/.test(word);
