/**
 * SQL that truncates a timestamptz to a unit in UTC. Unlike `date_trunc` of a timestamptz it is immutable:
 * it does not depend on the time zone of the session, which Citus does not pass on to its workers.
 */
export const truncateUtc = (unit: 'hour' | 'day' | 'month', timestamp: string): string =>
  `date_trunc('${unit}', ${timestamp} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'`;
