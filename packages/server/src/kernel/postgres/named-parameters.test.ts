import { expect, test } from 'vitest';
import { nameParameters } from './named-parameters.ts';

const parameters = nameParameters({
  businessId: 'bigint',
  parts: { lo: 'timestamptz', sign: 'integer' },
  limit: 'integer',
});

test('parameters are numbered in the order of their declaration, a table by its columns', () => {
  expect(parameters.untyped('businessId')).toBe('$1');
  expect(parameters.typed('limit')).toBe('$4::integer');
  expect(parameters.allTyped()).toEqual([
    '$1::bigint',
    '$2::timestamptz[]',
    '$3::integer[]',
    '$4::integer',
  ]);
});

test('a table of parameters is unnested, optionally with row numbers', () => {
  const arrays = 'unnest($2::timestamptz[], $3::integer[])';
  expect(parameters.table('parts', 'p')).toBe(`${arrays} AS p(lo, sign)`);
  expect(parameters.table('parts', 'p', 'at')).toBe(`${arrays} WITH ORDINALITY AS p(lo, sign, at)`);
});

test('values are put into the order of the parameters, rows as one array per column', () => {
  const parts = [
    { sign: 1, lo: 'a' },
    { sign: -1, lo: 'b' },
  ];
  expect(parameters.toValues({ limit: 9, parts, businessId: 5 })).toEqual([
    5,
    ['a', 'b'],
    [1, -1],
    9,
  ]);
  expect(parameters.toValues({ limit: 9, parts: [], businessId: 5 })).toEqual([5, [], [], 9]);
});
