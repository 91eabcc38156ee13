import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js';
import { plainText, quoteText } from './characters.ts';
import { type Unwrapped, unwrap } from './unwrap.ts';

export type NumberProblem =
  | 'empty'
  | 'float'
  | 'scientific'
  | 'no-country'
  | 'ambiguous'
  | 'extension'
  | 'not-a-number'
  | 'impossible';

export interface ReadNumber {
  /** `+`, country code and number, at most 15 digits. */
  readonly e164: string;
  /** An extension was given, which E.164 cannot express. */
  readonly hasExtension: boolean;
}

export interface UnreadNumber {
  readonly problem: NumberProblem;
  /** One sentence that quotes the text and says how to mend it. */
  readonly message: string;
}

export type NumberReading = ReadNumber | UnreadNumber;

/** No text that holds one number needs to be longer. */
export const MAX_NUMBER_TEXT = 1_024;
/** Some countries have numbers that are possible and longer than E.164 allows. */
const E164 = /^\+[1-9][0-9]{1,14}$/;

/**
 * Reads a phone number in the spellings that people, spreadsheets and telephony systems use. Without
 * a country it needs its country code, after a `+` or `00`. A reading never has digits that the text does
 * not have, except the code of `country`, nor a country code other than the one that is given.
 */
export function readPhoneNumber(text: string, country: CountryCode | null): NumberReading {
  const found = find(text, country);
  return typeof found === 'string' ? { problem: found, message: messageOf(found, text) } : found;
}

/** A number that is to be called: without an extension, which nobody would dial. */
export function readDialableNumber(text: string, country: CountryCode | null): NumberReading {
  const reading = readPhoneNumber(text, country);
  if (!('e164' in reading) || !reading.hasExtension) return reading;
  return { problem: 'extension', message: messageOf('extension', text) };
}

/** A number in E.164; null if the text is not a number. An extension is ignored. */
export function toE164(text: string, country: CountryCode | null = null): string | null {
  const found = find(text, country);
  return typeof found === 'string' ? null : found.e164;
}

/** Whether a text is a number in E.164, also one of a length that its country does not have. */
export const isE164 = (text: string): boolean => E164.test(text);

/** Whether a number with its plus has a length that its country has, however it would be read. */
export const isPossibleNumber = (digits: string): boolean =>
  parsePhoneNumberFromString(digits, { extract: false })?.isPossible() ?? false;

/**
 * The beginning of a number as E.164 writes it, with or without its `+`; null if the text is not the
 * beginning of a number.
 */
export function readNumberStart(text: string): string | null {
  const unwrapped = text.length > MAX_NUMBER_TEXT ? null : unwrap(text);
  if (!unwrapped || unwrapped.hasExtension || notationOf(unwrapped.number)) return null;
  const digits = digitsOf(unwrapped.number)?.replace(/^(\+|00)?/, '+');
  return digits !== undefined && /^\+[0-9]{1,15}$/.test(digits) ? digits : null;
}

function find(text: string, country: CountryCode | null): ReadNumber | NumberProblem {
  // Most numbers come as they are stored.
  if (E164.test(text)) return parse(text, null, false) ?? 'impossible';
  if (text.length > MAX_NUMBER_TEXT) return 'not-a-number';
  const unwrapped = unwrap(text);
  if (!unwrapped) return 'not-a-number';
  if (unwrapped.number === '') return plainText(text) === '' ? 'empty' : 'not-a-number';
  return findUnwrapped(unwrapped, country);
}

function findUnwrapped(
  { number, isSip, hasExtension }: Unwrapped,
  country: CountryCode | null,
): ReadNumber | NumberProblem {
  const notation = notationOf(number);
  if (notation) return notation;
  const digits = digitsOf(number);
  if (digits === null) return 'not-a-number';
  if (digits.startsWith('+')) return parse(digits, null, hasExtension) ?? 'impossible';
  if (isSip) return 'not-a-number';
  if (digits.startsWith('00')) return findBehindZeros(digits, country, hasExtension);
  if (country === null) return 'no-country';
  return parse(digits, country, hasExtension) ?? 'impossible';
}

/**
 * `00` stands for `+` in most of the world. Some countries dial abroad with more digits that begin so, as
 * Australia with `0011`: what is a valid number wins, and two that may be meant are refused.
 */
function findBehindZeros(
  digits: string,
  country: CountryCode | null,
  hasExtension: boolean,
): ReadNumber | NumberProblem {
  const usual = possible(`+${digits.slice(2)}`, null);
  const local = country === null ? null : possible(digits, country);
  const found =
    !usual || !local || usual.number === local.number || usual.isValid()
      ? (usual ?? local)
      : local.isValid()
        ? local
        : 'ambiguous';
  if (found === 'ambiguous') return found;
  return found ? { e164: found.number, hasExtension } : 'impossible';
}

