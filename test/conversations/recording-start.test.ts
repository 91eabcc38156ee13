import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { muteRecording } from '../../packages/server/src/conversations/masking/mute.ts';
import { describeRecording } from '../../packages/server/src/conversations/read/peaks.ts';
import { blobKeysOf } from '../fixtures/kept-calls.ts';
import { wavOf } from '../fixtures/wav.ts';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let masked: TestServer['admin'];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
  masked = await server.newClient(businessId, MASKED_READER);
  await server.admin.putRedaction({ businessId, Categories: ['CARD'] });
});

const START = Date.parse('2026-02-28T14:30:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const RATE = 8000;
const tone = (seconds: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(wavOf(RATE, seconds * RATE, 1, (_, index) => 0.3 + 0.25 * Math.sin(index / 5)));

/** A call of ten seconds; the caller says a card number from second 5 to 6. */
const put = (sessionId = 's', agentJoined = 0) =>
  server.admin.putConversation({
    businessId,
    sessionId,
    Status: 'Completed',
    EndType: 'Normal',
    InitiationType: 'Inbound',
    StartTime: at(0),
    EndTime: at(10),
    Clients: [{ ClientId: 'caller', ClientType: 'Phone', JoinedAt: at(0) }],
    Agents: [{ AgentId: 'agent', AgentType: 'AI', JoinedAt: at(agentJoined) }],
    Messages: [
      {
        SenderId: 'caller',
        Role: 'User',
        Content: 'my card is 4111 1111 1111 1111',
        Timestamp: at(5),
        EndedAt: at(6),
      },
    ],
  } as never);

const record = (
  seconds: number,
  StartTime?: string,
  participantId = '_mixed',
  audio = tone(seconds),
) =>
  server.admin.putRecording({
    ...{ businessId, sessionId: 's', participantId, audio, contentType: 'audio/wav' },
    ...(StartTime !== undefined && { StartTime }),
  });

async function silenceRecordings(): Promise<void> {
  for (const blobKey of await blobKeysOf(server, businessId)) {
    await muteRecording(server.app.ctx, { businessId, blobKey });
  }
}

const recordingFor = async (client: TestServer['admin']) =>
  (await client.getConversation({ businessId, sessionId: 's' })).Recordings?.[0];

/** The ranges in seconds in which the masked reader's copy is zero. */
async function silence(): Promise<[number, number][]> {
  await silenceRecordings();
  const url = (await recordingFor(masked))?.AudioUrl;
  const samples = new Int16Array((await (await fetch(String(url))).arrayBuffer()).slice(44));
  const found: [number, number][] = [];
  for (const [index, sample] of samples.entries()) {
    if (sample !== 0) continue;
    const last = found.at(-1);
    if (last && index <= last[1] + 1) last[1] = index;
    else found.push([index, index]);
  }
  return found.map(([from, to]) => [from / RATE, (to + 1) / RATE]);
}

describe('the StartTime of a recording', () => {
  test('the StartTime is shown in UTC to every reader, and is absent if it was not given', async () => {
    await put();
    await record(6);
    await silenceRecordings();
    for (const client of [server.admin, masked]) {
      expect(await recordingFor(client)).not.toHaveProperty('StartTime');
    }
    await record(6, '2026-02-28T15:30:04.25+01:00');
    await silenceRecordings();
    for (const client of [server.admin, masked]) {
      const recording = await recordingFor(client);
      expect(recording?.StartTime).toBe('2026-02-28T14:30:04.250Z');
      const { Items } = await client.getConversations({ businessId });
      expect(Items[0]?.Recordings?.[0]?.StartTime).toBe(recording?.StartTime);
    }
  });

  test('the StartTime is replaced by the next upload, even of the same bytes', async () => {
    await put();
    await record(6, at(4));
    await record(6, at(3));
    expect((await recordingFor(server.admin))?.StartTime).toBe('2026-02-28T14:30:03Z');
    await record(6, at(3));
    const { Items } = await server.admin.getAudit({ businessId, Limit: 100 });
    expect(Items.filter(({ Action }) => Action === 'RecordingPut')).toHaveLength(2);
    await record(6);
    expect(await recordingFor(server.admin)).not.toHaveProperty('StartTime');
  });

  test('the StartTime cannot be changed by a key that may only add', async () => {
    await put();
    await record(6, at(4));
    const adding = { 'Conversations.ConversationPermissions': ['Adding' as const] };
    const adder = await server.newClient(businessId, adding);
    const same = { businessId, sessionId: 's', participantId: '_mixed', audio: tone(6) };
    const again = (StartTime: string) =>
      adder.putRecording({ ...same, contentType: 'audio/wav', StartTime });
    await expect(again(at(4))).resolves.toMatchObject({ DurationSeconds: 6 });
    await expect(again(at(5))).rejects.toMatchObject({ reason: 'CONFLICT' });
    expect((await recordingFor(server.admin))?.StartTime).toBe('2026-02-28T14:30:04Z');
  });

  test.each([
    '',
    'yesterday',
    '2026-02-28',
    '2026-02-28T14:30:04',
    '2026-02-30T14:30:04Z',
    '1772289004',
    '0000-01-01T00:00:00Z',
  ])('the StartTime %j is refused with a 400', async (StartTime) => {
    await put();
    await expect(record(6, StartTime)).rejects.toMatchObject({
      status: 400,
      reason: 'INVALID_REQUEST',
      message: expect.stringContaining('StartTime'),
    });
    expect(await recordingFor(server.admin)).toBeUndefined();
  });

  test('the StartTime may be before the conversation and at the limits of a timestamp', async () => {
    await put();
    for (const StartTime of [at(-30), '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z']) {
      await record(6, StartTime);
      const shown = (await recordingFor(server.admin))?.StartTime;
      expect(Date.parse(String(shown))).toBe(Date.parse(StartTime));
    }
  });
});

describe('the silenced copy of a recording', () => {
  test.each([
    [6, 4, [[0.85, 2.15]]],
    [10, 0, [[4.85, 6.15]]],
    [12, -2, [[6.85, 8.15]]],
    [6, 0, [[4.85, 6]]],
  ])(
    'the copy of %i s beginning at second %i is silent during the number',
    async (length, start, expected) => {
      await put();
      await record(length, at(start));
      expect(await silence()).toEqual(expected);
    },
  );

  test('the copy is made again after the StartTime is replaced', async () => {
    await put();
    await record(6, at(0));
    expect(await silence()).toEqual([[4.85, 6]]);
    await record(6, at(4));
    expect((await recordingFor(masked))?.AudioUrl).toBeUndefined();
    expect(await silence()).toEqual([[0.85, 2.15]]);
  });

  test('the copy for a participant follows the StartTime, not JoinedAt', async () => {
    await put();
    await record(8, at(2), 'caller');
    expect(await silence()).toEqual([[2.85, 4.15]]);
  });

  test('without StartTime, the copy of a short file is silent for all possible positions of the number', async () => {
    await put();
    await record(6);
    // From its position if the file ends with the call to its position if the file begins with it.
    expect(await silence()).toEqual([[0.85, 6]]);
  });

  test('without StartTime, the copy is exact if the file has 90 % of the length of the conversation', async () => {
    await put();
    await record(9);
    expect(await silence()).toEqual([[4.85, 6.15]]);
    await record(8.9, undefined, '_mixed', tone(8.9));
    const [[from, to] = [0, 0]] = await silence();
    expect(from).toBeCloseTo(3.75, 2);
    expect(to).toBe(6.15);
  });

  test('a StartTime that places the file outside of the conversation is ignored', async () => {
    await put();
    for (const StartTime of [at(3600), at(-3600)]) {
      await record(6, StartTime);
      expect(await silence()).toEqual([[0.85, 6]]);
    }
  });

  test('the copy of a file of unknown length is made after the length is measured', async () => {
    await put();
    await record(6);
    await server.sql.query('UPDATE recordings SET duration_ms = NULL WHERE business_id = $1', [
      businessId,
    ]);
    expect(await silence()).toEqual([[0.85, 6]]);
  });

  test('the copy is made again if decoding finds another length than the container states', async () => {
    await put();
    await record(6);
    await server.sql.query('UPDATE recordings SET duration_ms = 10000 WHERE business_id = $1', [
      businessId,
    ]);
    expect(await silence()).toEqual([[4.85, 6]]);
    const [blobKey = ''] = await blobKeysOf(server, businessId);
    await describeRecording(server.app.ctx, { businessId, blobKey });
    expect(await silence()).toEqual([[0.85, 6]]);
    expect((await recordingFor(masked))?.DurationSeconds).toBe(6);
  });
});
