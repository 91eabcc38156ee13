/** An instant as the browser's field has it: by the reader's clock, to the minute. */
export function localOf(instant: string | undefined): string {
  if (instant === undefined) return '';
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The instant that the browser's field says; undefined where it is empty. */
export const instantOf = (local: string): string | undefined =>
  local === '' ? undefined : new Date(local).toISOString();
