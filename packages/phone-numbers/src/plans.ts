import { isSupportedCountry, Metadata, parsePhoneNumberFromString } from 'libphonenumber-js';
import { Metadata as FullMetadata } from 'libphonenumber-js/max';
import { BareFormats, type Format } from './bare-formats.ts';

/** The library's metadata of a country, most of which its types omit. */
interface Plan {
  nationalNumberPattern(): string;
  leadingDigits(): string | undefined;
  possibleLengths(): readonly number[];
  /** 0 for some countries without a prefix. */
  nationalPrefix(): string | 0 | undefined;
  nationalPrefixForParsing(): string | undefined;
  nationalPrefixTransformRule(): string | undefined;
  formats(): readonly Format[];
  type(name: string): { pattern(): string | undefined } | undefined;
}
interface Plans {
  readonly numberingPlan: Plan;
  hasCallingCode(code: string): boolean;
  selectNumberingPlan(countryOrCode: string): void;
  getCountryCodesForCallingCode(code: string): readonly string[] | undefined;
}

export interface NumberPlan {
  /** A bit for each number of digits that may follow the country code. */
  readonly lengths: number;
  /** The first digit of a national prefix that is inserted by mistake, as in +49 (0)30. */
  readonly trunkDigit: number;
  isValid(national: string): boolean;
}

export interface NationalPlan {
  /** With the national prefix. */
  readonly longest: number;
  readonly shortest: number;
  isValid(written: string): boolean;
  /** True if digits have the length of a number after its prefix, or the usual groups of the country. */
  isPossible(written: string, groups: readonly number[]): boolean;
}

const TYPES = [
  ...['FIXED_LINE', 'MOBILE', 'PREMIUM_RATE', 'TOLL_FREE', 'SHARED_COST'],
  ...['VOIP', 'PERSONAL_NUMBER', 'PAGER', 'UAN', 'VOICEMAIL'],
];
const MAX_CODE_DIGITS = 3;

const METADATA = new Metadata() as unknown as Plans;
const FULL_METADATA = new FullMetadata() as unknown as Plans;
const KNOWN: (NumberPlan | null | undefined)[] = [];

export function planAt(
  digits: Uint8Array,
  first: number,
): { readonly plan: NumberPlan; readonly codeLength: number } | null {
  let code = 0;
  for (let length = 1; length <= MAX_CODE_DIGITS; length += 1) {
    const digit = digits[first + length - 1];
    if (digit === undefined || (length === 1 && digit === 0)) return null;
    code = code * 10 + digit;
    let plan = KNOWN[code];
    if (plan === undefined) {
      plan = METADATA.hasCallingCode(String(code)) ? readPlan(String(code)) : null;
      KNOWN[code] = plan;
    }
    if (plan) return { plan, codeLength: length };
  }
  return null;
}

/** Repeats the library's check in a fraction of its time: a text may have 100,000 candidates. */
function readPlan(code: string): NumberPlan {
  const countries = METADATA.getCountryCodesForCallingCode(code) ?? [code];
  const patterns = countries.map((country) => patternOf(select(country)));
  const valid = new RegExp(`^(?:${patterns.join('|')})$`);
  const lengths = countries.flatMap((country) => select(country).possibleLengths());
  const main = select(code);
  const prefix = main.nationalPrefixForParsing();
  const prefixPattern = prefix ? new RegExp(`^(?:${prefix})`) : null;
  const transform = main.nationalPrefixTransformRule();
  const withoutPrefix = (national: string) => {
    const match = prefixPattern?.exec(national);
    if (!match || !prefixPattern) return national;
    const isRewritten = transform && match.length > 1 && match.at(-1);
    if (isRewritten) return national.replace(prefixPattern, transform);
    return national.slice(match[0].length);
  };
  const mask = lengths.reduce((bits, length) => bits | (1 << length), 0);
  return {
    // Excludes carrier codes, which have several digits, and rules that change the length of a number.
    lengths: transform || prefix !== main.nationalPrefix() ? widen(mask) : mask,
    trunkDigit: Number((main.nationalPrefix() || '')[0] ?? Number.NaN),
    isValid: (national) => valid.test(national) || valid.test(withoutPrefix(national)),
  };
}

