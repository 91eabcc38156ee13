import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutConversationBody, type SourceName } from '@colloquy/wire';
import fc from 'fast-check';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { foldReports } from '../assembly/fold.ts';
import { SOURCES_BY_NAME } from './sources.ts';

const surprise = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('constructor', '__proto__', '1e400', -1, 1e308, -1e308, '\ud83d\0', [
    null,
    [],
    {},
  ]),
);

/** The value with one of its parts, chosen by a number, replaced. */
function replaceOne(value: unknown, at: { n: number }, by: unknown): unknown {
  if (at.n-- === 0) return by;
  if (Array.isArray(value)) return value.map((item) => replaceOne(item, at, by));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, replaceOne(item, at, by)]);
  return Object.fromEntries(entries);
}

const countParts = (value: unknown): number =>
  1 +
  (typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>((sum, item) => sum + countParts(item), 0)
    : 0);

const CHECKED: readonly SourceName[] = ['elevenlabs', 'bland'];

describe.each(CHECKED)('deliveries of %s with unexpected values', (name) => {
  const source = SOURCES_BY_NAME[name];
  const folder = join(import.meta.dirname, name, 'fixtures');
  const bodies: unknown[] = readdirSync(folder)
    .flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).Deliveries)
    .map(({ Body }) => (typeof Body === 'string' ? JSON.parse(Body) : Body));

  it('become valid conversations', () => {
    const changed = fc
      .constantFrom(...bodies)
      .chain((body) =>
        fc
          .array(fc.tuple(fc.nat(countParts(body) - 1), surprise), { minLength: 1, maxLength: 4 })
          .map((changes) => changes.reduce((all, [n, by]) => replaceOne(all, { n }, by), body)),
      );
    fc.assert(
      fc.property(changed, (json) => {
        const delivery = { headers: {}, body: Buffer.from(JSON.stringify(json)) };
        source.identify(delivery);
        const report = source.translate(delivery);
        const received = [{ report, receivedAt: 1_764_000_000_000, bodyHash: '' }];
        const { conversation } = foldReports(source, 'call', received);
        const wire = JSON.parse(JSON.stringify(conversation));
        expect([...Value.Errors(PutConversationBody, wire)]).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
