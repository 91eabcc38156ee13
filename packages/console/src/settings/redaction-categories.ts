import type { InputOf } from '@colloquy/sdk';

export type Category = InputOf<'PutRedaction'>['Categories'][number];

/** What is found by patterns, and what somebody marks. */
export const FOUND: readonly Category[] = ['CARD', 'IBAN', 'EMAIL', 'PHONE'];
export const MARKED: readonly Category[] = [
  ...(['NAME', 'ADDRESS', 'DATE_OF_BIRTH', 'ID_NUMBER', 'HEALTH', 'PASSWORD', 'OTHER'] as const),
];

/** What each is called, and what it masks. */
export const CATEGORY_WORDS: Readonly<
  Record<Category, { readonly label: string; readonly masks: string }>
> = {
  CARD: {
    label: 'Payment cards',
    masks: 'Card numbers of 13 to 19 digits with a valid check digit, with or without gaps.',
  },
  IBAN: { label: 'Bank accounts', masks: 'IBANs with valid check digits.' },
  EMAIL: { label: 'E-mail addresses', masks: 'Such as ada@example.com.' },
  PHONE: { label: 'Phone numbers', masks: 'Possible numbers with a country code.' },
  NAME: { label: 'Names', masks: 'Of people.' },
  ADDRESS: { label: 'Addresses', masks: 'Where someone lives or works.' },
  DATE_OF_BIRTH: { label: 'Dates of birth', masks: 'When someone was born.' },
  ID_NUMBER: { label: 'Identity numbers', masks: 'Of passports, social security, customers.' },
  HEALTH: { label: 'Health', masks: 'What someone says about their health.' },
  PASSWORD: { label: 'Passwords and PINs', masks: 'And answers to security questions.' },
  OTHER: { label: 'Other', masks: 'Anything else that was marked.' },
};
