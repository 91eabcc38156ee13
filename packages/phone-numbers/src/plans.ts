import { isSupportedCountry, Metadata, parsePhoneNumberFromString } from 'libphonenumber-js';
import { Metadata as FullMetadata } from 'libphonenumber-js/max';
import { BareFormats, type Format } from './bare-formats.ts';

/** What the library knows of the numbers of a country; its types leave most of it out. */
interface Plan {
  nationalNumberPattern(): string;
  leadingDigits(): string | undefined;
  possibleLengths(): readonly number[];
  /** 0 for some countries without one. */
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

/** The numbers behind one country code. */
export interface NumberPlan {
  /** A bit for each number of digits that may follow the country code. */
  readonly lengths: number;
  /** The first digit of what is written between them by mistake, as in +49 (0)30. */
  readonly trunkDigit: number;
  isValid(national: string): boolean;
}

/** The numbers of one country as they are written there. */
export interface NationalPlan {
  /** The longest and the shortest number, with what stands before it. */
  readonly longest: number;
  readonly shortest: number;
  /** Whether these digits, with the national prefix if the country has one, are a number. */
  isValid(written: string): boolean;
  /** Whether they are as long as a number behind its prefix, or are grouped as the country's numbers are. */
  isPossible(written: string, groups: readonly number[]): boolean;
}

const TYPES = [
  ...['FIXED_LINE', 'MOBILE', 'PREMIUM_RATE', 'TOLL_FREE', 'SHARED_COST'],
  ...['VOIP', 'PERSONAL_NUMBER', 'PAGER', 'UAN', 'VOICEMAIL'],
];
const MAX_CODE_DIGITS = 3;

const METADATA = new Metadata() as unknown as Plans;
/** Knows the mobile numbers of every country. */
const FULL_METADATA = new FullMetadata() as unknown as Plans;
/** By country code as a number; undefined: not asked for yet. */
const KNOWN: (NumberPlan | null | undefined)[] = [];

/** The plan of the numbers that digits begin with the country code of, and how long that is. */
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

/**
 * The library's check, from its own patterns: it takes microseconds for each number where these take
 * a part of one, and a text may have a hundred thousand.
 */
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
    return isRewritten
      ? national.replace(prefixPattern, transform)
      : national.slice(match[0].length);
  };
  const mask = lengths.reduce((bits, length) => bits | (1 << length), 0);
  return {
    // Codes of carriers are longer than a digit, and a rule that rewrites numbers changes their length.
    lengths: transform || prefix !== main.nationalPrefix() ? widen(mask) : mask,
    trunkDigit: Number((main.nationalPrefix() || '')[0] ?? Number.NaN),
    isValid: (national) => valid.test(national) || valid.test(withoutPrefix(national)),
  };
}

const NATIONAL = new Map<string, NationalPlan | null>();
/** A number that is as long as this may be written without its prefix. */
const MIN_BARE_DIGITS = 10;
const MIN_NATIONAL_DIGITS = 7;
/** Not as short as other numbers that begin with a zero. */
const MIN_POSSIBLE_DIGITS = 9;
const NORTH_AMERICAN = /^(?:1,)?3,3,4$/;

/** The plan of a country (ISO 3166-1 alpha-2); null if the library knows none. */
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
  // The library says 0, a number, of countries that have none.
  const prefix = String(plan.nationalPrefix() || '');
  // Numbers of North America are mostly written without their 1.
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
      // Ten digits that begin with a one are times of computers, too.
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

/** Countries that share a code are told apart by the first digits or the types of their numbers. */
function patternOf(plan: Plan): string {
  const types = TYPES.flatMap((type) => plan.type(type)?.pattern() || []);
  const pattern = plan.nationalNumberPattern();
  const leading = plan.leadingDigits();
  const start = leading ? `(?=${leading})` : '';
  return (
    start + (types.length === 0 ? `(?:${pattern})` : `(?=(?:${pattern})$)(?:${types.join('|')})`)
  );
}

/** The digits of a number and how its country writes them. */
export interface NationalParts {
  readonly code: string;
  readonly national: string;
  /** What its country mostly writes before it. */
  readonly prefix: string;
  /** As its country writes it, which may have other digits within: `011 15…` for +54 9 11…. */
  readonly written: string;
  readonly plan: NationalPlan | null;
}

/** null if the library does not know the country code of a number in E.164. */
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
