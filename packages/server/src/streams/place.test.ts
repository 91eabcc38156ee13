import { expect, test } from 'vitest';
import { endOfRow, formatId, parseId } from './place.ts';

const place = { position: 7, index: 2 };

test.each([
  { place, held: [] },
  { place: endOfRow(7), held: [] },
  {
    place: { position: 7, index: -3 },
    held: [
      { position: 5, index: 0 },
      { position: 6, index: 4 },
    ],
  },
])('an id names what was sent and what is held back: %j', (cursor) => {
  expect(parseId(formatId(cursor))).toEqual(cursor);
  // The one that is sent late makes the id unique, and changes nothing else.
  expect(parseId(formatId(cursor, { position: 3, index: 1 }))).toEqual(cursor);
});

test('an id after which too much is held back is not known', () => {
  const held = Array.from({ length: 501 }, (_, position) => ({ position, index: 0 }));
  const id = formatId({ place, held });
  expect(id.length).toBeLessThan(20);
  expect(parseId(id)).toBe(null);
  expect(parseId(formatId({ place, held: held.slice(1) }))?.held).toHaveLength(500);
});
