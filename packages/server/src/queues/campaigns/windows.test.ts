import { DAYS, type Day } from '@colloquy/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zoneName } from '../../kernel/time-zone.ts';
import { localDay, nextLocalMidnight, nextOpening, type Window, type Zones } from './windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NAMES: readonly string[] = DAYS;
const WORKDAYS = DAYS.slice(0, 5);

/** For example, `window('02:30-04:00', ['Sun'])`. */
function window(times: string, days: readonly Day[], timeZone: string | null = null): Window {
  const minutes = times.split('-').map((time) => {
    const [hour, minute] = time.split(':').map(Number);
    return (hour ?? 0) * 60 + (minute ?? 0);
  });
  return { days, from: minutes[0] ?? 0, to: minutes[1] ?? 0, timeZone };
}

const only = (recipient: string): Zones => ({ recipient, business: null });
const iso = (instant: number) =>
  Number.isFinite(instant) ? new Date(instant).toISOString().replace('.000Z', 'Z') : 'never';

function next(windows: readonly Window[], zones: Zones | string, from: string): string {
  const found = nextOpening(
    windows,
    typeof zones === 'string' ? only(zones) : zones,
    Date.parse(from),
  );
  return found === null ? 'none' : `${iso(found.opensAt)} ${iso(found.closesAt)}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

const isOpen = (windows: readonly Window[], zones: Zones, at: number) =>
  nextOpening(windows, zones, at)?.opensAt === at;

/** True if the wall clock, as Intl shows it, is within one of the windows. */
function isOpenByWallClock(windows: readonly Window[], zones: Zones, at: number): boolean {
  return windows.some((one) => {
    const timeZone = zones.recipient ?? one.timeZone ?? zones.business ?? 'UTC';
    let format = formats.get(timeZone);
    if (format === undefined) {
      const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
      format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', ...time });
      formats.set(timeZone, format);
    }
    const [, name, hour, minute] = /^(\w+),? (\d\d):(\d\d)$/.exec(format.format(at)) ?? [];
    const today = NAMES.indexOf(name ?? '');
    const isDay = (index: number) => one.days.some((day) => day === DAYS[(index + 7) % 7]);
    const reads = Number(hour) * 60 + Number(minute);
    if (one.to > one.from) return isDay(today) && reads >= one.from && reads < one.to;
    return (isDay(today) && reads >= one.from) || (isDay(today - 1) && reads < one.to);
  });
}

describe('openings', () => {
  const office = [window('09:00-17:30', WORKDAYS)];

  it('calls without windows are always allowed, and with windows without days never', () => {
    const at = '2026-06-01T00:00:00.001Z';
    expect(next([], 'Europe/Berlin', at)).toBe(`${at} never`);
    expect(isOpen([], only('Europe/Berlin'), 0)).toBe(true);
    expect(next([window('09:00-17:30', [])], 'Europe/Berlin', at)).toBe('none');
    expect(next([window('00:00-24:00', DAYS)], 'Europe/Berlin', at)).toBe(`${at} never`);
  });

  it('an opening includes its first millisecond and excludes its end', () => {
    const monday = '2026-06-01T07:00:00Z 2026-06-01T15:30:00Z';
    expect(next(office, 'Europe/Berlin', '2026-06-01T06:59:59.999Z')).toBe(monday);
    expect(next(office, 'Europe/Berlin', '2026-06-01T07:00:00Z')).toBe(monday);
    expect(next(office, 'Europe/Berlin', '2026-06-01T15:29:59.999Z')).toBe(
      '2026-06-01T15:29:59.999Z 2026-06-01T15:30:00Z',
    );
    expect(next(office, 'Europe/Berlin', '2026-06-01T15:30:00Z')).toBe(
      '2026-06-02T07:00:00Z 2026-06-02T15:30:00Z',
    );
    const open = (at: string) => isOpen(office, only('Europe/Berlin'), Date.parse(at));
    expect(open('2026-06-01T06:59:59.999Z')).toBe(false);
    expect(open('2026-06-01T07:00:00Z')).toBe(true);
    expect(open('2026-06-01T15:29:59.999Z')).toBe(true);
    expect(open('2026-06-01T15:30:00Z')).toBe(false);
  });

  it('an opening after a weekend respects a change of the UTC offset', () => {
    expect(next(office, 'Europe/Berlin', '2026-03-27T18:00:00Z')).toBe(
      '2026-03-30T07:00:00Z 2026-03-30T15:30:00Z',
    );
    expect(next(office, 'America/New_York', '2026-10-30T22:00:00Z')).toBe(
      '2026-11-02T14:00:00Z 2026-11-02T22:30:00Z',
    );
  });

  it('overlapping and adjacent windows form one opening, also over midnight', () => {
    const day = [window('08:00-12:00', ['Mon']), window('12:00-14:00', ['Mon'])];
    const both = [...day, window('13:00-18:00', ['Mon']), window('19:00-20:00', ['Mon'])];
    expect(next(both, 'UTC', '2026-06-01T00:00:00Z')).toBe(
      '2026-06-01T08:00:00Z 2026-06-01T18:00:00Z',
    );
    const weekend = [window('00:00-24:00', ['Sat', 'Sun']), window('22:00-00:00', ['Fri'])];
    expect(next([...weekend, window('00:00-06:00', ['Mon'])], 'UTC', '2026-06-03T00:00:00Z')).toBe(
      '2026-06-05T22:00:00Z 2026-06-08T06:00:00Z',
    );
  });

  it('a window uses the zone of the recipient, its own, that of the business, or UTC, in this order', () => {
    const own = [window('09:00-10:00', ['Mon'], 'Asia/Kolkata')];
    const none = [window('09:00-10:00', ['Mon'])];
    const opens = (windows: readonly Window[], recipient: string | null, business: string | null) =>
      next(windows, { recipient, business }, '2026-05-31T12:00:00Z').split('Z')[0];
    expect(opens(own, 'Asia/Tokyo', 'Asia/Dubai')).toBe('2026-06-01T00:00:00');
    expect(opens(own, null, 'Asia/Dubai')).toBe('2026-06-01T03:30:00');
    expect(opens(none, null, 'Asia/Dubai')).toBe('2026-06-01T05:00:00');
    expect(opens(none, null, null)).toBe('2026-06-01T09:00:00');
    expect(next([...own, ...none], { recipient: null, business: null }, '2026-06-01T04:00Z')).toBe(
      '2026-06-01T04:00:00Z 2026-06-01T04:30:00Z',
    );
  });

  it('an opening without an end in several zones is computed about 16 days ahead', () => {
    const halves = [window('00:00-12:00', DAYS), window('21:00-09:00', DAYS, 'Asia/Tokyo')];
    const from = Date.parse('2026-06-01T00:00:00Z');
    const found = nextOpening(halves, { recipient: null, business: null }, from);
    expect(found?.opensAt).toBe(from);
    expect(found?.closesAt).toBeGreaterThan(from + 15 * 24 * HOUR);
    expect(found?.closesAt).toBeLessThan(from + 17 * 24 * HOUR);
  });
});

describe('changes of the UTC offset', () => {
  it.each([
    // 02:00 becomes 03:00.
    ['Europe/Berlin', '02:30-04:00', 'Sun', '2026-03-29T01:00:00Z 2026-03-29T02:00:00Z'],
    ['Europe/Berlin', '01:30-02:30', 'Sun', '2026-03-29T00:30:00Z 2026-03-29T01:00:00Z'],
    ['Europe/Berlin', '01:30-04:00', 'Sun', '2026-03-29T00:30:00Z 2026-03-29T02:00:00Z'],
    // Skipped completely: the next one is a week later.
    ['Europe/Berlin', '02:00-03:00', 'Sun', '2026-04-05T00:00:00Z 2026-04-05T01:00:00Z'],
    ['Europe/Berlin', '22:00-02:00', 'Sat', '2026-03-28T21:00:00Z 2026-03-29T01:00:00Z'],
    ['Europe/Berlin', '22:00-02:30', 'Sat', '2026-03-28T21:00:00Z 2026-03-29T01:00:00Z'],
    ['Europe/Berlin', '22:00-03:30', 'Sat', '2026-03-28T21:00:00Z 2026-03-29T01:30:00Z'],
  ])('a clock put forward in %s leaves the window %s on %s at %s', (zone, times, day, expected) => {
    const days = DAYS.filter((one) => one === day);
    expect(next([window(times, days)], zone, '2026-03-28T12:00:00Z')).toBe(expected);
  });

  it('a window opens twice on the day when a clock is put back', () => {
    const short = [window('02:15-02:45', ['Sun'])];
    const [once, twice] = [
      '2026-10-25T00:15:00Z 2026-10-25T00:45:00Z',
      '2026-10-25T01:15:00Z 2026-10-25T01:45:00Z',
    ];
    expect(next(short, 'Europe/Berlin', '2026-10-24T12:00:00Z')).toBe(once);
    expect(next(short, 'Europe/Berlin', '2026-10-25T00:45:00Z')).toBe(twice);
    expect(next(short, 'Europe/Berlin', '2026-10-25T01:45:00Z')).toBe(
      '2026-11-01T01:15:00Z 2026-11-01T01:45:00Z',
    );
    // At 03:00 the clock shows 02:00 again: a window that ended at 02:30 opens again.
    const early = [window('01:00-02:30', ['Sun'])];
    expect(next(early, 'Europe/Berlin', '2026-10-24T12:00:00Z')).toBe(
      '2026-10-24T23:00:00Z 2026-10-25T00:30:00Z',
    );
    expect(next(early, 'Europe/Berlin', '2026-10-25T00:30:00Z')).toBe(
      '2026-10-25T01:00:00Z 2026-10-25T01:30:00Z',
    );
    expect(next([window('01:00-05:00', ['Sun'])], 'Europe/Berlin', '2026-10-24T12:00:00Z')).toBe(
      '2026-10-24T23:00:00Z 2026-10-25T04:00:00Z',
    );
  });

  it('windows follow the clock changes in New York and, by half an hour, on Lord Howe Island', () => {
    const night = [window('02:30-04:00', ['Sun'])];
    expect(next(night, 'America/New_York', '2026-03-07T12:00:00Z')).toBe(
      '2026-03-08T07:00:00Z 2026-03-08T08:00:00Z',
    );
    const half = [window('01:15-01:45', ['Sun'])];
    expect(next(half, 'America/New_York', '2026-11-01T05:45:00Z')).toBe(
      '2026-11-01T06:15:00Z 2026-11-01T06:45:00Z',
    );
    // 02:00 becomes 02:30 in October; 02:00 becomes 01:30 in April.
    expect(next([window('02:10-02:40', ['Sun'])], 'Australia/Lord_Howe', '2026-10-03Z')).toBe(
      '2026-10-03T15:30:00Z 2026-10-03T15:40:00Z',
    );
    expect(next([window('02:00-02:30', ['Sun'])], 'Australia/Lord_Howe', '2026-10-03Z')).toBe(
      '2026-10-10T15:00:00Z 2026-10-10T15:30:00Z',
    );
    expect(next([window('01:40-01:50', ['Sun'])], 'Australia/Lord_Howe', '2026-04-04T14:50Z')).toBe(
      '2026-04-04T15:10:00Z 2026-04-04T15:20:00Z',
    );
  });

  it('windows that cross midnight respect a change at midnight', () => {
    const friday = [window('22:00-02:00', ['Fri'])];
    // In Cairo, Friday 2026-04-24 begins at 01:00, and Thursday 2026-10-29 has 25 hours.
    expect(next([window('22:00-02:00', ['Thu'])], 'Africa/Cairo', '2026-04-23T12:00:00Z')).toBe(
      '2026-04-23T20:00:00Z 2026-04-23T23:00:00Z',
    );
    expect(next([window('22:00-02:00', ['Thu'])], 'Africa/Cairo', '2026-10-29T12:00:00Z')).toBe(
      '2026-10-29T19:00:00Z 2026-10-30T00:00:00Z',
    );
    // In Gaza, Saturday 2022-10-29 02:00 became 01:00, before it had read 02:00.
    expect(next(friday, 'Asia/Gaza', '2022-10-28T12:00:00Z')).toBe(
      '2022-10-28T19:00:00Z 2022-10-29T00:00:00Z',
    );
    // In Gaza, Saturday 2021-03-27 00:00 became 01:00.
    expect(next(friday, 'Asia/Gaza', '2021-03-26T12:00:00Z')).toBe(
      '2021-03-26T20:00:00Z 2021-03-26T23:00:00Z',
    );
  });

  it('windows respect a skipped day', () => {
    // Samoa had no Friday 2011-12-30.
    expect(next([window('09:00-10:00', ['Fri'])], 'Pacific/Apia', '2011-12-29T12:00:00Z')).toBe(
      '2012-01-05T19:00:00Z 2012-01-05T20:00:00Z',
    );
    expect(next([window('00:00-24:00', ['Fri'])], 'Pacific/Apia', '2011-12-24T12:00:00Z')).toBe(
      '2012-01-05T10:00:00Z 2012-01-06T10:00:00Z',
    );
    expect(next([window('22:00-02:00', ['Thu'])], 'Pacific/Apia', '2011-12-29T12:00:00Z')).toBe(
      '2011-12-30T08:00:00Z 2011-12-30T10:00:00Z',
    );
  });
});

describe('local days', () => {
  it('a local day is the date in the zone', () => {
    const at = Date.parse('2026-06-01T23:30:00Z');
    expect(localDay('UTC', at)).toBe('2026-06-01');
    expect(localDay('Asia/Tokyo', at)).toBe('2026-06-02');
    expect(localDay('Pacific/Apia', Date.parse('2011-12-30T09:59:59.999Z'))).toBe('2011-12-29');
    expect(localDay('Pacific/Apia', Date.parse('2011-12-30T10:00:00Z'))).toBe('2011-12-31');
  });

  it.each([
    ['UTC', '2026-06-01T00:00:00Z', '2026-06-02T00:00:00Z'],
    ['Asia/Kathmandu', '2026-06-01T18:14:59.999Z', '2026-06-01T18:15:00Z'],
    ['Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
    ['Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    // The day begins at 01:00.
    ['Africa/Cairo', '2026-04-23T12:00:00Z', '2026-04-23T22:00:00Z'],
    ['America/Havana', '2026-03-07T12:00:00Z', '2026-03-08T05:00:00Z'],
    ['Asia/Beirut', '2026-03-28T12:00:00Z', '2026-03-28T22:00:00Z'],
    // 24:00 becomes 23:00, and 01:00 becomes 00:00.
    ['Africa/Cairo', '2026-10-29T20:59:59.999Z', '2026-10-29T22:00:00Z'],
    ['America/Havana', '2026-11-01T04:30:00Z', '2026-11-02T05:00:00Z'],
    ['Pacific/Apia', '2011-12-29T12:00:00Z', '2011-12-30T10:00:00Z'],
    // 00:01 becomes 23:01: November 7 begins twice.
    ['America/St_Johns', '2010-11-07T02:00:00Z', '2010-11-07T02:30:00Z'],
    ['America/St_Johns', '2010-11-07T02:31:00Z', '2010-11-07T03:30:00Z'],
    ['America/St_Johns', '2010-11-07T02:30:30Z', '2010-11-08T03:30:00Z'],
  ])('the next local day in %s after %s begins at %s', (zone, at, expected) => {
    const midnight = nextLocalMidnight(zone, Date.parse(at));
    expect(iso(midnight)).toBe(expected);
    expect(localDay(zone, midnight - 1) < localDay(zone, midnight)).toBe(true);
  });
});

describe('time zones', () => {
  it('a time zone is recognized by its name in any case', () => {
    expect(zoneName('Europe/Berlin')).toBe('Europe/Berlin');
    expect(zoneName('america/NEW_york')).toBe('America/New_York');
    expect(zoneName('UTC')).toBe('UTC');
    for (const zone of Intl.supportedValuesOf('timeZone')) expect(zoneName(zone)).toBe(zone);
  });

  it.each([
    '',
    'Z',
    '+02:00',
    '-0530',
    '+00',
    'Europe/Nowhere',
    'Europe/Berlin ',
    '2026-01-01T00:00Z',
    '2026-01-01T00:00+01:00[Europe/Berlin]',
  ])('%j is not a time zone', (text) => {
    expect(zoneName(text)).toBeNull();
  });
});

describe('windows at any time', () => {
  // A change of the UTC offset in each zone that has one.
  const changes: readonly (readonly [zone: string, at: string])[] = [
    ['Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['Europe/Berlin', '2026-10-25T01:00:00Z'],
    ['America/New_York', '2026-03-08T07:00:00Z'],
    ['America/New_York', '2026-11-01T06:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
    ['Africa/Cairo', '2026-04-23T22:00:00Z'],
    ['Africa/Cairo', '2026-10-29T21:00:00Z'],
    ['Africa/Casablanca', '2026-03-22T02:00:00Z'],
    ['America/Havana', '2026-11-01T05:00:00Z'],
    ['America/St_Johns', '2010-11-07T02:31:00Z'],
    ['Antarctica/Troll', '2026-03-29T01:00:00Z'],
    ['Pacific/Apia', '2011-12-30T10:00:00Z'],
    ['Pacific/Chatham', '2026-09-26T14:00:00Z'],
    ['Asia/Kathmandu', '2026-06-01T00:00:00Z'],
    ['UTC', '2026-06-01T00:00:00Z'],
  ];
  const zone = fc.constantFrom(...changes.map(([name]) => name));
  const minutes = fc.oneof(
    fc.constantFrom(0, 1, 30, 59, 60, 61, 90, 119, 120, 121, 135, 150, 165, 179, 180, 181, 240),
    fc.constantFrom(540, 1050, 1320, 1380, 1410, 1439),
    fc.integer({ min: 0, max: 1439 }),
  );
  const windows = fc.array(
    fc
      .record({
        days: fc.oneof(fc.constant(DAYS), fc.subarray([...DAYS], { minLength: 1 })),
        from: minutes,
        to: minutes.map((minute) => (minute === 0 ? 1440 : minute)),
        timeZone: fc.option(zone),
      })
      .filter(({ from, to }) => from !== to),
    { minLength: 1, maxLength: 3 },
  );
  const place = fc.tuple(
    fc.constantFrom(...changes),
    fc.oneof(
      fc.integer({ min: -4 * HOUR, max: 4 * HOUR }),
      fc.integer({ min: -240, max: 240 }).map((minute) => minute * MINUTE),
      fc.integer({ min: -8 * 24 * HOUR, max: 8 * 24 * HOUR }),
    ),
    fc.boolean(),
  );

  /** Each minute of three days, and each quarter of an hour of the days after. */
  function* instants(from: number, to: number): Generator<number> {
    const end = Math.min(to, from + 16 * 24 * HOUR);
    yield from;
    for (let at = Math.ceil(from / MINUTE) * MINUTE; at < end; ) {
      yield at;
      at += at < from + 72 * HOUR ? MINUTE : 15 * MINUTE;
    }
    if (end === to) yield to - 1;
  }

  it('calling windows agree with the wall clock in every minute', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(windows, place, (openWindows, [[name, change], away, hasZone]) => {
        const zones = hasZone ? only(name) : { recipient: null, business: name };
        const from = Date.parse(change) + away;
        const expectAll = (expected: boolean, start: number, end: number) => {
          for (const at of instants(start, end)) {
            if (isOpenByWallClock(openWindows, zones, at) !== expected) expect.fail(`${iso(at)}`);
          }
        };
        const found = nextOpening(openWindows, zones, from);
        if (found === null) return expectAll(false, from, from + 15 * 24 * HOUR);
        const { opensAt, closesAt } = found;
        if (opensAt > from) expectAll(false, from, opensAt);
        expectAll(true, opensAt, closesAt);
        for (const at of [from, opensAt - 1, opensAt, closesAt - 1, closesAt]) {
          if (!Number.isFinite(at)) continue;
          expect(isOpen(openWindows, zones, at)).toBe(isOpenByWallClock(openWindows, zones, at));
        }
        // An opening that exceeds the look-ahead may continue.
        if (closesAt <= opensAt + 15 * 24 * HOUR)
          expect(isOpen(openWindows, zones, closesAt)).toBe(false);
      }),
      { numRuns: 600 },
    );
  });

  it('openings and midnights exist for any time in the years 1 to 9999', () => {
    const [first, last] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59Z')];
    const anywhere = fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC');
    const anytime = fc.oneof(fc.integer({ min: first, max: last }), fc.constantFrom(first, last));
    fc.assert(
      fc.property(anywhere, anytime, (name, at) => {
        const { opensAt } = nextOpening([window('09:00-17:30', ['Mon'])], only(name), at) ?? {};
        expect(opensAt).toBeLessThan(at + 8 * 24 * HOUR);
        const midnight = nextLocalMidnight(name, at);
        expect(midnight > at && midnight <= at + 26 * HOUR).toBe(true);
        expect(localDay(name, at)).not.toBe(localDay(name, midnight));
      }),
      { numRuns: 200 },
    );
  });
});
