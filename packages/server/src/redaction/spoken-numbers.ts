import { DIGITS, isIn, TENS, TIMES, ZEROS } from './number-words.ts';

export interface Token {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** A text and its words. */
export interface Words {
  readonly text: string;
  readonly tokens: readonly Token[];
}

/** The digits that some tokens say. */
interface Said {
  readonly digits: string;
  readonly tokens: number;
}

/** The digits that are said from a token on, and how many tokens say them; null if none are. */
export function readNumber(words: Words, at: number): Said | null {
  const word = wordAt(words, at);
  if (!isIn(TIMES, word)) return readScaled(words, at, MAX_ZEROS);
  const next = wordAfter(words, at);
  const digit = /^[0-9]$/.test(next) ? next : digitOf(next);
  return digit === null ? null : { digits: digit.repeat(TIMES[word] ?? 1), tokens: 2 };
}

const MAX_ZEROS = 3;

/** "Eleven", "four thousand", "four thousand one hundred and eleven". */
function readScaled(words: Words, at: number, maxZeros: number): Said | null {
  const head = readBelowHundred(words, at);
  if (!head || head.digits.startsWith('0')) return head;
  const scale = at + head.tokens;
  const zeros = ZEROS[wordAfter(words, scale - 1)] ?? '';
  if (zeros === '' || zeros.length > maxZeros) return head;
  const rest = readRest(words, scale, zeros.length);
  return {
    digits: head.digits + (rest?.digits.padStart(zeros.length, '0') ?? zeros),
    tokens: head.tokens + 1 + (rest?.tokens ?? 0),
  };
}

/** What follows "hundred" or "thousand". "Eight hundred five five five" goes on with single digits. */
function readRest(words: Words, scale: number, room: number): Said | null {
  const and = wordAfter(words, scale) === 'and' ? 1 : 0;
  if (wordAfter(words, scale + and) === '') return null;
  const said = readScaled(words, scale + and + 1, room - 1);
  if (!said || said.digits.startsWith('0') || said.digits.length > room) return null;
  const isWhole = and === 1 || said.digits.length > 1;
  const next = wordAfter(words, scale + and + said.tokens);
  return isWhole || !isNumber(next) ? { ...said, tokens: said.tokens + and } : null;
}

function readBelowHundred(words: Words, at: number): Said | null {
  const word = wordAt(words, at);
  const next = wordAfter(words, at);
  if (isIn(TENS, word)) {
    const unit = digitOf(next);
    const tens = TENS[word] ?? '';
    if (unit !== null && unit !== '0') return { digits: tens + unit, tokens: 2 };
    return { digits: `${tens}0`, tokens: 1 };
  }
  const isO = word === 'o' && (isNumber(next) || isNumber(wordAt(words, at - 1)));
  if (isO) return { digits: '0', tokens: 1 };
  return isIn(DIGITS, word) ? { digits: DIGITS[word] ?? '', tokens: 1 } : null;
}

/** A word for one digit; null if it is none. */
function digitOf(word: string): string | null {
  const digits = word === 'o' ? '0' : isIn(DIGITS, word) ? (DIGITS[word] ?? '') : '';
  return digits.length === 1 ? digits : null;
}

const wordAt = ({ tokens }: Words, at: number) => tokens[at]?.word ?? '';

const MAX_WITHIN = 2;
const WITHIN = /^[\s-]+$/;

/** The word after a token if no more than a space or a hyphen is between them; else an empty text. */
function wordAfter({ text, tokens }: Words, at: number): string {
  const [token, next] = [tokens[at], tokens[at + 1]];
  if (!token || !next || next.start - token.end > MAX_WITHIN) return '';
  return WITHIN.test(text.slice(token.end, next.start)) ? next.word : '';
}

export const isNumber = (word: string): boolean =>
  isIn(DIGITS, word) || isIn(TENS, word) || isIn(TIMES, word) || /^[0-9]/.test(word);
