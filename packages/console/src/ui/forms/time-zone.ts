export const UNKNOWN_ZONE =
  'Not a known time zone. Choose one from the list, such as Europe/Berlin.';

const wordsOf = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, ' ');
const placeOf = (zone: string) => zone.slice(zone.lastIndexOf('/') + 1);

export function findTimeZone(text: string): string | null {
  const meant = wordsOf(text);
  const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  const named = zones.find((zone) => wordsOf(zone) === meant);
  if (named !== undefined) return named;
  const placed = zones.filter((zone) => wordsOf(placeOf(zone)) === meant);
  if (placed.length === 1) return placed[0] ?? null;
  // A zone that browsers know by an older name, such as Asia/Kolkata.
  const given = text.trim();
  return /^[a-z]/i.test(given) && isKnown(given) ? given : null;
}

function isKnown(timeZone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone }));
  } catch {
    return false;
  }
}
