import { BUCKETS } from '@colloquy/wire';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { bucketsOf } from './buckets.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Zones with half-hour offsets, changes off the hour, and skipped or repeated dates. */
const ZONES = [
  'Europe/Berlin',
  'America/Havana',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Antarctica/Casey',
  'Asia/Gaza',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'America/St_Johns',
] as const;

function changesOf(zone: string, from: string, to: string): number[] {
  const found: number[] = [];
  let at = Temporal.Instant.from(from).toZonedDateTimeISO(zone).getTimeZoneTransition('next');
  while (at !== null && at.epochMilliseconds <= Date.parse(to)) {
    found.push(at.epochMilliseconds);
    at = at.getTimeZoneTransition('next');
  }
  return found;
}

describe('buckets around a change of the UTC offset', () => {
  it.each(ZONES)('buckets in %s are gapless and begin with the one that contains From', (zone) => {
    for (const change of changesOf(zone, '2010-06-01T00:00:00Z', '2026-12-31T00:00:00Z')) {
      for (let quarter = -6; quarter <= 6; quarter += 1) {
        const from = change + quarter * 15 * MINUTE + 1;
        for (const bucket of BUCKETS) {
          const to = from + (bucket === 'Hour' ? 3 * HOUR : 40 * 24 * HOUR);
          const where = `${bucket} from ${new Date(from).toISOString()}`;
          const { starts, end } = attempt(() => bucketsOf(bucket, zone, from, to)) ?? {};
          if (starts === undefined || end === undefined) continue;
          const edges = [...starts, end];
          expect(edges[0], where).toBeLessThanOrEqual(from);
          expect(edges[1], where).toBeGreaterThan(from);
          expect(edges, where).toEqual([...new Set(edges)].sort((a, b) => a - b));
          expect(end, where).toBeGreaterThanOrEqual(to);
          expect(edges.at(-2), where).toBeLessThan(to);
          if (bucket !== 'Hour') continue;
          for (const [at, start] of starts.entries()) {
            expect((edges[at + 1] ?? 0) - start, where).toBeLessThanOrEqual(HOUR);
          }
        }
      }
    }
  });

  /** Undefined if a bucket would not begin on a quarter of an hour, which is refused. */
  function attempt<T>(make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      expect(String(error)).toMatch('was not a whole quarter of an hour');
      return undefined;
    }
  }

  it('the first hour bucket contains From if the hour began before the change', () => {
    const from = Date.parse('2025-09-27T14:00:00Z');
    const { starts } = bucketsOf('Hour', 'Pacific/Chatham', from, from + 2 * HOUR);
    expect(starts[0]).toBe(from);
  });
});

describe('the range of buckets', () => {
  it('a range of 8,900 years is refused for its number of buckets, in every unit', () => {
    for (const bucket of BUCKETS) {
      const [from, to] = [Date.parse('0100-01-01T00:00:00Z'), Date.parse('9000-01-01T00:00:00Z')];
      expect(() => bucketsOf(bucket, 'Europe/Berlin', from, to)).toThrow(
        'into more than 750 intervals',
      );
    }
    const month = () =>
      bucketsOf(
        'Month',
        'UTC',
        Date.parse('1900-01-01T00:00:00Z'),
        Date.parse('2026-01-01T00:00:00Z'),
      );
    expect(month).toThrow('choose a shorter range');
  });
});
