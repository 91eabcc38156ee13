import type { ConversationEvent } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LoggedChange, subjectOf } from '../../packages/server/src/changes/change.ts';
import { numberBusiness } from '../../packages/server/src/changes/log.ts';
import {
  findChanges,
  findPositionBefore,
  findRange,
  skipPositions,
} from '../../packages/server/src/changes/log-store.ts';
import type { Db } from '../../packages/server/src/kernel/postgres/database.ts';
import { startTestServer, type TestServer, untilBlocked } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const at = (seconds = 0) => new Date(server.clock.now() + seconds * 1000).toISOString();
const started = (): ConversationEvent => ({
  EventId: 'start',
  Type: 'SessionStarted',
  Timestamp: at(),
  InitiationType: 'Inbound',
});
const said = (EventId: string): ConversationEvent => ({
  EventId,
  Type: 'MessageAdded',
  Timestamp: at(),
  SenderId: 'c',
  Role: 'User',
  Content: EventId,
});
const ended = (): ConversationEvent => ({
  EventId: 'end',
  Type: 'SessionEnded',
  Timestamp: at(),
  EndType: 'Normal',
});
const whole = (Status: 'Active' | 'Completed') => ({
  QueueId: null,
  Status,
  StartTime: at(),
  EndTime: Status === 'Active' ? null : at(60),
  EndType: Status === 'Active' ? null : ('Normal' as const),
  Clients: [],
  Agents: [],
  InitiationType: 'Web' as const,
  Metadata: {},
});
const append = (businessId: number, sessionId: string, ...Events: ConversationEvent[]) =>
  server.admin.appendConversationEvents({ businessId, sessionId, Events });

/** What a reader that remembers a position has not seen yet. */
async function readAfter(businessId: number, position: number): Promise<LoggedChange[]> {
  const { db } = server.app.ctx;
  await numberBusiness(db, businessId);
  return findChanges(db, { businessId }, position, 10_000);
}

const kindsOf = (changes: readonly LoggedChange[]) =>
  changes.map((change) => `${change.kind} ${subjectOf(server.app.ctx.secrets, change)}`);

describe('the change log', () => {
  test('has a row for each write, in their order, without gaps', async () => {
    const businessId = await server.newBusiness();
    await append(businessId, 'a', started(), said('m1'));
    await append(businessId, 'a', said('m2'), ended());
    await append(businessId, 'a', said('late'));
    await server.admin.putConversation({ businessId, sessionId: 'b', ...whole('Active') });
    await server.admin.putConversation({ businessId, sessionId: 'b', ...whole('Completed') });
    server.clock.advance(900);
    await server.runJob('seal-ended');
    await server.admin.deleteConversation({ businessId, sessionId: 'b' });
    const changes = await readAfter(businessId, 0);
    expect(kindsOf(changes)).toEqual([
      'EventsAppended a',
      'EventsAppended a',
      'LateEventsAppended a',
      'ConversationSealed a',
      'ConversationErased b',
    ]);
    const [first, second, late] = changes;
    expect(first).toMatchObject({ firstSeq: 1, eventIds: ['start', 'm1'], eventTypes: 'SM' });
    expect(second).toMatchObject({ firstSeq: 3, eventTypes: 'ME' });
    expect(late).toMatchObject({ firstSeq: 5, eventTypes: 'M' });
    const positions = changes.map(({ position }) => position);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(new Set(positions).size).toBe(positions.length);
  });

  test('a change that commits late arrives later, once, and no writer waits for it', async () => {
    const businessId = await server.newBusiness();
    await server.admin.putConversation({ businessId, sessionId: 'late', ...whole('Active') });
    const begin = (await readAfter(businessId, 0)).at(-1)?.position ?? 0;
    const blocker = await server.sql.connect();
    try {
      await blocker.query('BEGIN');
      // A replacement adds its change and then looks for recordings.
      await blocker.query('LOCK TABLE recordings');
      const replaced = server.admin.putConversation({
        businessId,
        sessionId: 'late',
        ...whole('Completed'),
      });
      await untilBlocked(server);
      await append(businessId, 'quick', started());
      for (let n = 1; n < 100; n += 1) await append(businessId, 'quick', said(`m${n}`));
      const seen = await readAfter(businessId, begin);
      expect(seen).toHaveLength(100);
      expect(new Set(kindsOf(seen))).toEqual(new Set(['EventsAppended quick']));
      await blocker.query('COMMIT');
      await replaced;
      const rest = await readAfter(businessId, seen.at(-1)?.position ?? 0);
      expect(kindsOf(rest)).toEqual(['ConversationReplaced late']);
      expect(await readAfter(businessId, rest[0]?.position ?? 0)).toEqual([]);
    } finally {
      blocker.release(true);
    }
  });

  test('a change that commits while the position for a time is looked up comes after it', async () => {
    const businessId = await server.newBusiness();
    const { db } = server.app.ctx;
    let looks = 0;
    const beside: Db = {
      rows: (statement, values) => db.rows(statement, values),
      async row(statement, values) {
        const found = await db.row(statement, values);
        looks += 1;
        if (looks === 1) await append(businessId, 'call', started());
        await numberBusiness(db, businessId);
        return found as never;
      },
    };
    const position = await findPositionBefore(beside, { businessId }, server.clock.now());
    expect((await readAfter(businessId, position)).map(({ subjectId }) => subjectId)).toEqual([
      'call',
    ]);
  });

  test('many that number at once give each change one position', async () => {
    const businessId = await server.newBusiness();
    const ids = Array.from({ length: 8 }, (_, n) => `call-${n}`);
    for (const id of ids) await append(businessId, id, started());
    const writing = Promise.all(
      ids.map(async (id) => {
        for (let n = 0; n < 25; n += 1) await append(businessId, id, said(`m${n}`));
      }),
    );
    let isDone = false;
    const { db } = server.app.ctx;
    const numbering = Array.from({ length: 4 }, async () => {
      while (!isDone) await numberBusiness(db, businessId);
    });
    const seen: LoggedChange[] = [];
    while (seen.length < ids.length * 26) {
      seen.push(...(await readAfter(businessId, seen.at(-1)?.position ?? 0)));
    }
    await writing;
    isDone = true;
    await Promise.all(numbering);
    expect(seen.map(({ position }) => position)).toEqual(seen.map((_, n) => n + 1));
    for (const id of ids) {
      const own = seen.filter(({ subjectId }) => subjectId === id);
      expect(own.map(({ firstSeq }) => firstSeq)).toEqual(own.map((_, n) => n + 1));
    }
  });

  test('changes older than CHANGE_LOG_SECONDS are removed, and positions continue', async () => {
    const businessId = await server.newBusiness();
    await append(businessId, 'a', started(), said('m1'));
    const [first] = await readAfter(businessId, 0);
    server.clock.advance(7 * 86_400 + 1);
    await server.runJob('remove-old-changes');
    expect(await findRange(server.app.ctx.db, { businessId })).toEqual({ removedTo: 1, last: 1 });
    await append(businessId, 'a', said('m2'));
    expect(first?.position).toBe(1);
    expect(await readAfter(businessId, 1)).toMatchObject([{ position: 2, firstSeq: 3 }]);
  });

  test('positions from after a backup are not given again after its restore', async () => {
    const businessId = await server.newBusiness();
    await append(businessId, 'a', started());
    const [before] = await readAfter(businessId, 0);
    await skipPositions(server.sql);
    await append(businessId, 'a', said('m1'));
    const [after] = await readAfter(businessId, before?.position ?? 0);
    expect(after?.position).toBeGreaterThan(1_000_000_000_000);
    expect(after?.position).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });
});
