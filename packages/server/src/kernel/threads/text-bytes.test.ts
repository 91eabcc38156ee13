import { expect, test } from 'vitest';
import { bytesInTurns, encodeInTurns, slicesOf, textInTurns } from './text-bytes.ts';

// Slices of 256 Ki characters would split a surrogate pair in one of these.
const TEXTS = ['', 'x'].map((start) => start + '😀'.repeat(1_200_000));

test.each(TEXTS)(
  'a large text is encoded and decoded in slices with the same result as in one piece (%#)',
  async (text) => {
    const bytes = Buffer.from(text);
    expect(bytes.equals(Buffer.concat(await encodeInTurns([text])))).toBe(true);
    const encoded = Buffer.concat(await encodeInTurns(['[', text, Buffer.from(']')]));
    expect(Buffer.from(`[${text}]`).equals(encoded)).toBe(true);
    const inTurns = await bytesInTurns(text);
    expect(bytes.equals(Buffer.from(inTurns))).toBe(true);
    expect((await textInTurns(inTurns)) === text).toBe(true);
    const copy = await bytesInTurns(text, inTurns);
    expect(copy).not.toBe(inTurns);
    expect(bytes.equals(Buffer.from(copy))).toBe(true);
    expect([...slicesOf(text)].every((slice) => slice.isWellFormed())).toBe(true);
  },
);
