import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutConversationBody, SOURCES, type SourceName } from '@colloquy/wire';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { foldReports } from '../assembly/fold.ts';
import { SOURCES_BY_NAME } from './sources.ts';

/** Bodies that vendors send, with invented values, and the conversation that they become. */
interface Fixture {
  readonly About: string;
  readonly Deliveries: readonly {
    readonly ReceivedAt: string;
    readonly Headers?: Readonly<Record<string, string>>;
    readonly Body: unknown;
  }[];
  readonly CallId?: string;
  readonly Warnings?: readonly string[];
  readonly UnknownEndReason?: string;
  readonly Conversation?: unknown;
}

function foldFixture(name: SourceName, { Deliveries }: Fixture) {
  const source = SOURCES_BY_NAME[name];
  const stored = Deliveries.map(({ Headers = {}, Body, ReceivedAt }, at) => ({
    headers: Headers,
    body: Buffer.from(typeof Body === 'string' ? Body : JSON.stringify(Body)),
    receivedAt: Date.parse(ReceivedAt),
    bodyHash: String(at),
  }));
  const callIds = new Set(stored.map((delivery) => source.identify(delivery).callId));
  expect(callIds.size).toBe(1);
  const [callId] = callIds;
  const received = stored.map((delivery) => ({ ...delivery, report: source.translate(delivery) }));
  const { conversation, warnings, unknownEndReason } = foldReports(source, callId ?? '', received);
  return {
    CallId: callId,
    Warnings: warnings,
    ...(unknownEndReason !== null && { UnknownEndReason: unknownEndReason }),
    Conversation: conversation,
  };
}

describe.each(SOURCES)('deliveries of %s', (name) => {
  const folder = join(import.meta.dirname, name, 'fixtures');
  it.each(readdirSync(folder))('%s', (file) => {
    const path = join(folder, file);
    const fixture: Fixture = JSON.parse(readFileSync(path, 'utf8'));
    const folded = JSON.parse(JSON.stringify(foldFixture(name, fixture)));
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
