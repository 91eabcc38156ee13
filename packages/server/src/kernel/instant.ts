const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
/** As most programs write it; Date.parse reads this form in a tenth of the time. */
const COMMON = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{3})?Z$/;
const FIRST = -62_135_596_800_000; // 0001-01-01T00:00:00.000Z
const LAST = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z
/** The first and the last that can be given or taken, in milliseconds since 1970. */
export const MIN_INSTANT = FIRST;
export const MAX_INSTANT = LAST;

/**
 * Milliseconds since 1970 of an RFC 3339 timestamp, finer digits cut off; null for anything else:
 * no offset, a day or second that does not exist (`:60` included), a year that is not 1 to 9999 in
 * UTC.
 */
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
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = (field(9) * 60 + field(10)) * 60_000 * (match[8] === '-' ? -1 : 1);
  const time = ((field(4) * 60 + field(5)) * 60 + field(6)) * 1000 + milliseconds;
  const instant = date.getTime() + time - offset;
  return instant >= FIRST && instant <= LAST ? instant : null;
}

function parseCommon(text: string): number | null {
  const instant = Date.parse(text);
  const day = Number(text.slice(8, 10));
  // Date.parse takes February 30 for March 2.
  const isThere = day <= 28 || new Date(instant).getUTCDate() === day;
  return isThere && instant >= FIRST ? instant : null;
}

/** As PostgreSQL takes it, `infinity` beyond the years that it is ever asked for. */
export function timestampText(instant: number): string {
  if (instant < FIRST) return '-infinity';
  return instant > LAST ? 'infinity' : new Date(instant).toISOString();
}

/** RFC 3339 in UTC, with three digits of a second's fraction only where it is not zero. */
export function formatInstant(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}
