import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js';
import { Fault } from '../base/fault.ts';

/** Some countries have numbers that are possible, and longer than E.164 allows. */
const E164 = /^\+[1-9][0-9]{1,14}$/;

/** A number in E.164; null where it is not possible. Without a country it needs its `+`. */
export function normalizeNumber(text: string, country: CountryCode | null): string | null {
  const parsed = parsePhoneNumberFromString(text, {
    ...(country !== null && { defaultCountry: country }),
    // A text around a number is a mistake, and not a number to be found in it.
    extract: false,
  });
  if (!parsed?.isPossible() || parsed.ext !== undefined) return null;
  return E164.test(parsed.number) ? parsed.number : null;
}

/** INVALID_REQUEST where there is no such country. */
export function requireCountry(code: string): CountryCode {
  if (isSupportedCountry(code)) return code;
  throw new Fault(
    'INVALID_REQUEST',
    `DefaultCountry must be an ISO 3166 country code, not ${code}.`,
  );
}
