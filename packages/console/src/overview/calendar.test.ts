import { describe, expect, test } from 'vitest';
import { bucketsOf } from '../../../server/src/analytics/buckets.ts';
import { toPreviousRange, toRangeInput } from './calendar.ts';
import { RANGES, type Range } from './search.ts';

const NAMES = Object.keys(RANGES) as Range[];
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  // Summer time is half an hour ahead and begins at two.
  'Australia/Lord_Howe',
  // Changes at midnight.
  'Africa/Cairo',
  'America/Santiago',
];

/** The buckets that the API returns for the console's input. */
const made = (name: Range, now: number, zone: string) => {
  const { From, Bucket, TimeZone } = toRangeInput(name, now, zone);
  return bucketsOf(Bucket, TimeZone, Date.parse(From), now + 1);
};
const madeBefore = (name: Range, from: number, zone: string) => {
  const input = toPreviousRange(name, new Date(from).toISOString(), zone);
  return bucketsOf(input.Bucket, input.TimeZone, Date.parse(input.From), Date.parse(input.To));
};

function expectWhole(now: number, zone: string) {
  for (const name of NAMES) {
    const told = `${name} at ${new Date(now).toISOString()} in ${zone}`;
    const { starts, end } = made(name, now, zone);
    expect(starts.length, told).toBe(RANGES[name].count);
    expect(end, told).toBeGreaterThan(now);
    const [first = 0] = starts;
    const before = madeBefore(name, first, zone);
    expect(before.starts.length, `before ${told}`).toBe(RANGES[name].count);
    expect(before.end, `before ${told}`).toBe(first);
  }
}

describe('a range of the overview has its number of buckets', () => {
  test.each([
    ['2026-03-31T22:15:00Z', 'Europe/Berlin'],
    ['2026-10-28T22:30:00Z', 'Europe/Berlin'],
    ['2026-03-29T00:59:59Z', 'Europe/Berlin'],
    ['2026-10-25T00:30:00Z', 'Europe/Berlin'],
    ['2026-10-25T01:30:00Z', 'Europe/Berlin'],
    ['2026-11-30T20:00:00Z', 'Asia/Kolkata'],
    ['2026-12-01T03:00:00Z', 'America/New_York'],
    ['2027-01-01T05:00:00Z', 'Pacific/Pago_Pago'],
    ['2026-12-31T11:00:00Z', 'Pacific/Kiritimati'],
    ['2026-04-04T15:10:00Z', 'Australia/Lord_Howe'],
    ['2026-10-03T15:40:00Z', 'Australia/Lord_Howe'],
    ['2024-02-29T23:59:59.999Z', 'UTC'],
  ])('a range has its number of buckets at %s in %s', (now, zone) =>
    expectWhole(Date.parse(now), zone),
  );

  test.each(ZONES)('a range has its number of buckets at any time of a year in %s', (zone) => {
    // Covers every hour of the day and every day of the week.
    const step = 311 * 3_600_000 + 7 * 60_000;
    const begin = Date.parse('2026-01-01T00:00:00Z');
    for (let now = begin; now < begin + 366 * 86_400_000; now += step) expectWhole(now, zone);
  });

  test('a range of 7 days with a clock change starts at midnight', () => {
    const { starts } = made('7d', Date.parse('2026-03-31T22:15:00Z'), 'Europe/Berlin');
    expect(new Date(starts[0] ?? 0).toISOString()).toBe('2026-03-25T23:00:00.000Z');
  });
});
