/** 115 days. A longer claim is damaged or crafted; the limit keeps milliseconds exact. */
export const MAX_DURATION_SECONDS = 10_000_000;

/** To the millisecond; null if unknown, negative or too long. */
export function saneSeconds(seconds: number | null): number | null {
  if (seconds === null || !(seconds >= 0 && seconds <= MAX_DURATION_SECONDS)) return null;
  return Math.round(seconds * 1000) / 1000;
}
