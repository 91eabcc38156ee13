import { expect, test } from 'vitest';
import { timeZoneOf } from '../src/ui/forms/time-zone.ts';

test.each([
  ['Europe/Berlin', 'Europe/Berlin'],
  [' europe/berlin ', 'Europe/Berlin'],
  ['Berlin', 'Europe/Berlin'],
  ['new york', 'America/New_York'],
  ['utc', 'UTC'],
  ['Asia/Kolkata', 'Asia/Kolkata'],
  ['Mars/Olympus', null],
  ['Ber', null],
  ['+02:00', null],
  ['', null],
])('"%s" means %s', (text, zone) => {
  expect(timeZoneOf(text)).toBe(zone);
});
