/** Immutable, unlike `date_trunc` of a timestamptz, which depends on the session's time zone. */
export const truncateUtc = (unit: 'hour' | 'day' | 'month', timestamp: string): string =>
  `date_trunc('${unit}', ${timestamp} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'`;
