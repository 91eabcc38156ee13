export const readText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** An RFC 3339 instant, unchanged. */
export const readInstant = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
