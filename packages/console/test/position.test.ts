import { expect, test } from 'vitest';
import { positionOf } from '../src/app-shell/position.ts';

const page = (
  shown: number,
  TotalCount: number,
  HasPreviousPage: boolean,
  HasNextPage: boolean,
) => ({
  Items: Array.from({ length: shown }),
  TotalCount,
  HasPreviousPage,
  HasNextPage,
});

test('a page is where its address says, unless the answer knows better', () => {
  expect(positionOf(page(25, 100, true, true), '25')).toBe(25);
  expect(positionOf(page(25, 100, true, true), undefined)).toBe(null);
  // Others have come before the page of which the address says that it is the first.
  expect(positionOf(page(25, 103, true, true), '0')).toBe(null);
  expect(positionOf(page(3, 103, false, true), '25')).toBe(0);
  expect(positionOf(page(25, 103, true, false), '75')).toBe(78);
  // Others have gone, and more follow than there can be.
  expect(positionOf(page(25, 100, true, true), '75')).toBe(null);
  expect(positionOf(page(0, 0, false, false), undefined)).toBe(0);
});
