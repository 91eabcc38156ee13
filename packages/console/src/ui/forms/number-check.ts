import {
  type CountryCode,
  isSupportedCountry,
  messageWithCountry,
  type NumberReading,
  readDialableNumber,
  readPhoneNumber,
} from '@colloquy/phone-numbers';

const messageOf = (reading: NumberReading): string | null =>
  'message' in reading ? inFormWords(messageWithCountry(reading)) : null;

/** Why the server would refuse to call a number; null if it would not. */
export const wrongWithNumber = (number: string, country: CountryCode | null): string | null =>
  messageOf(readDialableNumber(number, country));

/** Why the server would refuse a number for the do-not-call list; null if it would not. */
export const wrongWithListedNumber = (number: string, country: CountryCode | null): string | null =>
  messageOf(readPhoneNumber(number, country));

/** The code that is typed into a field, in any letter case; null if there is no such country. */
export function countryCodeOf(text: string): CountryCode | null {
  const code = text.toUpperCase();
  return isSupportedCountry(code) ? code : null;
}

/** What the server says of a number, for a form that shows the number beside it and has a field for the country. */
export const inFormWords = (message: string): string =>
  message
    .replace(/^"(?:[^"\\]|\\.)*" /, 'This ')
    .replace('give DefaultCountry', 'give a country')
    .replaceAll('DefaultCountry', 'Country');
