import {
  type CountryCode,
  isSupportedCountry,
  messageWithCountry,
  type NumberReading,
  readDialableNumber,
  readPhoneNumber,
} from '@colloquy/phone-numbers';

const messageOf = (reading: NumberReading): string | null =>
  'message' in reading ? toFormMessage(messageWithCountry(reading)) : null;

/** Why the server would refuse to call a number; null if it would not. */
export const findNumberProblem = (number: string, country: CountryCode | null): string | null =>
  messageOf(readDialableNumber(number, country));

/** Why the server would refuse a number for the do-not-call list; null if it would not. */
export const findListedNumberProblem = (
  number: string,
  country: CountryCode | null,
): string | null => messageOf(readPhoneNumber(number, country));

/** A country code in any case; null if there is no such country. */
export function parseCountryCode(text: string): CountryCode | null {
  const code = text.toUpperCase();
  return isSupportedCountry(code) ? code : null;
}

/** Rewords a message of the server for a form with a field for the country. */
export const toFormMessage = (message: string): string =>
  message
    .replace(/^"(?:[^"\\]|\\.)*" /, 'This ')
    .replace('give DefaultCountry', 'give a country')
    .replaceAll('DefaultCountry', 'Country');
