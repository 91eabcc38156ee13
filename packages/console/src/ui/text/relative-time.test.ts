import { describe, expect, test } from 'vitest';
import { formatRelativeTime } from './relative-time.ts';

const at = (day: number, hour: number, minute = 0) =>
  new Date(2026, 0, day, hour, minute).getTime();

describe('a relative time', () => {
  test.each([
    ['25 hours ago, before the last midnight but one', at(12, 23, 30), at(14, 0, 30), '2 days ago'],
    ['36 hours ago, but yesterday', at(13, 1), at(14, 13), 'yesterday'],
    ['47 hours ago, but yesterday', at(13, 0, 30), at(14, 23, 30), 'yesterday'],
    ['less than a day ago', at(13, 10), at(14, 9), '23 hr. ago'],
    ['in 30 hours', at(15, 13), at(14, 7), 'tomorrow'],
    ['five minutes ago', at(14, 8, 55), at(14, 9), '5 min. ago'],
    ['now', at(14, 9), at(14, 9), 'just now'],
    ['a week ago', at(7, 9), at(14, 9), null],
  ])('%s', (_, then, now, text) => {
    expect(formatRelativeTime(then, now)).toBe(text);
  });
});
