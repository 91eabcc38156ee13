import { nationalPartsOf } from '@colloquy/phone-numbers/plans';

/** The digits of a number as they are written in one way. */
export interface PhoneForm {
  readonly digits: string;
  /** With its country code. */
  readonly isInternational: boolean;
  /** How many of the digits come before the national number. */
  readonly prefixLength: number;
  /** The digits of the number in E.164. */
  readonly international: string;
}

const MIN_NATIONAL_DIGITS = 7;
/** Without any prefix. */
const MIN_BARE_DIGITS = 8;

/**
 * The ways in which the digits of a number are written: with the country code, also with the national
 * prefix behind it (`+49 (0)30`), and as in its country (`030`).
 */
export function phoneFormsOf(e164: string): readonly PhoneForm[] {
  const international = e164.slice(1);
  const parts = nationalPartsOf(e164);
  const form = (prefix: string, national: string, isInternational: boolean): PhoneForm => ({
    digits: prefix + national,
    isInternational,
    prefixLength: prefix.length,
    international,
  });
  if (!parts) return [form('', international, true)];
  const { code, national, prefix } = parts;
  // The one of North America is the country code too, and mostly left out.
  const isOptional = prefix === '' || prefix === code;
  return [
    form(code, national, true),
    ...(isOptional ? [] : [form(code + prefix, national, true)]),
    ...(isOptional || prefix.length + national.length < MIN_NATIONAL_DIGITS
      ? []
      : [form(prefix, national, false)]),
    ...(isOptional && national.length >= MIN_BARE_DIGITS ? [form('', national, false)] : []),
  ];
}
