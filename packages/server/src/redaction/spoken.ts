import type { Plain } from './normalise.ts';
import { BETWEEN, DIGITS, isIn, SPELLED, TENS, TIMES, ZEROS } from './number-words.ts';
import { RewrittenText } from './rewritten-text.ts';
import { isNumber, readNumber, type Token } from './spoken-numbers.ts';

/** The words of which a number may consist, as the alternatives of a pattern. */
export const NUMBER_WORDS = [DIGITS, TENS, ZEROS, TIMES].flatMap(Object.keys).join('|');
const NUMBER_WORD = new RegExp(
  `\\b(?:${[...Object.keys(DIGITS), ...Object.keys(TENS)].join('|')})\\b`,
  'i',
);
const TOKEN = /\p{L}+|[0-9]+/gu;

const ANY_NUMBER = new RegExp(`[0-9]|\\b(?:${NUMBER_WORDS})\\b`, 'gi');
/** "Quadruple one", "five thousand", "eleven": two digits for each word. */
const MAX_DIGITS_A_WORD = 2;

/** Whether a text may say so many digits, by digits and by words. */
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

/** Whether a text has numbers in words. */
export const hasNumberWords = (text: string): boolean => NUMBER_WORD.test(text);

/**
 * The text with digits in place of English number words, letters in place of the words that spell them, and
 * commas in place of words that are said between digits; null if there are none.
 */
export function readSpoken(text: string): Plain | null {
  const tokens = tokensOf(text);
  const words = { text, tokens };
  const output = new RewrittenText(text);
  let isChanged = false;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (!token || !KNOWN.has(token.word)) continue;
    const taken = readNumber(words, at);
    if (taken) {
      const end = tokens[at + taken.tokens - 1]?.end ?? token.end;
      output.replace(token.start, end, taken.digits);
      at += taken.tokens - 1;
      isChanged = true;
    } else if (isIn(BETWEEN, token.word) && isNearNumber(tokens, at)) {
      output.replace(token.start, token.end, BETWEEN[token.word] ?? ',');
      isChanged = true;
    } else if (isIn(SPELLED, token.word) && isSpelledOut(tokens, at)) {
      output.replace(token.start, token.end, SPELLED[token.word] ?? '');
      isChanged = true;
    }
  }
  return isChanged ? output.finish() : null;
}

const KNOWN = new Set([DIGITS, TENS, TIMES, BETWEEN, SPELLED].flatMap(Object.keys).concat('o'));

/** Whether a word that may spell a letter is beside a number, a letter or another such word. */
const isSpelledOut = (tokens: readonly Token[], at: number): boolean =>
  [tokens[at - 1]?.word ?? '', tokens[at + 1]?.word ?? ''].some(
    (word) => word.length === 1 || isIn(SPELLED, word) || isNumber(word),
  );

function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map(({ 0: word, index }) => ({
    word: word.toLowerCase(),
    start: index,
    end: index + word.length,
  }));
}

const MAX_BETWEEN = 4;

/** Whether a number comes after some more such words, and so stands on its other side perhaps. */
function isNearNumber(tokens: readonly Token[], at: number): boolean {
  for (let next = at + 1; next <= at + MAX_BETWEEN; next += 1) {
    const word = tokens[next]?.word ?? '';
    if (isNumber(word)) return true;
    if (!isIn(BETWEEN, word)) return false;
  }
  return false;
}
