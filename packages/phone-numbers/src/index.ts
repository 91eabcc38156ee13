export { type CountryCode, isSupportedCountry } from 'libphonenumber-js';
export { escapeInvisible, quoteText } from './characters.ts';
export * from './read.ts';
export { beginsWithExtension } from './unwrap.ts';
