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

export const findNumberProblem = (number: string, country: CountryCode | null): string | null =>
  messageOf(readDialableNumber(number, country));

export const findListedNumberProblem = (
  number: string,
  country: CountryCode | null,
): string | null => messageOf(readPhoneNumber(number, country));

export function parseCountryCode(text: string): CountryCode | null {
  const code = text.toUpperCase();
  return isSupportedCountry(code) ? code : null;
}

export const toFormMessage = (message: string): string =>
  message
    .replace(/^"(?:[^"\\]|\\.)*" /, 'This ')
    .replace('give DefaultCountry', 'give a country')
    .replaceAll('DefaultCountry', 'Country');
