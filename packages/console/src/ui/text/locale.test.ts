import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseLocale } from './locale.ts';

const NOON = Date.UTC(2026, 1, 3, 13, 5);
const OPTIONS = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const;

test.each([
  [['ar-EG', 'en-US'], 'h12', 'Feb 3, 2026, 1:05 PM'],
  [['de-DE'], 'h23', 'Feb 3, 2026, 13:05'],
  [['en-GB', 'en-US'], 'h23', '3 Feb 2026, 13:05'],
  [['fr', 'en-GB-u-nu-arab'], 'h23', '3 Feb 2026, 13:05'],
  [[], undefined, 'Feb 3, 2026, 1:05 PM'],
] as const)('dates of a reader with %s are in English', (languages, hourCycle, text) => {
  const format = new Intl.DateTimeFormat(chooseLocale(languages, hourCycle), OPTIONS);
  expect(format.format(NOON).replaceAll('\u202f', ' ')).toBe(text);
});

test('no code formats dates or numbers in a language other than English', () => {
  const folder = join(import.meta.dirname, '../..');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => /\.tsx?$/.test(file));
  expect(sources.length).toBeGreaterThan(100);
  const wrong = sources.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    // Formats that only read the reader's zone or hours write nothing.
    const made = text.matchAll(
      /(?:Format\(|toLocale\w+\()\s*(?:undefined|\))(?![^;]*resolvedOptions)/g,
    );
    return [...made].map(([call]) => `${file}: ${call}`);
  });
  expect(wrong).toEqual([]);
});
