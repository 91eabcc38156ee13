import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conversationId } from './conversation-id.ts';
import { readLines } from './lines.ts';
import { readTopLevel } from './top-level.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-lines-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function linesOf(content: string | Buffer, longest = 1000, isGzipped = false) {
  const path = join(folder, 'lines');
  await writeFile(path, content);
  const lines: [number, string | null][] = [];
  for await (const { number, text } of readLines(
    { path, bytes: content.length, isGzipped },
    longest,
    () => undefined,
  )) {
    lines.push([number, text?.toString() ?? null]);
  }
  return lines;
}

describe('readLines', () => {
  it('numbers lines like an editor and skips blank ones', async () => {
    expect(await linesOf('\ufeffa\r\n\n \t\n  b  \nc')).toEqual([
      [1, 'a'],
      [4, 'b'],
      [5, 'c'],
    ]);
    expect(await linesOf('')).toEqual([]);
    expect(await linesOf('\n')).toEqual([]);
  });

  it('yields complete lines that span chunks, compressed or not', async () => {
    const long = ['ä'.repeat(200_000), 'b'.repeat(300_000), 'c', 'd'.repeat(700_000)];
    const expected = long.map((text, index) => [index + 1, text]);
    const content = Buffer.from(long.join('\n'));
    expect(await linesOf(content, 1_000_000)).toEqual(expected);
    expect(await linesOf(gzipSync(content), 1_000_000, true)).toEqual(expected);
  });

  it('yields null for a line that is too long and continues after it', async () => {
    const content = `a\n${'x'.repeat(2_000_000)}\nb\n${'y'.repeat(1001)}\n${'z'.repeat(1000)}\n`;
    expect(await linesOf(content)).toEqual([
      [1, 'a'],
      [2, null],
      [3, 'b'],
      [4, null],
      [5, 'z'.repeat(1000)],
    ]);
  });
});

describe('readTopLevel', () => {
  it('reads the same values as JSON.parse', () => {
    const object = fc.dictionary(
      fc.oneof(fc.constantFrom('Id', 'Source', 'I"d', 'S\\'), fc.string()),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const found = readTopLevel(Buffer.from(JSON.stringify(value, null, indent)), [
          'Id',
          'Source',
        ]);
        const own = JSON.parse(JSON.stringify(value));
        for (const key of ['Id', 'Source']) {
          expect(found.get(key)).toEqual(Object.hasOwn(own, key) ? own[key] : undefined);
        }
      }),
    );
  });

  it.each([
    '',
    '[]',
    '1',
    'x',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":"b',
    '{"a":[1}',
    '{} x',
    '{"a" 1}',
    '{,}',
  ])('refuses %j', (text) =>
    expect(() => readTopLevel(Buffer.from(text), ['Id'])).toThrow(/This is not/),
  );
});

describe('conversationId', () => {
  const of = (value: unknown) => conversationId(Buffer.from(JSON.stringify(value)));

  it('is the Id of the line', () => {
    expect(of({ Messages: [{ Id: 'no' }], Id: 'call:1' })).toBe('call:1');
    expect(() => of({ Id: 'a b' })).toThrow('Id must be');
    expect(() => of({ Id: '..' })).toThrow('Id must be');
    expect(() => of({ Id: 7 })).toThrow('Id must be');
  });

  it('is a hash of the source, or of the line without one', () => {
    const source = { Provider: 'engine', ProviderCallId: 'c1' };
    expect(of({ Source: source, Status: 'Active' })).toBe(of({ Id: null, Source: source }));
    expect(of({ Source: source })).not.toBe(of({ Source: { ...source, ProviderCallId: 'c2' } }));
    expect(of({ Status: 'Active' })).toBe(of({ Status: 'Active' }));
    expect(of({ Status: 'Active' })).not.toBe(of({ Status: 'Paused' }));
    expect(of({ Source: { Provider: 'engine' } })).toMatch(/^import_[0-9a-f]{32}$/);
  });
});
