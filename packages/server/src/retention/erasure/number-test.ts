import {
  beginsWithExtension,
  MAX_NUMBER_TEXT,
  readNumberStart,
  toE164,
} from '@colloquy/phone-numbers';
import { type Spelled, spellingsOf } from '../../redaction/number-spellings.ts';
import { normalise } from '../../redaction/text/normalise.ts';

const LAST_DIGITS = 4;

/** The number may come with a name, the scheme and host of a URI, quotation marks or an extension. */
export function numberTest(e164: string, spelled: Spelled): (text: string) => boolean {
  const { find } = spellingsOf(e164, spelled);
  const isSpelled = (text: string) => {
    if (text.length > MAX_NUMBER_TEXT) return false;
    const plain = normalise(text).text;
    // Fast path: most texts contain other numbers.
    if (!plain.replace(/[^0-9]+/g, '').includes(e164.slice(-LAST_DIGITS))) return false;
    const [place, next] = find(plain);
    if (!place) return false;
    const number = plain.slice(place.start, place.end);
    const isStart = mayComeBefore(plain.slice(0, place.start), number, spelled);
    return isStart && mayFollow(plain.slice(place.end, next?.start));
  };
  return (text) => toE164(text) === e164 || isBareNumber(text, e164) || isSpelled(text);
}

/** For another person's id, such as `+B (+A)`. Digits of a SIP host, a word or another number stay. */
export function numberEraser(e164: string): (text: string) => string {
  const { find, replace } = spellingsOf(e164);
  const isNumber = numberTest(e164, 'Anyhow');
  return (text) => {
    const plain = normalise(text).text;
    const isThere = find(plain).some(({ start, end }) =>
      isSetApart(plain.slice(0, start), plain.slice(start, end), plain.slice(end)),
    );
    const rest = isThere ? replace(text) : text;
    // After a slash it may be part of the previous number.
    const parts = rest.split(BETWEEN_NUMBERS);
    return parts.length === 1
      ? rest
      : parts.map((part) => (isNumber(part) ? replace(part) : part)).join('');
  };
}

const BETWEEN_NUMBERS = /([,|/;]\s*)/;

/** Such as a room number. */
const HYPHENED = /\p{L}-$/u;
/** Fewer digits may belong to the next number, like a country code. */
const MIN_DIGITS_APART = 4;

function isSetApart(before: string, number: string, after: string): boolean {
  if (FROM_ABROAD.test(number)) return true;
  if (/^[\p{L}\p{N}]/u.test(after) && !beginsWithExtension(after)) return false;
  if (SCHEME.test(before)) return !SIP.test(before);
  if (/[\p{L}\p{N}]$/u.test(before) || HYPHENED.test(before)) return false;
  const isBehindDigits = /[0-9][\s).-]*$/.test(before);
  return !isBehindDigits || before.replace(/[^0-9]+/g, '').length >= MIN_DIGITS_APART;
}

/** Without a plus it may be a SIP host, so only bare digits count. */
const isBareNumber = (text: string, e164: string) =>
  !/[@:]/.test(text) && readNumberStart(text) === e164;

/** A plus, or the digits dialed instead. */
const FROM_ABROAD = /^[([{]?\s?(?:\+|%2b|00|011)/i;
const SIP = /sips?:(?:\/\/)?\s?$/i;
const SCHEME = /(?:^|[^\p{L}\p{N}])[a-z][a-z0-9+.-]*:(?:\/\/)?\s?$/iu;
const BEHIND_NAME = /[\s([{<"'/]$/;

function mayComeBefore(before: string, number: string, spelled: Spelled): boolean {
  if (/\p{N}/u.test(before.replace(SCHEME, ''))) return false;
  if (FROM_ABROAD.test(number)) return true;
  // In `sip:` URIs these digits belong to the host.
  if (SCHEME.test(before)) return !SIP.test(before);
  // In fields that may contain other values than numbers, digits after a word may be a counter.
  return !/\p{L}/u.test(before) || (spelled === 'Anyhow' && BEHIND_NAME.test(before));
}

/** Before the host, parameters or headers of a URI. */
const ADDRESS = /[@;?&]/;
const MAX_EXTENSION_DIGITS = 9;
/** Pauses before the rest is dialed. */
const PAUSES = /^[pw]+[0-9]/i;
const NEXT_NUMBER = /\s*[,/|([<]\s?(?:\+|00)[1-9]/;
/** Of scientific notation without lost digits. */
const EXPONENT = /^e\+?[0-9]{1,2}$/i;

function mayFollow(after: string): boolean {
  const isWord = /^[\p{L}\p{N}]/u.test(after);
  const isKnown =
    beginsWithExtension(after) || PAUSES.test(after) || EXPONENT.test(after.trimEnd());
  if (isWord && !isKnown) return false;
  // The first number is the caller's; others were dialed or forwarded.
  const [own = ''] = after.split(NEXT_NUMBER, 1)[0]?.split(ADDRESS) ?? [];
  return own.replace(/[^0-9]+/g, '').length <= MAX_EXTENSION_DIGITS;
}
