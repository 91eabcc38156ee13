import type { InputOf, OutputOf } from '@colloquy/sdk';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONVERSATION_COUNTS } from '../../packages/server/src/conversations/model/counts.ts';
import { countStoredTranscripts } from '../../packages/server/src/conversations/usage/count-stored.ts';
import { USAGE_COUNTS } from '../../packages/server/src/conversations/usage/usage-counts.ts';
import { wavOf } from '../fixtures/wav.ts';
import {
  MASKED_READER,
  startTestServer,
  type TestServer,
  untilBlocked,
} from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

type Put = InputOf<'PutConversation'>;
type Months = OutputOf<'GetUsage'>['Months'];
type Listed = OutputOf<'GetConversations'>['Items'][number];

const DAY = 86_400_000;
const iso = (instant: number) => new Date(instant).toISOString().replace('.000Z', 'Z');
const monthOf = (text: string) => text.slice(0, 7);
const now = () => iso(server.clock.now());
/** Around the end of a month, before the clock of the server. */
const BOUNDARY = Date.parse('2026-02-01T00:00:00Z');
const CLIENT = { ClientId: 'ann', ClientType: 'Phone', JoinedAt: iso(BOUNDARY) } as const;

const step = fc.record({
  kind: fc.constantFrom(
    ...(['put', 'put', 'put', 'append', 'record', 'record', 'record', 'delete', 'erase'] as const),
    ...(['seal', 'abandon', 'purge', 'purge parts', 'roll up', 'next month'] as const),
  ),
  id: fc.integer({ min: 0, max: 5 }).map((number) => `c${number}`),
  start: fc
    .oneof(fc.constantFrom(-1, 0), fc.integer({ min: -2 * DAY, max: 2 * DAY }))
    .map((after) => BOUNDARY + after),
  milliseconds: fc.option(fc.integer({ min: 0, max: 4_000_000 })),
  text: fc.string({ maxLength: 40, unit: 'grapheme' }),
  frames: fc.integer({ min: 1, max: 300 }),
  isAnonymised: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function bodyOf(businessId: number, { id, start, milliseconds, text }: Step): Put {
  const message = { SenderId: 'ann', Role: 'User', Content: text, Timestamp: iso(start) } as const;
  const end = milliseconds === null ? null : iso(start + milliseconds);
  return {
    businessId,
    sessionId: id,
    InitiationType: 'Web',
    StartTime: iso(start),
    Clients: [{ ...CLIENT, PhoneNumber: `+49151123456${id.slice(1)}0` }],
    Messages: text === '' ? [] : [message],
    ...(end === null
      ? { Status: 'Active' as const }
      : { Status: 'Completed' as const, EndTime: end, EndType: 'Normal' as const }),
  };
}

function eventsOf({ start, milliseconds, text }: Step) {
  const Timestamp = iso(start);
  const client = { EventId: 'join', Type: 'ClientJoined', Timestamp, ClientId: 'ann' } as const;
  return [
    { EventId: 'start', Type: 'SessionStarted', Timestamp, InitiationType: 'Web' },
    { ...client, ClientType: 'Web' },
    { EventId: 'log', Type: 'LogAdded', Level: 'Info', Timestamp, Message: text },
    ...(milliseconds === null
      ? []
      : ([
          {
            EventId: 'end',
            Type: 'SessionEnded',
            Timestamp: iso(start + milliseconds),
            EndType: 'Normal',
          },
        ] as const)),
  ] as InputOf<'AppendConversationEvents'>['Events'];
}

async function apply(businessId: number, one: Step): Promise<void> {
  const { admin, clock } = server;
  const named = { businessId, sessionId: one.id };
  const retain = async (days: object) => {
    await admin.putRetention({ businessId, Rules: [{ Name: 'all', ...days }] });
    await admin.runRetention({ businessId });
    await admin.putRetention({ businessId, Rules: [] });
  };
  if (one.kind === 'put') await admin.putConversation(bodyOf(businessId, one));
  if (one.kind === 'append') {
    await admin.appendConversationEvents({ ...named, Events: eventsOf(one) });
  }
  if (one.kind === 'record') {
    const audio = wavOf(8000, one.frames, 1, (_, at) => Math.sin(at));
    await admin.putRecording({ ...named, participantId: 'ann', audio, contentType: 'audio/wav' });
  }
  if (one.kind === 'delete') await admin.deleteConversation(named);
  if (one.kind === 'erase') {
    const Mode = one.isAnonymised ? 'Anonymise' : 'Erase';
    const PhoneNumber = `+49151123456${one.id.slice(1)}0`;
    const erasure = { businessId, PhoneNumber, Mode, Reason: 'asked for it' } as const;
    const { ErasureId: erasureId } = await admin.createErasure(erasure);
    await server.runJob('erase-person', { businessId, erasureId });
  }
  if (one.kind === 'seal') {
    clock.advance(16 * 60);
    await server.runJob('seal-ended');
  }
  if (one.kind === 'abandon') {
    clock.advance(25 * 3600);
    await server.runJob('end-abandoned');
  }
  if (one.kind === 'purge') await retain({ RecordDays: 20 });
  if (one.kind === 'purge parts') await retain({ TranscriptDays: 20, RecordingDays: 20 });
  if (one.kind === 'next month') clock.advance((20 * DAY) / 1000);
  if (one.kind === 'roll up') {
    await CONVERSATION_COUNTS.rollUp(server.app.ctx.db, businessId);
    await USAGE_COUNTS.rollUp(server.app.ctx.db, businessId);
  }
}

const isRefused = (error: unknown) =>
  /^\w+:(GONE|NOT_FOUND|CONFLICT|SESSION_SEALED|INVALID_REQUEST)$/.test(
    (error as { code?: string }).code ?? '',
  );

const listed = (businessId: number): Promise<Listed[]> =>
  Array.fromAsync(server.admin.items('getConversations', { businessId, Limit: 100 }));

async function storedBytes(businessId: number) {
  const { rows } = await server.sql.query<{ transcripts: string; recordings: string }>(
    `SELECT (SELECT coalesce(sum(octet_length(messages) + octet_length(logs)), 0)
       FROM conversations WHERE business_id = $1) AS transcripts,
       (SELECT coalesce(sum(bytes), 0) FROM recordings WHERE business_id = $1) AS recordings`,
    [businessId],
  );
  const { transcripts = '', recordings = '' } = rows[0] ?? {};
  return {
    TranscriptBytesStored: Number(transcripts),
    RecordingBytesStored: Number(recordings),
  };
}

/** Conversations that were listed before a change and are not listed after it. */
function missingFrom(after: readonly Listed[], before: readonly Listed[]): Listed[] {
  return before.filter(({ Id }) => !after.some((one) => one.Id === Id));
}

/** Anonymous copies replace their originals, so they are no use of their own. */
const isCopy = ({ Id, Clients }: Listed) =>
  Id.startsWith('session_') && Clients.every(({ ClientId }) => ClientId.startsWith('person'));

function plainUsage(conversations: readonly Listed[], month: string) {
  const ofMonth = conversations.filter(({ StartTime }) => monthOf(StartTime) === month);
  const lengths = ofMonth.map(({ StartTime, EndTime }) =>
    EndTime === null ? 0 : Date.parse(EndTime) - Date.parse(StartTime),
  );
  const Seconds = lengths.reduce((sum, length) => sum + length, 0) / 1000;
  return { Conversations: ofMonth.length, Seconds };
}

describe('usage', () => {
  test('usage counts what was listed and stored, after any sequence of changes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 40 }), async (steps) => {
        const businessId = await server.newBusiness();
        const first = monthOf(now());
        const gone: Listed[] = [];
        const endOfMonth = new Map<string, Awaited<ReturnType<typeof storedBytes>>>();
        let before: Listed[] = [];
        for (const one of steps) {
          endOfMonth.set(monthOf(now()), await storedBytes(businessId));
          try {
            await apply(businessId, one);
          } catch (error) {
            if (!isRefused(error)) throw error;
          }
          const after = await listed(businessId);
          // The copy of a copy replaces it; otherwise a deleted copy counts as its original did.
          const missing = missingFrom(after, before);
          const copies = missingFrom(before, after).filter(isCopy);
          gone.push(...missing.slice(0, missing.length - copies.length));
          if (copies.length > 0) expect(missing.length).toBeGreaterThanOrEqual(copies.length);
          before = after;
        }
        endOfMonth.set(monthOf(now()), await storedBytes(businessId));
        const ofStarts = await server.admin.getUsage({
          ...{ businessId, From: '2026-01', To: '2026-02' },
        });
        for (const { Month, Conversations, Seconds } of ofStarts.Months) {
          expect({ Conversations, Seconds }).toEqual(plainUsage([...before, ...gone], Month));
        }
        const { Months } = await server.admin.getUsage({ businessId, From: first });
        const stored = Months.map(({ Month, TranscriptBytesStored, RecordingBytesStored }) => {
          return [Month, { TranscriptBytesStored, RecordingBytesStored }];
        });
        expect(stored).toEqual([...endOfMonth]);
      }),
      { numRuns: 25 },
    );
  });
});

