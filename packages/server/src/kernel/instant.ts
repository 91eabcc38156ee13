const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
/** The most common form. Matches only valid timestamps, whose digits can be read by their places. */
const COMMON =
  /^(?!00)\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/;
const ZERO = 0x30;
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
  COMMON.test(text) || parseInstant(text) !== null;

/** A tenth of the time of the general form. */
function parseCommon(text: string): number {
  const two = (at: number) => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 11 * ZERO;
  const milliseconds = text.length === 24 ? (text.charCodeAt(20) - ZERO) * 100 + two(21) : 0;
  const [year, month, day] = [two(0) * 100 + two(2), two(5) - 1, two(8)];
  return Date.UTC(year, month, day, two(11), two(14), two(17), milliseconds);
}

export function timestampText(instant: number): string {
  if (instant < MIN_INSTANT) return '-infinity';
  return instant > MAX_INSTANT ? 'infinity' : new Date(instant).toISOString();
}

export function formatInstant(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}
