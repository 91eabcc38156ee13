/** 115 days. A file that claims more is damaged or crafted; the bound keeps milliseconds exact. */
export const MAX_DURATION_SECONDS = 10_000_000;

/** A duration to the millisecond; null if it is unknown, negative, not finite or absurd. */
export function saneSeconds(seconds: number | null): number | null {
  if (seconds === null || !(seconds >= 0 && seconds <= MAX_DURATION_SECONDS)) return null;
  return Math.round(seconds * 1000) / 1000;
}
