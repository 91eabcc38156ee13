import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutConversationBody, type SourceName } from '@colloquy/wire';
import fc from 'fast-check';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { foldReports } from '../../assembly/fold.ts';
import { PIPECAT_END_REASONS } from './end-reasons.ts';
import { identifyPipecat, translatePipecat } from './translate.ts';

// Pipecat is not a source of connections yet: the door takes no API keys.
const name: string = 'pipecat';
const SOURCE = { name: name as SourceName, endReasons: PIPECAT_END_REASONS };
const FOLDER = join(import.meta.dirname, 'fixtures');

const deliver = (body: unknown) => ({ headers: {}, body: Buffer.from(JSON.stringify(body)) });

function foldFixture(deliveries: readonly { ReceivedAt: string; Body: unknown }[]) {
  const received = deliveries.map(({ ReceivedAt, Body }, at) => ({
    report: translatePipecat(deliver(Body)),
    receivedAt: Date.parse(ReceivedAt),
    bodyHash: String(at),
  }));
  const callId = identifyPipecat(deliver(deliveries[0]?.Body)).callId ?? '';
  const fold = (order: typeof received) => {
    const { conversation, warnings, unknownEndReason } = foldReports(SOURCE, callId, order);
    const folded = {
      CallId: callId,
      Warnings: warnings,
      ...(unknownEndReason !== null && { UnknownEndReason: unknownEndReason }),
      Conversation: conversation,
    };
    return JSON.parse(JSON.stringify(folded));
  };
  return { received, fold };
}

describe('sessions of Pipecat', () => {
  it.each(readdirSync(FOLDER))('%s, in any order and with repeats', (file) => {
    const path = join(FOLDER, file);
    const { About, Deliveries, ...expected } = JSON.parse(readFileSync(path, 'utf8'));
    const { received, fold } = foldFixture(Deliveries);
    const folded = fold(received);
    expect([...Value.Errors(PutConversationBody, folded.Conversation)]).toEqual([]);
    if (process.env.UPDATE_FIXTURES) {
      writeFileSync(path, `${JSON.stringify({ About, Deliveries, ...folded }, null, 2)}\n`);
      return;
    }
    expect(folded).toEqual(expected);
    const order = fc.shuffledSubarray(received, { minLength: received.length });
    fc.assert(
      fc.property(order, fc.array(fc.constantFrom(...received)), (permutation, repeats) => {
        const { Conversation } = fold([...permutation, ...repeats]);
        expect(Conversation).toEqual(expected.Conversation);
      }),
    );
  });
});

describe('audio of Pipecat', () => {
  const audioOf = (audio: object) => translatePipecat(deliver({ sessionId: 's-1', audio })).audio;
  const url = 'https://files.example/s-1.wav';

  it('has the user on the left and the bot on the right', () => {
    const audio = { url, format: 'wav', channels: 2, left: 'user', right: 'bot' };
    expect(audioOf(audio)).toEqual([{ url, of: { channels: ['Client', 'Agent'] } }]);
  });

  it('is a mix if it has one channel or does not name its channels', () => {
    expect(audioOf({ url, channels: 1, left: 'user' })).toEqual([{ url, of: 'Mixed' }]);
    expect(audioOf({ url, channels: 2 })).toEqual([{ url, of: 'Mixed' }]);
  });

  it('begins when it says so, also without a zone', () => {
    const audio = { url, channels: 1, startedAt: '2025-11-24T16:00:00.500' };
    expect(audioOf(audio)).toEqual([{ url, of: 'Mixed', startTime: 1_764_000_000_500 }]);
  });

  it('is not named without an address', () => {
    expect(audioOf({ format: 'wav', channels: 2, left: 'user', right: 'bot' })).toEqual([]);
  });
});
