import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutConversationBody } from '@colloquy/wire';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { foldReports } from '../assembly/fold.ts';
import { translateDeliveries } from '../assembly/fold-deliveries.ts';
import type { Source } from './source.ts';
import { SOURCES_BY_NAME } from './sources.ts';

/** Bodies that vendors send, with invented values, and the conversation that they become. */
interface Fixture {
  readonly About: string;
  readonly Deliveries: readonly {
    readonly ReceivedAt: string;
    readonly Headers?: Readonly<Record<string, string>>;
    /** A text, or a value that is sent as JSON. */
    readonly Body?: unknown;
    /** Of a body in `application/x-ndjson`, each a text or a value. */
    readonly Lines?: readonly unknown[];
  }[];
  readonly CallId?: string;
  readonly Warnings?: readonly string[];
  readonly UnknownEndReason?: string;
  readonly Conversation?: unknown;
}

const bodyText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function foldFixture(source: Source, { Deliveries }: Fixture) {
  const stored = Deliveries.map(({ Headers = {}, Body, Lines, ReceivedAt }, at) => ({
    id: String(at),
    headers: Headers,
    body: Buffer.from(Lines?.map(bodyText).join('\n') ?? bodyText(Body)),
    receivedAt: Date.parse(ReceivedAt),
    dedupeKey: String(at),
  }));
  const callIds = new Set(stored.map((delivery) => source.identify(delivery).callId));
  expect(callIds.size).toBe(1);
  const [callId] = callIds;
  const { received, unreadable } = translateDeliveries(source, stored);
  expect(unreadable).toEqual([]);
  const { conversation, warnings, unknownEndReason } = foldReports(source, callId ?? '', received);
  return {
    CallId: callId,
    Warnings: warnings,
    ...(unknownEndReason !== null && { UnknownEndReason: unknownEndReason }),
    Conversation: conversation,
  };
}

describe.each(Object.entries(SOURCES_BY_NAME))('deliveries of %s', (name, source) => {
  const folder = join(import.meta.dirname, name, 'fixtures');
  it.each(readdirSync(folder))('%s', (file) => {
    const path = join(folder, file);
    const fixture: Fixture = JSON.parse(readFileSync(path, 'utf8'));
    const folded = JSON.parse(JSON.stringify(foldFixture(source, fixture)));
    expect([...Value.Errors(PutConversationBody, folded.Conversation)]).toEqual([]);
    if (process.env.UPDATE_FIXTURES) {
      const { About, Deliveries } = fixture;
      writeFileSync(path, `${JSON.stringify({ About, Deliveries, ...folded }, null, 2)}\n`);
      return;
    }
    const { About: _, Deliveries: __, ...expected } = fixture;
    expect(folded).toEqual(expected);
  });
});
