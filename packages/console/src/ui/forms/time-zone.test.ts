import { expect, test } from 'vitest';
import { findTimeZone } from './time-zone.ts';

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
])('the time zone "%s" is read as %s', (text, zone) => {
  expect(findTimeZone(text)).toBe(zone);
});
