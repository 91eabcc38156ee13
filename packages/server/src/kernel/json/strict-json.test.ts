import { expect, test } from 'vitest';
import { parseStrictJson } from './strict-json.ts';

const parse = (text: string) => () => parseStrictJson(Buffer.from(text));

test.each([
  ['{"a":', 'The body is not valid JSON (it ends too early).'],
  ['{"a": 1,, "b": 2}', 'The body is not valid JSON (at character 8).'],
  ['Unexpected end', 'The body is not valid JSON.'],
  ['at position 7', 'The body is not valid JSON.'],
])('the refusal of %s says where the error is, from the parser only', (text, message) => {
  expect(parse(text)).toThrow(expect.objectContaining({ message }));
});
