const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
/** The most common form, which Date.parse reads in a tenth of the time. */
const COMMON = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{3})?Z$/;
/** Matches only valid timestamps, so they need not be parsed. */
const COMMON_VALID =
  /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/;
// The supported range, in milliseconds since 1970.
export const MIN_INSTANT = -62_135_596_800_000; // 0001-01-01T00:00:00.000Z
export const MAX_INSTANT = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z

/** Milliseconds since 1970 of an RFC 3339 timestamp; null for others, `:60` and other years. */
export function parseInstant(text: string): number | null {
  if (COMMON.test(text)) return parseCommon(text);
  const match = RFC_3339.exec(text);
  if (!match) return null;
  const field = (index: number) => Number(match[index] ?? 0);
  const [year, month, day] = [field(1), field(2), field(3)];
  if (field(4) > 23 || field(5) > 59 || field(6) > 59 || field(9) > 23 || field(10) > 59) {
    return null;
  }
  const date = new Date(0);
  // Date.UTC would interpret years 0 to 99 as 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = (field(9) * 60 + field(10)) * 60_000 * (match[8] === '-' ? -1 : 1);
  const time = ((field(4) * 60 + field(5)) * 60 + field(6)) * 1000 + milliseconds;
  const instant = date.getTime() + time - offset;
  return instant >= MIN_INSTANT && instant <= MAX_INSTANT ? instant : null;
}

/** True if `parseInstant` accepts the text; faster for common forms. */
export const isInstant = (text: string): boolean =>
  COMMON_VALID.test(text) || parseInstant(text) !== null;

function parseCommon(text: string): number | null {
  const instant = Date.parse(text);
  const day = Number(text.slice(8, 10));
  // Date.parse accepts February 30 as March 2.
  const isThere = day <= 28 || new Date(instant).getUTCDate() === day;
  return isThere && instant >= MIN_INSTANT ? instant : null;
}

export function timestampText(instant: number): string {
  if (instant < MIN_INSTANT) return '-infinity';
  return instant > MAX_INSTANT ? 'infinity' : new Date(instant).toISOString();
}

export function formatInstant(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}
