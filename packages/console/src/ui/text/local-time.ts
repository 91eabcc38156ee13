/** An instant of the API as the browser's field for date and time has it: local, to the minute. */
export function localOf(instant: string | null | undefined): string {
  if (instant == null) return '';
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The instant of such a field; null where it is empty. */
export const instantOf = (local: string): string | null =>
  local === '' ? null : new Date(local).toISOString();
