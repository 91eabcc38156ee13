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
  /** `+`, country code and number. */
  readonly e164: string;
  /** True if the text has an extension, which E.164 cannot express. */
  readonly hasExtension: boolean;
}

export interface UnreadNumber {
  readonly problem: NumberProblem;
  readonly message: string;
}

export type NumberReading = ReadNumber | UnreadNumber;

/** Longer texts are never one number. */
export const MAX_NUMBER_TEXT = 1_024;
/** E.164 allows 15 digits, but some countries have longer possible numbers. */
const E164 = /^\+[1-9][0-9]{1,14}$/;

/**
 * As people, spreadsheets and telephony systems write it. Never yields digits that are not in the
 * text, except the code of `country`, or another country code than the given one.
 */
export function readPhoneNumber(text: string, country: CountryCode | null): NumberReading {
  const found = findNumber(text, country);
  return typeof found === 'string' ? { problem: found, message: messageOf(found, text) } : found;
}

/** Refuses extensions, because nothing would dial them. */
export function readDialableNumber(text: string, country: CountryCode | null): NumberReading {
  const reading = readPhoneNumber(text, country);
  if (!('e164' in reading) || !reading.hasExtension) return reading;
  return { problem: 'extension', message: messageOf('extension', text) };
}

/** null if the text is no number. Ignores an extension. */
export function toE164(text: string, country: CountryCode | null = null): string | null {
  const found = findNumber(text, country);
  return typeof found === 'string' ? null : found.e164;
}

/** Its country may have no numbers of that length. */
export const isE164 = (text: string): boolean => E164.test(text);

/** True if its country has numbers of the length of a number with a plus. */
export const isPossibleNumber = (digits: string): boolean =>
  parsePhoneNumberFromString(digits, { extract: false })?.isPossible() ?? false;

/** The beginning of a number in E.164, with or without `+`; null if it is none. */
export function readNumberStart(text: string): string | null {
  const unwrapped = text.length > MAX_NUMBER_TEXT ? null : unwrap(text);
  if (!unwrapped || unwrapped.hasExtension || notationOf(unwrapped.number)) return null;
  const digits = digitsOf(unwrapped.number)?.replace(/^(\+|00)?/, '+');
  return digits !== undefined && /^\+[0-9]{1,15}$/.test(digits) ? digits : null;
}

function findNumber(text: string, country: CountryCode | null): ReadNumber | NumberProblem {
  // Fast path for most numbers.
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
  if (digits.startsWith('00')) return findAfterZeros(digits, country, hasExtension);
  if (country === null) return 'no-country';
  return parse(digits, country, hasExtension) ?? 'impossible';
}

/** `00` means `+` in most countries, `0011` in Australia; refuses what is ambiguous. */
function findAfterZeros(
  digits: string,
  country: CountryCode | null,
  hasExtension: boolean,
): ReadNumber | NumberProblem {
  const usual = parsePossible(`+${digits.slice(2)}`, null);
  const local = country === null ? null : parsePossible(digits, country);
  const isClear = !usual || !local || usual.number === local.number || usual.isValid();
  if (!isClear && !local.isValid()) return 'ambiguous';
  const found = isClear ? (usual ?? local) : local;
  return found ? { e164: found.number, hasExtension } : 'impossible';
}

function parse(
  digits: string,
  country: CountryCode | null,
  hasExtension: boolean,
): ReadNumber | null {
  const found = parsePossible(digits, country);
  return found && { e164: found.number, hasExtension };
}

function parsePossible(digits: string, country: CountryCode | null): PhoneNumber | null {
  const found = parsePhoneNumberFromString(digits, {
    ...(country !== null && { defaultCountry: country }),
    extract: false,
  });
  if (found && found.number !== digits && !isReadAsItself(found)) return null;
  if (!found?.isPossible() || !E164.test(found.number)) return null;
  // The library may rewrite a number by rules of its country. Refuses results with other digits.
  const given = digits.replace('+', '');
  const isOfGivenCode = !digits.startsWith('+') || given.startsWith(found.countryCallingCode);
  const made = digits.startsWith('+') ? found.number.length - 1 : found.nationalNumber.length;
  return isOfGivenCode && made <= given.length ? found : null;
}

const isReadAsItself = ({ number }: PhoneNumber): boolean =>
  parsePhoneNumberFromString(number, { extract: false })?.number === number;

const SEPARATORS =
  /[ \p{Pd}\u02d7\u2043\u2212\u30fc\uff70/\u2044\u2215\uff0f.\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff0e~\u2053\u223c\uff5e()[\]{}\uff08\uff09\uff3b\uff3d\uff5b\uff5d\u3010\u3011]/gu;

/** null if there are other characters. */
function digitsOf(number: string): string | null {
  const digits = number.replaceAll(SEPARATORS, '');
  return /^\+?[0-9]+$/.test(digits) ? digits : null;
}

const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d*)? ?(?:e|[x×*·] ?10 ?\^) ?[+-]?\d+$/i;
const DECIMALS = /^([^.,]*)[.,] ?(0+)$/;
const GROUPED_DECIMALS = /^\+?\d{1,3}([.,' ’])\d{3}(?:\1\d{3})*(?:(?!\1)[.,]0+|[.,]0{1,2})$/;
/** A decimal, such as the mean of a column. Extensions follow a hyphen instead. */
const FRACTION = /^\+?\d{7,} ?[.,] ?\d{1,2}$/;
const DECIMAL_COMMAS = /[\u066b\uff0c]/g;
const DECIMAL_POINTS = /[\uff0e\u00b7\u2022\u2027\u2219\u22c5\u30fb]/g;
const AROUND_FIGURES = /[()[\]{}\uff08\uff09\uff3b\uff3d\uff5b\uff5d\u3010\u3011]|[^\d]+$/g;
const REPEATED_DECIMALS = /^\+?\d{9,}(?:[.,]0{1,3}){2,}$/;
/** Fewer than four zeros after a dot; four may be the last group of a number. */
const MAX_DECIMALS = 3;

/** Such as 4.93E+11. */
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

/** For requests with a `DefaultCountry`. */
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
