import { type NationalParts, nationalPartsOf } from '@colloquy/phone-numbers/plans';

/** The digits of a number as they are written in one way. */
export interface PhoneForm {
  readonly digits: string;
  /** With its country code. */
  readonly isInternational: boolean;
  /** How many of the digits come before the national number. */
  readonly prefixLength: number;
  /** The digits of the number in E.164. */
  readonly international: string;
  /** Whether it is written in groups of so many digits; absent: in any. */
  readonly isWritten?: (groups: readonly number[]) => boolean;
}

const MIN_NATIONAL_DIGITS = 7;
/** Without any prefix. */
const MIN_BARE_DIGITS = 8;
/** Shorter ones may be other numbers of the country. */
const MIN_REWRITTEN_DIGITS = 10;

/**
 * The ways in which the digits of a number are written: with the country code, also with the national
 * prefix behind it (`+49 (0)30`), and as in its country (`030`).
 */
export function phoneFormsOf(e164: string): readonly PhoneForm[] {
  const international = e164.slice(1);
  const parts = nationalPartsOf(e164);
  const form: MakeForm = (prefix, national, isInternational) => ({
    digits: prefix + national,
    isInternational,
    prefixLength: prefix.length,
    international,
  });
  if (!parts) return [form('', international, true)];
  const { code, national, prefix } = parts;
  const isOptional = isOptionalPrefix(parts);
  return [
    form(code, national, true),
    ...(isOptional ? [] : [form(code + prefix, national, true)]),
    ...(isOptional || prefix.length + national.length < MIN_NATIONAL_DIGITS
      ? []
      : [form(prefix, national, false)]),
    ...bareForms(parts, form),
    ...rewrittenForms(parts, form),
  ];
}

type MakeForm = (prefix: string, national: string, isInternational: boolean) => PhoneForm;

/** The one of North America is the country code too, and mostly left out. */
const isOptionalPrefix = ({ code, prefix }: NationalParts) => prefix === '' || prefix === code;

/** Without a prefix: where there is none, and as masking reads the numbers of other countries. */
function bareForms(parts: NationalParts, form: MakeForm): PhoneForm[] {
  const { national, plan } = parts;
  const bare = form('', national, false);
  if (isOptionalPrefix(parts)) return national.length >= MIN_BARE_DIGITS ? [bare] : [];
  if (!plan) return [];
  if (plan.isValid(national)) return [bare];
  return [{ ...bare, isWritten: (groups) => plan.isPossible(national, groups) }];
}

/** Where a country writes other digits than are dialed from abroad, as Argentina for mobile numbers. */
function rewrittenForms({ code, national, prefix, written }: NationalParts, form: MakeForm) {
  const hasPrefix = prefix !== '' && written.startsWith(prefix);
  const own = hasPrefix ? written.slice(prefix.length) : written;
  if (own.endsWith(national) || own.length < MIN_REWRITTEN_DIGITS) return [];
  const local = hasPrefix ? [form(prefix, own, false)] : [];
  return [...local, form('', own, false), form(code, own, true)];
}