const whole = (businessId: number, id: string, start: string, seconds: number): Put => ({
  ...bodyOf(businessId, {
    ...{ kind: 'put', id, start: Date.parse(start), milliseconds: seconds * 1000 },
    ...{ text: 'Grüße', frames: 1, isAnonymised: false },
  }),
});
const lastOf = (months: Months) => months.at(-1);

describe('the months of usage', () => {
  test('a conversation counts in the month in which it began, with its whole length', async () => {
    const businessId = await server.newBusiness();
    await server.admin.putConversation(whole(businessId, 'a', '2026-01-31T23:59:59.999Z', 90.5));
    await server.admin.putConversation(whole(businessId, 'b', '2026-02-01T00:00:00Z', 29));
    const { Months } = await server.admin.getUsage({ businessId, From: '2026-01', To: '2026-03' });
    expect(Months).toMatchObject([
      { Month: '2026-01', Conversations: 1, Seconds: 90.5, Minutes: 1.51 },
      { Month: '2026-02', Conversations: 1, Seconds: 29, Minutes: 0.48 },
      { Month: '2026-03', Conversations: 0, Seconds: 0, Minutes: 0 },
    ]);
  });

  test('a replacement adds its bytes and removes those that it replaces', async () => {
    const businessId = await server.newBusiness();
    const put = whole(businessId, 'a', '2026-01-31T23:59:59Z', 1);
    await server.admin.putConversation(put);
    const upload = (frames: number) =>
      server.admin.putRecording({
        ...{ businessId, sessionId: 'a', participantId: 'ann', contentType: 'audio/wav' },
        audio: wavOf(8000, frames, 1, () => 0),
      });
    const first = await upload(10);
    const stored = async () => lastOf((await server.admin.getUsage({ businessId })).Months);
    const before = await stored();
    expect(before?.TranscriptBytesStored).toBeGreaterThan(10);
    expect(before).toMatchObject({
      TranscriptBytesAdded: before?.TranscriptBytesStored,
      RecordingBytesAdded: first.Bytes,
      RecordingBytesStored: first.Bytes,
    });
    const second = await upload(20);
    await upload(20);
    await server.admin.putConversation({ ...put, Messages: [] });
    expect(await stored()).toMatchObject({
      TranscriptBytesAdded: Number(before?.TranscriptBytesAdded) + '[][]'.length,
      TranscriptBytesStored: '[][]'.length,
      RecordingBytesAdded: first.Bytes + second.Bytes,
      RecordingBytesStored: second.Bytes,
    });
  });

  test('ranges that are empty, too long or not of months are refused', async () => {
    const businessId = await server.newBusiness();
    const refuse = (range: object, message: string) =>
      expect(server.admin.getUsage({ businessId, ...range })).rejects.toThrow(message);
    await refuse({ From: '2026-03', To: '2026-02' }, 'From must not be after To');
    await refuse({ From: '2024-01', To: '2026-01' }, 'at most 24 months');
    await refuse({ From: '2026-13' }, 'From must be a month such as `2024-01`');
    const { Months } = await server.admin.getUsage({ businessId, To: '2026-02' });
    expect([Months.length, Months[0]?.Month]).toEqual([12, '2025-03']);
    await server.admin.getUsage({ businessId, From: '0001-01', To: '0002-12' });
    const first = await server.admin.getUsage({ businessId, To: '0001-05' });
    expect(first.Months.map(({ Month }) => Month)).toEqual(
      [1, 2, 3, 4, 5].map((number) => `0001-0${number}`),
    );
    await server.admin.getUsage({ businessId, From: '9998-01', To: '9999-12' });
  });
});

