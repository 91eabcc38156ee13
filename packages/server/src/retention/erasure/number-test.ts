import {
  beginsWithExtension,
  MAX_NUMBER_TEXT,
  readNumberStart,
  toE164,
} from '@colloquy/phone-numbers';
import { type Spelled, spellingsOf } from '../../redaction/number-spellings.ts';
import { normalise } from '../../redaction/text/normalise.ts';

const LAST_DIGITS = 4;

/**
 * Tells whether a stored text is a number, in any spelling that texts may have it in, alone or with a
 * name, the scheme and the host of a URI, quotation marks or an extension around it.
 */
export function numberTest(e164: string, spelled: Spelled): (text: string) => boolean {
  const { find } = spellingsOf(e164, spelled);
  const isSpelled = (text: string) => {
    if (text.length > MAX_NUMBER_TEXT) return false;
    const plain = normalise(text).text;
    // Most texts are other numbers.
    if (!plain.replace(/[^0-9]+/g, '').includes(e164.slice(-LAST_DIGITS))) return false;
    const [place, next] = find(plain);
    if (!place) return false;
    const number = plain.slice(place.start, place.end);
    const isStart = mayComeBefore(plain.slice(0, place.start), number, spelled);
    return isStart && mayFollow(plain.slice(place.end, next?.start));
  };
  return (text) => toE164(text) === e164 || isBareNumber(text, e164) || isSpelled(text);
}

/**
 * Gives a function that replaces a number in the id of somebody else, such as `+B (+A)`. Digits that are a
 * name of a SIP host, or part of a word or of another number, stay.
 */
export function numberEraser(e164: string): (text: string) => string {
  const { find, replace } = spellingsOf(e164);
  const isNumber = numberTest(e164, 'Anyhow');
  return (text) => {
    const plain = normalise(text).text;
    const isThere = find(plain).some(({ start, end }) =>
      isSetApart(plain.slice(0, start), plain.slice(start, end), plain.slice(end)),
    );
    const rest = isThere ? replace(text) : text;
    // Behind a slash it may be taken for a part of the number before it.
    const parts = rest.split(BETWEEN_NUMBERS);
    return parts.length === 1
      ? rest
      : parts.map((part) => (isNumber(part) ? replace(part) : part)).join('');
  };
}

const BETWEEN_NUMBERS = /([,|/;]\s*)/;

/** Such as the number of a room. */
const HYPHENED = /\p{L}-$/u;
/** Fewer digits in front of a number may belong to it, as those of a country code do. */
const MIN_DIGITS_APART = 4;

function isSetApart(before: string, number: string, after: string): boolean {
  if (FROM_ABROAD.test(number)) return true;
  if (/^[\p{L}\p{N}]/u.test(after) && !beginsWithExtension(after)) return false;
  if (SCHEME.test(before)) return !SIP.test(before);
  if (/[\p{L}\p{N}]$/u.test(before) || HYPHENED.test(before)) return false;
  const isBehindDigits = /[0-9][\s).-]*$/.test(before);
  return !isBehindDigits || before.replace(/[^0-9]+/g, '').length >= MIN_DIGITS_APART;
}

/** Without a plus it may be a name of a SIP host, so only the bare digits count. */
const isBareNumber = (text: string, e164: string) =>
  !/[@:]/.test(text) && readNumberStart(text) === e164;

/** With a plus, or what is dialed for it. */
const FROM_ABROAD = /^[([{]?\s?(?:\+|%2b|00|011)/i;
const SIP = /sips?:(?:\/\/)?\s?$/i;
/** Such as that of `tel:`, `callto://` and `whatsapp:`. */
const SCHEME = /(?:^|[^\p{L}\p{N}])[a-z][a-z0-9+.-]*:(?:\/\/)?\s?$/iu;
/** What is between a name and a number. */
const BEHIND_NAME = /[\s([{<"'/]$/;

function mayComeBefore(before: string, number: string, spelled: Spelled): boolean {
  if (/\p{N}/u.test(before.replace(SCHEME, ''))) return false;
  if (FROM_ABROAD.test(number)) return true;
  // In `sip:` these digits are a name of the host.
  if (SCHEME.test(before)) return !SIP.test(before);
  // A field that may have other things than numbers may count them by digits behind a word.
  return !/\p{L}/u.test(before) || (spelled === 'Anyhow' && BEHIND_NAME.test(before));
}

/** The host, parameters and headers of a URI. */
const ADDRESS = /[@;?&]/;
/** More are another number. */
const MAX_EXTENSION_DIGITS = 9;
/** What a telephone waits for before it dials the rest. */
const PAUSES = /^[pw]+[0-9]/i;

/** Another number that signs set apart. */
const NEXT_NUMBER = /\s*[,/|([<]\s?(?:\+|00)[1-9]/;

/** The end of scientific notation that lost no digits. */
const EXPONENT = /^e\+?[0-9]{1,2}$/i;

function mayFollow(after: string): boolean {
  const isWord = /^[\p{L}\p{N}]/u.test(after);
  const isKnown =
    beginsWithExtension(after) || PAUSES.test(after) || EXPONENT.test(after.trimEnd());
  if (isWord && !isKnown) return false;
  // The first of several numbers is the caller's; others are those that were called or passed it on.
  const [own = ''] = after.split(NEXT_NUMBER, 1)[0]?.split(ADDRESS) ?? [];
  return own.replace(/[^0-9]+/g, '').length <= MAX_EXTENSION_DIGITS;
}
