import { type NationalParts, nationalPartsOf } from '@colloquy/phone-numbers/plans';

export interface PhoneForm {
  readonly digits: string;
  readonly isInternational: boolean;
  readonly prefixLength: number;
  /** The digits of the E.164 number. */
  readonly international: string;
  /** Tests the sizes of groups; absent: any sizes. */
  readonly isWritten?: (groups: readonly number[]) => boolean;
}

const MIN_NATIONAL_DIGITS = 7;
const MIN_BARE_DIGITS = 8;
/** Shorter ones may be other numbers of the country. */
const MIN_REWRITTEN_DIGITS = 10;

/** With the country code, also followed by the national prefix (`+49 (0)30`), and national (`030`). */
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
  const isNational = !isOptional && prefix.length + national.length >= MIN_NATIONAL_DIGITS;
  return [
    form(code, national, true),
    ...(isOptional ? [] : [form(code + prefix, national, true)]),
    ...(isNational ? [form(prefix, national, false)] : []),
    ...bareForms(parts, form),
    ...rewrittenForms(parts, form),
  ];
}

type MakeForm = (prefix: string, national: string, isInternational: boolean) => PhoneForm;

/** In North America it equals the country code. */
const isOptionalPrefix = ({ code, prefix }: NationalParts) => prefix === '' || prefix === code;

/** Without a prefix: for countries that have none, and as masking reads foreign numbers. */
function bareForms(parts: NationalParts, form: MakeForm): PhoneForm[] {
  const { national, plan } = parts;
  const bare = form('', national, false);
  if (isOptionalPrefix(parts)) return national.length >= MIN_BARE_DIGITS ? [bare] : [];
  if (!plan) return [];
  if (plan.isValid(national)) return [bare];
  return [{ ...bare, isWritten: (groups) => plan.isPossible(national, groups) }];
}

/** For national digits that differ from international ones, as in Argentinian mobile numbers. */
function rewrittenForms({ code, national, prefix, written }: NationalParts, form: MakeForm) {
  const hasPrefix = prefix !== '' && written.startsWith(prefix);
  const own = hasPrefix ? written.slice(prefix.length) : written;
  if (own.endsWith(national) || own.length < MIN_REWRITTEN_DIGITS) return [];
  const local = hasPrefix ? [form(prefix, own, false)] : [];
  return [...local, form('', own, false), form(code, own, true)];
}
