import { describe, expect, it } from 'vitest';
import { translatePipecat } from './translate.ts';

const deliver = (body: unknown) => ({ headers: {}, body: Buffer.from(JSON.stringify(body)) });

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