describe('who sees usage', () => {
  test('an admin lists businesses in pages, or one of them', async () => {
    const ids = [await server.newBusiness(), await server.newBusiness()];
    await server.admin.putConversation(whole(ids[1] ?? 0, 'a', '2026-02-01T00:00:00Z', 60));
    const range = { From: '2026-02', To: '2026-02' };
    const all = await Array.fromAsync(server.admin.items('listUsage', { ...range, Limit: 1 }));
    expect(all.map(({ BusinessId }) => BusinessId).slice(-2)).toEqual(ids);
    expect(all.at(-1)?.Months).toMatchObject([{ Conversations: 1, Minutes: 1 }]);
    const one = await server.admin.listUsage({ ...range, BusinessId: ids[1] ?? 0 });
    expect(one).toEqual({ Items: all.slice(-1), NextCursor: null });
    expect((await server.admin.listUsage({ BusinessId: 2 ** 40 })).Items).toEqual([]);
  });

  test('a key needs the Settings permission for its business, and may not list all', async () => {
    const businessId = await server.newBusiness();
    const other = await server.newBusiness();
    const reader = await server.newClient(businessId, { Settings: ['Retrieving'] });
    expect((await reader.getUsage({ businessId })).BusinessId).toBe(businessId);
    const refused = (code: string) => ({ code: expect.stringContaining(code) });
    await expect(reader.getUsage({ businessId: other })).rejects.toMatchObject(
      refused('BUSINESS_ACCESS_DENIED'),
    );
    await expect(reader.listUsage({})).rejects.toMatchObject(refused('PERMISSION_DENIED'));
    const agent = await server.newClient(businessId, MASKED_READER);
    await expect(agent.getUsage({ businessId })).rejects.toMatchObject(
      refused('PERMISSION_DENIED'),
    );
  });

  test('a masked reader gets no bytes of transcripts', async () => {
    const businessId = await server.newBusiness();
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
    await server.admin.putConversation(whole(businessId, 'a', '2026-02-01T00:00:00Z', 60));
    const masked = await server.newClient(businessId, { Settings: ['Retrieving'] });
    const { Months } = await masked.getUsage({ businessId });
    expect(lastOf(Months)).toMatchObject({
      ...{ Conversations: 0, RecordingBytesAdded: 0 },
      ...{ TranscriptBytesAdded: null, TranscriptBytesStored: null },
    });
  });
});

