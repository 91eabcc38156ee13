const DAY = 86_400_000;
const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['hour', 3_600_000],
  ['minute', 60_000],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

/** "5 min. ago"; null after a week, when the date says more. */
export function formatRelativeTime(at: number, now: number): string | null {
  const away = at - now;
  if (Math.abs(away) >= 7 * DAY) return null;
  if (Math.abs(away) >= DAY) {
    // By calendar days: 25 hours ago may be the day before yesterday.
    const days = Math.round((midnightBefore(at) - midnightBefore(now)) / DAY);
    return relative.format(days, 'day');
  }
  for (const [unit, length] of STEPS) {
    if (Math.abs(away) >= length) return relative.format(Math.round(away / length), unit);
  }
  return Math.abs(away) < 10_000 ? 'just now' : relative.format(Math.round(away / 1000), 'second');
}

const midnightBefore = (at: number): number => new Date(at).setHours(0, 0, 0, 0);
