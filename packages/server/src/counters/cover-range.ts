const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Added (1) or subtracted (-1); `to` is exclusive. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly sign: 1 | -1;
}

export interface Cover {
  readonly buckets: readonly (Part & { readonly grain: 'hour' | 'day' | 'month' | 'all' })[];
  readonly hours: { readonly from: number; readonly to: number };
  readonly edges: readonly Part[];
}

/**
 * Rounds each end to the nearest hour, day and month, and subtracts the excess: at most 24 hours
 * and 32 days, and half an hour at each edge. For short ranges, subtracting would take more.
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

/** Negative if `to` is before `from`. */
function between(from: number, to: number): Part[] {
  if (from === to) return [];
  return from < to ? [{ from, to, sign: 1 }] : [{ from: to, to: from, sign: -1 }];
}

// Infinity stays unchanged by rounding.
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