describe('usage of data of earlier releases', () => {
  const UNCOUNTED = [
    'UPDATE sealed_conversations SET counted_bytes = NULL WHERE business_id = $1',
    'UPDATE recordings SET counted_bytes = NULL WHERE business_id = $1',
    'DELETE FROM usage_deltas WHERE business_id = $1',
    'DELETE FROM usage_months WHERE business_id = $1',
    `INSERT INTO backfills (business_id, name)
     VALUES ($1, 'count-bytes-of-transcripts'), ($1, 'count-bytes-of-recordings')`,
  ];

  test('a deletion and a replacement during the background count leave no bytes of their own', async () => {
    const businessId = await server.newBusiness();
    for (const id of ['c1', 'c2', 'c3']) {
      await server.admin.putConversation(whole(businessId, id, '2026-01-15T12:00:00Z', 60));
    }
    for (const text of UNCOUNTED) await server.sql.query(text, [businessId]);
    const { db } = server.app.ctx;
    const changes = await db.transaction(async (tx) => {
      await countStoredTranscripts(server.app.ctx).runBatch(tx, businessId, [''], 100);
      const changing = Promise.all([
        server.admin.deleteConversation({ businessId, sessionId: 'c1' }),
        server.admin.putConversation({
          ...whole(businessId, 'c2', '2026-01-15T12:00:00Z', 60),
          Messages: [],
        }),
      ]);
      await untilBlocked(server, 2);
      return { changing };
    });
    await changes.changing;
    const { Months } = await server.admin.getUsage({ businessId });
    const { TranscriptBytesStored } = await storedBytes(businessId);
    expect(lastOf(Months)).toMatchObject({ TranscriptBytesStored });
  });

  test('a transcript whose EndTime is in a later month is counted in the current month', async () => {
    const businessId = await server.newBusiness();
    const start = iso(server.clock.now() + 60 * DAY);
    await server.admin.putConversation(whole(businessId, 'a', start, 60));
    for (const text of UNCOUNTED) await server.sql.query(text, [businessId]);
    expect(await server.app.backfills.run()).toBe(true);
    const stored = async () => lastOf((await server.admin.getUsage({ businessId })).Months);
    const { TranscriptBytesStored } = await storedBytes(businessId);
    expect(await stored()).toMatchObject({ TranscriptBytesStored });
    await server.admin.deleteConversation({ businessId, sessionId: 'a' });
    expect(await stored()).toMatchObject({ TranscriptBytesStored: 0 });
  });

  test('stored bytes are counted once in the background, beside writers', async () => {
    const businessId = await server.newBusiness();
    for (let n = 0; n < 12; n += 1) {
      await server.admin.putConversation(whole(businessId, `c${n}`, '2026-01-15T12:00:00Z', 60));
      await server.admin.putRecording({
        ...{ businessId, sessionId: `c${n}`, participantId: 'ann', contentType: 'audio/wav' },
        audio: wavOf(8000, 10 + n, 1, () => 0),
      });
    }
    for (const text of UNCOUNTED) await server.sql.query(text, [businessId]);
    // Not counted yet, so nothing is subtracted.
    await server.admin.deleteConversation({ businessId, sessionId: 'c3' });
    await server.admin.putConversation({
      ...whole(businessId, 'c4', '2026-01-15T12:00:00Z', 60),
      Messages: [],
    });
    expect(await server.app.backfills.run()).toBe(true);
    await server.admin.deleteConversation({ businessId, sessionId: 'c5' });
    await USAGE_COUNTS.rollUp(server.app.ctx.db, businessId);
    const current = await server.admin.getUsage({ businessId });
    expect(lastOf(current.Months)).toMatchObject(await storedBytes(businessId));
    const { Months } = await server.admin.getUsage({ businessId, From: '2026-01', To: '2026-01' });
    expect(Months[0]).toMatchObject({ Month: '2026-01', Conversations: 12, Minutes: 12 });
    expect(Months[0]?.TranscriptBytesStored).toBeGreaterThan(0);
  });
});
