import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutConversationBody, type SourceName } from '@colloquy/wire';
import fc from 'fast-check';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { foldReports } from '../assembly/fold.ts';
import { SOURCES_BY_NAME } from './sources.ts';

interface Delivery {
  readonly Headers?: Readonly<Record<string, string>>;
  readonly Body: unknown;
}

function bodiesOf(name: SourceName): Delivery[] {
  const folder = join(import.meta.dirname, name, 'fixtures');
  return readdirSync(folder).flatMap(
    (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).Deliveries,
  );
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The value, with another one in the place that the numbers lead to. */
function replaced(value: unknown, path: readonly number[], other: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined || !isObject(value)) return other;
  const keys = Object.keys(value);
  const key = keys[first % keys.length];
  if (key === undefined) return other;
  if (Array.isArray(value)) {
    return value.map((item, at) => (String(at) === key ? replaced(item, rest, other) : item));
  }
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, name === key ? replaced(item, rest, other) : item]),
  );
}

/** Of a form, the value of one field. */
function malformed(body: unknown, path: readonly number[], other: unknown): string {
  if (typeof body !== 'string') return JSON.stringify(replaced(body, path, other));
  const fields = Object.fromEntries(new URLSearchParams(body));
  const [at = 0] = path;
  const text = isObject(other) ? JSON.stringify(other) : String(other);
  return new URLSearchParams(replaced(fields, [at], text) as Record<string, string>).toString();
}

const other = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('', 'constructor', '__proto__', -1, 1e300, '1e99', '9'.repeat(400), '..', '\0'),
);
const change = fc.record({
  path: fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 6 }),
  other,
});

const CHECKED: readonly SourceName[] = ['twilio', 'livekit', 'pipecat'];

describe.each(CHECKED)('malformed deliveries of %s', (name) => {
  it('become a valid conversation', () => {
    const source = SOURCES_BY_NAME[name];
    fc.assert(
      fc.property(
        fc.constantFrom(...bodiesOf(name)),
        change,
        ({ Headers, Body }, { path, other }) => {
          const body = Buffer.from(malformed(Body, path, other));
          const delivery = { headers: Headers ?? {}, body };
          source.identify(delivery);
          const received = { report: source.translate(delivery), receivedAt: 0, bodyHash: '' };
          const { conversation } = foldReports(source, 'call', [received]);
          const sent = JSON.parse(JSON.stringify(conversation));
          expect([...Value.Errors(PutConversationBody, sent)]).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
