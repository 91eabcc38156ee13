/** An instant as the value of a `datetime-local` input: local, to the minute. */
export function toLocalInput(instant: string | null | undefined): string {
  if (instant == null) return '';
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The instant of such an input; `before` if the input still shows it to the minute. */
export const toExactInstant = <T extends string | null | undefined>(
  local: string,
  before: T,
): string | null | T => (local === toLocalInput(before) ? before : toInstant(local));

/** The instant of such an input; null if empty. */
export const toInstant = (local: string): string | null =>
  local === '' ? null : new Date(local).toISOString();
