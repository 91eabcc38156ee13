import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutConversationBody } from '@colloquy/wire';
import fc from 'fast-check';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { foldReports } from '../../assembly/fold.ts';
import { type CallDelivery, translateDeliveries } from '../../assembly/fold-deliveries.ts';
import { HANDLED_EVENTS } from './events.ts';
import * as known from './known-events.ts';
import { openai as source } from './openai.ts';

const START = Date.parse('2025-11-24T16:00:00Z');
const FIXTURES = join(import.meta.dirname, 'fixtures');

type Line = string | Readonly<Record<string, unknown>>;

/** The lines of a fixture, each at a time that no other line has. */
function linesOf(file: string): Line[] {
  const { Deliveries } = JSON.parse(readFileSync(join(FIXTURES, file), 'utf8'));
  const lines: Line[] = Deliveries.flatMap(({ Lines }: { Lines: Line[] }) => Lines);
  return lines.map((line, at) =>
    typeof line === 'string' ? line : { ...line, received_at: START + at * 250 },
  );
}

const partOf = (lines: readonly Line[], receivedAt: number): CallDelivery => ({
  id: String(receivedAt),
  receivedAt: START + receivedAt,
  dedupeKey: String(receivedAt),
  headers: { 'x-session-id': 'call-1' },
  body: Buffer.from(
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  ),
});

function fold(parts: readonly CallDelivery[]) {
  const { received, unreadable } = translateDeliveries(source, parts);
  expect(unreadable).toEqual([]);
  return foldReports(source, 'call-1', received);
}

/** Consecutive parts, and others with some of the lines, in any order. */
const splitsOf = (lines: readonly Line[]) =>
  fc
    .tuple(
      fc.array(fc.nat(lines.length)),
      fc.array(fc.subarray([...lines])),
      fc.infiniteStream(fc.nat()),
    )
    .map(([cuts, others, keys]) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), lines.length];
      const consecutive = edges.slice(1).map((end, at) => lines.slice(edges[at], end));
      return [...consecutive, ...others]
        .map((part) => ({ part, key: keys.next().value ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ part }, at) => partOf(part, at));
    });

describe('the parts of a log', () => {
  it.each(readdirSync(FIXTURES))(
    'give the same conversation however %s is split, repeated and ordered',
    (file) => {
      const lines = linesOf(file);
      const whole = fold([partOf(lines, 0)]);
      expect(whole.conversation.Messages?.length).toBeGreaterThan(1);
      fc.assert(
        fc.property(splitsOf(lines), (parts) => {
          expect(fold(parts)).toEqual(whole);
        }),
      );
    },
  );

  it('without times give the same conversation in the order of the requests', () => {
    const lines = linesOf('call.json').map((line) =>
      typeof line === 'string' ? line : { ...line, received_at: undefined },
    );
    const whole = fold([partOf(lines, 0)]);
    fc.assert(
      fc.property(fc.array(fc.nat(lines.length)), fc.nat(5), (cuts, overlap) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), lines.length];
        const parts = edges
          .slice(1)
          .map((end, at) => partOf(lines.slice(Math.max(0, (edges[at] ?? 0) - overlap), end), at));
        expect(fold(parts)).toEqual(whole);
      }),
    );
  });

  it('give a valid conversation, whatever they are', () => {
    const id = fc.constantFrom('a', 'b', 'c', null, 7);
    const value = fc.oneof(id, fc.jsonValue({ maxDepth: 3 }));
    const part = fc.dictionary(fc.constantFrom(...known.PART_FIELDS), value);
    const item = fc.record(
      {
        id,
        type: fc.constantFrom('message', 'function_call', 'function_call_output', 'mcp_call', 'x'),
        role: fc.constantFrom('user', 'assistant', 'system', 'x'),
        call_id: id,
        content: fc.array(part),
        arguments: value,
        error: value,
      },
      { requiredKeys: [] },
    );
    const type = fc.constantFrom(...HANDLED_EVENTS, ...Object.keys(known.ALIASES), 'x');
    const fields = fc.dictionary(fc.constantFrom(...known.EVENT_FIELDS), value);
    const event = fc
      .tuple(fields, type, fc.option(item), id, id)
      .map(([all, type, item, item_id, previous_item_id]) => ({
        ...{ ...all, type, item_id, previous_item_id },
        ...(item && { item }),
      }));
    fc.assert(
      fc.property(fc.array(fc.array(fc.oneof(event, fc.string())), { minLength: 1 }), (parts) => {
        const { conversation } = fold(parts.map(partOf));
        const sent = JSON.parse(JSON.stringify(conversation));
        expect([...Value.Errors(PutConversationBody, sent)]).toEqual([]);
      }),
    );
  });
});
