const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A stretch of time that is added (1) or taken away (-1); `to` is excluded. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly sign: 1 | -1;
}

/** A range as whole buckets, and pieces of hours at its ends. */
export interface Cover {
  readonly buckets: readonly (Part & { readonly grain: 'hour' | 'day' | 'month' | 'all' })[];
  /** The hours that the buckets come to. */
  readonly hours: { readonly from: number; readonly to: number };
  readonly edges: readonly Part[];
}

/**
 * Covers `from` to `to` (excluded; infinite where unbounded) by few buckets: each end goes to the
 * hour, the day and the month that is nearest, before or after it, and what that adds is taken away
 * again. So there are at most 24 hours and 32 days at both ends together, and half hours at the edges.
 * Where the range is short, more would be taken away than is saved: its hours or days are it.
 */
export function coverRange(from: number, to: number): Cover {
  if (from === -Infinity && to === Infinity) {
    return { buckets: [{ grain: 'all', from, to, sign: 1 }], hours: { from, to }, edges: [] };
  }
  const hours = { from: nearest(from, HOUR), to: nearest(to, HOUR) };
  if (hours.from >= hours.to) {
    const nothing = { buckets: [], hours: { from: 0, to: 0 } };
    return { ...nothing, edges: from < to ? [{ from, to, sign: 1 }] : [] };
  }
  const days = { from: nearest(hours.from, DAY), to: nearest(hours.to, DAY) };
  const months = { from: nearestMonth(days.from), to: nearestMonth(days.to) };
  const edges = [...between(from, hours.from), ...between(hours.to, to)];
  const of = (grain: 'hour' | 'day' | 'month', parts: readonly Part[]) =>
    parts.map((part) => ({ grain, ...part }));
  if (days.from >= days.to || hours.to - hours.from <= DAY / 2) {
    return { buckets: of('hour', between(hours.from, hours.to)), hours, edges };
  }
  const ofHours = [...between(hours.from, days.from), ...between(days.to, hours.to)];
  if (months.from >= months.to || days.to - days.from <= 15 * DAY) {
    const ofDays = between(days.from, days.to);
    return { buckets: [...of('day', ofDays), ...of('hour', ofHours)], hours, edges };
  }
  const ofDays = [...between(days.from, months.from), ...between(months.to, days.to)];
  const ofMonths = between(months.from, months.to);
  const buckets = [...of('month', ofMonths), ...of('day', ofDays), ...of('hour', ofHours)];
  return { buckets, hours, edges };
}

/** The way from one instant to another, backwards where the other comes first. */
function between(from: number, to: number): Part[] {
  if (from === to) return [];
  return from < to ? [{ from, to, sign: 1 }] : [{ from: to, to: from, sign: -1 }];
}

// An infinite end passes through every rounding as it is.
const nearest = (instant: number, unit: number) => Math.round(instant / unit) * unit;

function nearestMonth(instant: number): number {
  if (!Number.isFinite(instant)) return instant;
  const [before, after] = [monthStart(instant, 0), monthStart(instant, 1)];
  return instant - before < after - instant ? before : after;
}

function monthStart(instant: number, monthsLater: number): number {
  const date = new Date(Math.floor(instant / DAY) * DAY);
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + monthsLater);
  return date.getTime();
}