function parse(
  digits: string,
  country: CountryCode | null,
  hasExtension: boolean,
): ReadNumber | null {
  const found = possible(digits, country);
  return found && { e164: found.number, hasExtension };
}

function possible(digits: string, country: CountryCode | null): PhoneNumber | null {
  const found = parsePhoneNumberFromString(digits, {
    ...(country !== null && { defaultCountry: country }),
    extract: false,
  });
  // Of several zeros the library takes one away at each reading, which makes another number each time.
  if (found && found.number !== digits && !isReadAsItself(found)) return null;
  if (!found?.isPossible() || !E164.test(found.number)) return null;
  // The library's rules for a country may rewrite a number; they must not invent one.
  const given = digits.replace('+', '');
  const isOfGivenCode = !digits.startsWith('+') || given.startsWith(found.countryCallingCode);
  const made = digits.startsWith('+') ? found.number.length - 1 : found.nationalNumber.length;
  return isOfGivenCode && made <= given.length ? found : null;
}

const isReadAsItself = ({ number }: PhoneNumber): boolean =>
  parsePhoneNumberFromString(number, { extract: false })?.number === number;

// Hyphens, dashes and minus signs, slashes, dots, tildes and brackets of several scripts.
const SEPARATORS =
  /[ \p{Pd}\u02d7\u2043\u2212\u30fc\uff70/\u2044\u2215\uff0f.\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff0e~\u2053\u223c\uff5e()[\]{}\uff08\uff09\uff3b\uff3d\uff5b\uff5d\u3010\u3011]/gu;

/** Digits, behind a `+` if there is one before all of them; null if there is anything else. */
function digitsOf(number: string): string | null {
  const digits = number.replaceAll(SEPARATORS, '');
  return /^\+?[0-9]+$/.test(digits) ? digits : null;
}

const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d*)? ?(?:e|[x×*·] ?10 ?\^) ?[+-]?\d+$/i;
const DECIMALS = /^([^.,]*)[.,] ?(0+)$/;
const GROUPED_DECIMALS = /^\+?\d{1,3}([.,' ’])\d{3}(?:\1\d{3})*(?:(?!\1)[.,]0+|[.,]0{1,2})$/;
/** What a mean or a sum of numbers looks like. Extensions are behind a hyphen. */
const FRACTION = /^\+?\d{7,} ?[.,] ?\d{1,2}$/;
const DECIMAL_COMMAS = /[\u066b\uff0c]/g;
const DECIMAL_POINTS = /[\uff0e\u00b7\u2022\u2027\u2219\u22c5\u30fb]/g;
const AROUND_FIGURES = /[()[\]{}\uff08\uff09\uff3b\uff3d\uff5b\uff5d\u3010\u3011]|[^\d]+$/g;
/** Decimals that were added again and again. */
const REPEATED_DECIMALS = /^\+?\d{9,}(?:[.,]0{1,3}){2,}$/;
/** The last digits of a number may be zeros behind a dot, but those are four. */
const MAX_DECIMALS = 3;

/** How a spreadsheet or a program writes a number that is not text. */
function notationOf(number: string): 'float' | 'scientific' | null {
  const text = number
    .replaceAll(DECIMAL_COMMAS, ',')
    .replaceAll(DECIMAL_POINTS, '.')
    .replaceAll(AROUND_FIGURES, '')
    .trim();
  if (SCIENTIFIC.test(text)) return 'scientific';
  if (GROUPED_DECIMALS.test(text) || FRACTION.test(text)) return 'float';
  if (REPEATED_DECIMALS.test(text)) return 'float';
  const [, head = '', zeros = ''] = DECIMALS.exec(text) ?? [];
  if (!/\d/.test(head)) return null;
  const isOneRun = /^\D*\d+\D*$/.test(head);
  return isOneRun || zeros.length <= MAX_DECIMALS ? 'float' : null;
}

/** The message for a request that may give a `DefaultCountry` in place of the country code. */
export const messageWithCountry = ({ problem, message }: UnreadNumber): string =>
  problem === 'no-country' ? `${message.slice(0, -1)}, or give DefaultCountry.` : message;

const MESSAGES: Readonly<Record<NumberProblem, string>> = {
  empty: 'is empty; give a phone number.',
  float:
    'is written with decimals, as spreadsheets save numbers; format the column as text and write the digits alone.',
  scientific:
    'is written in scientific notation, which loses digits; format the column as text and enter the number again.',
  'no-country':
    'is not a possible phone number without its country code; begin it with + and the code.',
  ambiguous: 'can be read as numbers of two countries; begin it with + and the country code.',
  extension: 'has an extension, which cannot be dialed; give the number without it.',
  'not-a-number': 'is not a phone number; write digits, with + and the country code before them.',
  impossible: 'is not a possible phone number; check its country code and its length.',
};

const messageOf = (problem: NumberProblem, text: string) =>
  `${quoteText(text)} ${MESSAGES[problem]}`;
