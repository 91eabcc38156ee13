import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatInstant, isInstant, parseInstant } from './instant.ts';

const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
const timestamp = fc
  .tuple(
    fc.constantFrom('0000', '0001', '0099', '1900', '2023', '2024', '2026', '9999'),
    two(13),
    two(32),
    two(25),
    two(61),
    two(61),
    fc.constantFrom('', '.000', '.123'),
  )
  .map(
    ([year, month, day, hour, minute, second, fraction]) =>
      `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}`,
  );

it('timestamps with Z are parsed like those with an offset', () => {
  fc.assert(
    fc.property(timestamp, (text) => {
      expect(parseInstant(`${text}Z`)).toBe(parseInstant(`${text}+00:00`));
    }),
    { numRuns: 5_000 },
  );
});

it('isInstant accepts the same texts as parseInstant', () => {
  fc.assert(
    fc.property(timestamp, fc.constantFrom('Z', 'z', '', '+01:00'), (text, zone) => {
      expect(isInstant(text + zone)).toBe(parseInstant(text + zone) !== null);
    }),
    { numRuns: 5_000 },
  );
});

it('invalid dates and times are refused, and valid ones survive formatting', () => {
  for (const text of ['2023-02-29T00:00:00Z', '2026-04-31T00:00:00Z', '2026-01-01T24:00:00Z']) {
    expect(parseInstant(text)).toBeNull();
  }
  for (const text of ['2024-02-29T23:59:59.999Z', '0001-01-01T00:00:00Z', '9999-12-31T00:00:00Z']) {
    expect(formatInstant(parseInstant(text) ?? Number.NaN)).toBe(text);
  }
});
