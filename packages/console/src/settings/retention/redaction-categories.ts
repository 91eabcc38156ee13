import type { InputOf } from '@colloquy/sdk';

export type Category = InputOf<'PutRedaction'>['Categories'][number];

/** Found by patterns, and marked with AddRedactions. */
export const DETECTED_CATEGORIES: readonly Category[] = ['CARD', 'IBAN', 'EMAIL', 'PHONE'];
export const MARKED_CATEGORIES: readonly Category[] = [
  ...(['NAME', 'ADDRESS', 'DATE_OF_BIRTH', 'ID_NUMBER', 'HEALTH', 'PASSWORD', 'OTHER'] as const),
];

interface CategoryWords {
  readonly label: string;
  readonly masks: string;
  readonly misses?: string;
}

export const CATEGORY_WORDS: Readonly<Record<Category, CategoryWords>> = {
  CARD: {
    label: 'Payment cards',
    masks:
      'Numbers of 13 to 19 digits with a valid check digit: with any separators, in English number words, split over messages of one sender within a minute, in arrays, or typed key by key or in groups in consecutive log lines.',
    misses:
      'Not detected: security codes and expiry dates, parts of a number, numbers with a wrong check digit, numbers with long messages of others or more than a minute in between, digits spread over several keys of an object, keys that logs give in words, groups of digits that stand in log lines alone or behind words that do not speak of keys, log lines of more than 10,000 characters together with others, and a number in a live call until its last digits arrive.',
  },
  IBAN: {
    label: 'Bank accounts',
    masks:
      'IBANs with valid check digits: with any separators, digits in English number words, letters by the spelling alphabet (“delta echo”), split over messages of one sender within a minute, or in arrays.',
    misses:
      'Not detected: national account numbers and sort codes, letters that are spelled in other ways (“D as in dog”), and an IBAN in a live call until its last part arrives.',
  },
  EMAIL: {
    label: 'E-mail addresses',
    masks:
      'Such as ada@example.com and “ada dot doe at example dot com”, also spelled letter by letter.',
    misses:
      'Not detected: addresses that are spelled with words (“a as in Adam”), split over messages, or spoken in other languages than English. Of a name in several words without “dot” (“ada doe at gmail dot com”) only the last is masked.',
  },
  PHONE: {
    label: 'Phone numbers',
    masks:
      'Valid numbers with a country code; after a plus also numbers of a possible length; with a country below also its national numbers. With digits or English number words.',
    misses:
      'Not detected: local numbers without area code, short codes, letters in place of digits (1-800-FLOWERS), numbers split over messages, national numbers of other countries or without a country, national numbers behind words that announce another number (“order”, “invoice”, “ticket”, “reference”, “reservation”, “booking”, “account”, “customer”, “member”, “id”, “#” and the like), and national numbers with commas between their groups, unless they are said digit by digit, begin with a zero or follow words such as “my number is”.',
  },
  NAME: { label: 'Names', masks: 'Of people.' },
  ADDRESS: { label: 'Addresses', masks: 'Where someone lives or works.' },
  DATE_OF_BIRTH: { label: 'Dates of birth', masks: 'When someone was born.' },
  ID_NUMBER: { label: 'Identity numbers', masks: 'Of passports, social security, customers.' },
  HEALTH: { label: 'Health', masks: 'What someone says about their health.' },
  PASSWORD: { label: 'Passwords and PINs', masks: 'And answers to security questions.' },
  OTHER: { label: 'Other', masks: 'Anything else that was marked.' },
};