const NATIONAL = new Map<string, NationalPlan | null>();
/** Numbers of this length may be written without their prefix. */
const MIN_BARE_DIGITS = 10;
const MIN_NATIONAL_DIGITS = 7;
/** Longer than other numbers that begin with a zero. */
const MIN_POSSIBLE_DIGITS = 9;
const NORTH_AMERICAN = /^(?:1,)?3,3,4$/;

/** `country` is an ISO 3166-1 alpha-2 code; null if the library has none. */
export function nationalPlanOf(country: string): NationalPlan | null {
  const known = NATIONAL.get(country);
  if (known !== undefined) return known;
  const plan = isSupportedCountry(country) ? readNationalPlan(country) : null;
  NATIONAL.set(country, plan);
  return plan;
}

function readNationalPlan(country: string): NationalPlan {
  const plan = select(country);
  const valid = new RegExp(`^(?:${patternOf(plan)})$`);
  const mobile = new RegExp(`^(?:${mobilePatternOf(country)})$`);
  const bare = new BareFormats(plan.formats());
  // 0 for countries without a prefix.
  const prefix = String(plan.nationalPrefix() || '');
  // North American numbers are mostly written without their 1.
  const isOptional = prefix === '' || prefix === '1';
  const lengths = plan.possibleLengths();
  return {
    longest: Math.max(...lengths) + prefix.length,
    shortest: Math.max(MIN_NATIONAL_DIGITS, Math.min(...lengths)),
    isValid(written) {
      if (prefix !== '' && written.startsWith(prefix) && valid.test(written.slice(prefix.length))) {
        return true;
      }
      if (isOptional) return valid.test(written);
      // Ten digits that begin with 1 may also be Unix timestamps.
      const isUsual = bare.has(written) || !written.startsWith('1');
      return written.length >= MIN_BARE_DIGITS && isUsual && mobile.test(written);
    },
    isPossible(written, groups) {
      if (prefix === '1') return NORTH_AMERICAN.test(groups.join());
      const national = written.length - prefix.length;
      const hasPrefix = prefix !== '' && written.startsWith(prefix);
      if (hasPrefix && national >= MIN_POSSIBLE_DIGITS && lengths.includes(national)) return true;
      return written.length >= MIN_BARE_DIGITS && bare.hasGroups(written, groups);
    },
  };
}

function mobilePatternOf(country: string): string {
  FULL_METADATA.selectNumberingPlan(country);
  return FULL_METADATA.numberingPlan.type('MOBILE')?.pattern() || '(?!)';
}

const MAX_PREFIX_DIGITS = 5;

function widen(lengths: number): number {
  let wide = lengths;
  for (let more = 1; more <= MAX_PREFIX_DIGITS; more += 1) wide |= lengths << more;
  return wide;
}

function select(countryOrCode: string): Plan {
  METADATA.selectNumberingPlan(countryOrCode);
  return METADATA.numberingPlan;
}

/** Countries that share a code differ in the first digits or the types of their numbers. */
function patternOf(plan: Plan): string {
  const types = TYPES.flatMap((type) => plan.type(type)?.pattern() || []);
  const pattern = plan.nationalNumberPattern();
  const leading = plan.leadingDigits();
  const start = leading ? `(?=${leading})` : '';
  if (types.length === 0) return `${start}(?:${pattern})`;
  return `${start}(?=(?:${pattern})$)(?:${types.join('|')})`;
}

export interface NationalParts {
  readonly code: string;
  readonly national: string;
  readonly prefix: string;
  /** May contain other digits than the number: `011 15…` for +54 9 11…. */
  readonly written: string;
  readonly plan: NationalPlan | null;
}

/** null for a number in E.164 with an unknown country code. */
export function nationalPartsOf(e164: string): NationalParts | null {
  const found = parsePhoneNumberFromString(e164, { extract: false });
  if (!found) return null;
  const { countryCallingCode: code, nationalNumber: national, country } = found;
  return {
    code,
    national,
    prefix: String(select(country ?? code).nationalPrefix() || ''),
    written: found.formatNational().replace(/[^0-9]+/g, ''),
    plan: country === undefined ? null : nationalPlanOf(country),
  };
}
