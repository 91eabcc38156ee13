import { expect, test } from 'vitest';
import { parseHeaders } from './headers.ts';

test('headers are read from lines, with colons in values and empty lines between', () => {
  const text = 'Authorization: Bearer a:b\r\n\n  X-Team :  crm \nX-Empty:';
  expect(parseHeaders(text)).toEqual({
    headers: { Authorization: 'Bearer a:b', 'X-Team': 'crm', 'X-Empty': '' },
    problem: null,
  });
});

test.each([
  ['Authorization', 'Line 1: write a name, a colon and a value.'],
  ['\n: value', 'Line 2: write a name, a colon and a value.'],
  ['X-Team: a\nx-team: b', 'Line 2: there is already a header x-team.'],
])('the lines %j are refused with the number of the line', (text, problem) => {
  expect(parseHeaders(text).problem).toBe(problem);
});
