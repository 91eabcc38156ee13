import { expect, test } from 'vitest';
import { computePosition } from './position.ts';

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

test('the position of a page comes from its URL unless the answer contradicts it', () => {
  expect(computePosition(page(25, 100, true, true), '25')).toBe(25);
  expect(computePosition(page(25, 100, true, true), undefined)).toBe(null);
  // Rows were added before the page that the address calls the first.
  expect(computePosition(page(25, 103, true, true), '0')).toBe(null);
  expect(computePosition(page(3, 103, false, true), '25')).toBe(0);
  expect(computePosition(page(25, 103, true, false), '75')).toBe(78);
  // Rows were deleted, and more follow than possible.
  expect(computePosition(page(25, 100, true, true), '75')).toBe(null);
  expect(computePosition(page(0, 0, false, false), undefined)).toBe(0);
});
