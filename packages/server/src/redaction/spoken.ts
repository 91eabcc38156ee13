import type { Plain } from './normalise.ts';

const DIGITS: Readonly<Record<string, string>> = {
  ...{ zero: '0', oh: '0', nought: '0', naught: '0', one: '1', two: '2', three: '3', four: '4' },
  ...{ five: '5', six: '6', seven: '7', eight: '8', nine: '9', niner: '9' },
  ...{ ten: '10', eleven: '11', twelve: '12', thirteen: '13', fourteen: '14', fifteen: '15' },
  ...{ sixteen: '16', seventeen: '17', eighteen: '18', nineteen: '19' },
};
const TENS: Readonly<Record<string, string>> = {
  ...{ twenty: '2', thirty: '3', forty: '4', fourty: '4', fifty: '5', sixty: '6' },
  ...{ seventy: '7', eighty: '8', ninety: '9' },
};
const ZEROS: Readonly<Record<string, string>> = { hundred: '00', thousand: '000' };
const TIMES: Readonly<Record<string, number>> = {
  ...{ double: 2, triple: 3, treble: 3, quadruple: 4 },
};
/** What is said between digits, and signs by their names. */
const BETWEEN: Readonly<Record<string, string>> = {
  plus: '+',
  ...Object.fromEntries(
    [
      ...['uh', 'uhm', 'um', 'umm', 'er', 'erm', 'ah', 'eh', 'hm', 'hmm', 'mm', 'mhm', 'ehm'],
      ...['äh', 'ähm', 'euh', 'and', 'then', 'so', 'well', 'okay', 'ok', 'yes', 'yeah', 'sorry'],
      ...['next', 'dash', 'hyphen', 'minus', 'slash', 'comma', 'space', 'dot', 'point', 'period'],
      ...['it', 'its', 's', 'is', 'the', 'rest', 'like', 'let', 'me', 'see', 'followed', 'by'],
    ].map((word) => [word, ',']),
  ),
};

const isIn = (words: object, word: string) => Object.hasOwn(words, word);
/** The words of which a number may consist, as the alternatives of a pattern. */
export const NUMBER_WORDS = [DIGITS, TENS, ZEROS, TIMES].flatMap(Object.keys).join('|');
const NUMBER_WORD = new RegExp(
  `\\b(?:${[...Object.keys(DIGITS), ...Object.keys(TENS)].join('|')})\\b`,
  'i',
);
const TOKEN = /\p{L}+|[0-9]+/gu;

interface Token {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

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
 * The text with digits in place of English number words, and commas in place of words that are said
 * between digits; null if there are none.
 */
export function readSpoken(text: string): Plain | null {
  const tokens = tokensOf(text);
  const output = new Output(text);
  let isChanged = false;
  for (let at = 0; at < tokens.length; at += 1) {
    const taken = readNumber(text, tokens, at);
    const token = tokens[at];
    if (!token) continue;
    if (taken) {
      const end = tokens[at + taken.tokens - 1]?.end ?? token.end;
      output.replace(token.start, end, taken.digits);
      at += taken.tokens - 1;
      isChanged = true;
    } else if (isIn(BETWEEN, token.word) && isNearNumber(tokens, at)) {
      output.replace(token.start, token.end, BETWEEN[token.word] ?? ',');
      isChanged = true;
    }
  }
  return isChanged ? output.finish() : null;
}

function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map(({ 0: word, index }) => ({
    word: word.toLowerCase(),
    start: index,
    end: index + word.length,
  }));
}

/** The digits that are said from a token on, and how many tokens say them. */
function readNumber(text: string, tokens: readonly Token[], at: number) {
  const word = tokens[at]?.word ?? '';
  const next = isNext(text, tokens, at) ? (tokens[at + 1]?.word ?? '') : '';
  if (isIn(TIMES, word)) {
    const digit = next.length === 1 && next >= '0' && next <= '9' ? next : digitOf(next);
    return digit === null ? null : { digits: digit.repeat(TIMES[word] ?? 1), tokens: 2 };
  }
  if (isIn(TENS, word)) {
    const unit = digitOf(next);
    const tens = TENS[word] ?? '';
    if (unit !== null && unit !== '0') return { digits: tens + unit, tokens: 2 };
    return { digits: `${tens}0`, tokens: 1 };
  }
  const isO = word === 'o' && (isNumber(next) || isNumber(tokens[at - 1]?.word ?? ''));
  const digits = isO ? '0' : isIn(DIGITS, word) ? (DIGITS[word] ?? '') : null;
  if (digits === null) return null;
  if (isIn(ZEROS, next)) return { digits: digits + (ZEROS[next] ?? ''), tokens: 2 };
  return { digits, tokens: 1 };
}

/** A word for one digit; null if it is none. */
function digitOf(word: string): string | null {
  const digits = word === 'o' ? '0' : isIn(DIGITS, word) ? (DIGITS[word] ?? '') : '';
  return digits.length === 1 ? digits : null;
}

const MAX_WITHIN = 2;
const WITHIN = /^[\s-]+$/;

function isNext(text: string, tokens: readonly Token[], at: number): boolean {
  const [token, next] = [tokens[at], tokens[at + 1]];
  if (!token || !next || next.start - token.end > MAX_WITHIN) return false;
  return WITHIN.test(text.slice(token.end, next.start));
}

const isNumber = (word: string) =>
  isIn(DIGITS, word) || isIn(TENS, word) || isIn(TIMES, word) || /^[0-9]/.test(word);

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

/** A text with stretches replaced, and where its code units come from. */
class Output {
  readonly #source: string;
  readonly #pieces: string[] = [];
  readonly #places: [outputStart: number, start: number, end: number, isCopy: boolean][] = [];
  #done = 0;
  #length = 0;

  constructor(source: string) {
    this.#source = source;
  }

  replace(start: number, end: number, text: string): void {
    this.#add(this.#source.slice(this.#done, start), this.#done, start, true);
    this.#add(text, start, end, false);
    this.#done = end;
  }

  finish(): Plain {
    const { length } = this.#source;
    this.#add(this.#source.slice(this.#done), this.#done, length, true);
    const places = { starts: new Uint32Array(this.#length), ends: new Uint32Array(this.#length) };
    for (const [index, [output, start, end, isCopy]] of this.#places.entries()) {
      const outputEnd = this.#places[index + 1]?.[0] ?? this.#length;
      for (let at = output; at < outputEnd; at += 1) {
        places.starts[at] = isCopy ? start + at - output : start;
        places.ends[at] = isCopy ? start + at - output + 1 : end;
      }
    }
    return { text: this.#pieces.join(''), places };
  }

  #add(text: string, start: number, end: number, isCopy: boolean): void {
    if (text === '') return;
    this.#places.push([this.#length, start, end, isCopy]);
    this.#pieces.push(text);
    this.#length += text.length;
  }
}
