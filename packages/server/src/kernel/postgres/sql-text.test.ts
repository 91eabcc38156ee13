import fc from 'fast-check';
import pg from 'pg';
import { expect, test } from 'vitest';
import { arrayText } from './sql-text.ts';

const TEXT_ARRAY = 1009;

test('the driver reads the text of an array as it was', () => {
  const read = pg.types.getTypeParser(TEXT_ARRAY as never) as (text: string) => unknown;
  const special = fc.constantFrom('', 'NULL', '"', '\\', '\\"', '{,}', ' a ', '\u0001', 'ü');
  const elements = fc.array(fc.oneof(special, fc.string(), fc.constant(null)));
  fc.assert(
    fc.property(elements, (given) => {
      expect(read(arrayText(given))).toEqual(given);
    }),
  );
  expect(arrayText([1, -2.5, true, null])).toBe('{1,-2.5,true,NULL}');
});
