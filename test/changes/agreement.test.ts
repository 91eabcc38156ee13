import type { ConversationEvent } from '@colloquy/wire';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import { type LoggedChange, subjectOf } from '../../packages/server/src/changes/change.ts';
import { numberBusiness } from '../../packages/server/src/changes/log.ts';
import { findChanges } from '../../packages/server/src/changes/log-store.ts';
import { lockToPurge, purge } from '../../packages/server/src/conversations/erasure/purge.ts';
import { endAndSeal } from '../../packages/server/src/conversations/write/seal.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const RUNS = 25;
const IDS = ['a', 'b', 'c'] as const;
const STATUSES = ['Active', 'Completed', 'Failed'] as const;

const action = fc.record({
  id: fc.constantFrom(...IDS),
  verb: fc.constantFrom('start', 'say', 'end', 'put', 'putLive', 'seal', 'thin', 'purge', 'delete'),
});

type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** Refusals (no such conversation, sealed, gone) are as good as successes here. */
const orRefused = (work: Promise<unknown>) =>
  work.catch((error: { status?: number }) => {
    if (error.status === undefined || error.status >= 500) throw error;
  });

function actionsOn(businessId: number) {
  const { ctx } = server.app;
  const scope = systemScope(businessId);
  const at = () => new Date(server.clock.now()).toISOString();
  let events = 0;
  const append = (sessionId: string, event: Record<string, unknown>) => {
    events += 1;
    const Events = [{ EventId: `e${events}`, Timestamp: at(), ...event }] as ConversationEvent[];
    return orRefused(server.admin.appendConversationEvents({ businessId, sessionId, Events }));
  };
  const put = (sessionId: string, isLive: boolean) =>
    orRefused(
      server.admin.putConversation({
        businessId,
        sessionId,
        QueueId: null,
        Status: isLive ? 'Active' : 'Completed',
        StartTime: at(),
        EndTime: isLive ? null : at(),
        EndType: isLive ? null : 'Normal',
        Clients: [],
        Agents: [],
        InitiationType: 'Web',
        Metadata: { n: String(events) },
      }),
    );
  const purgeAll = (id: string, record: boolean) =>
    ctx.db.transaction(async (tx) => {
      const locked = await lockToPurge(tx, scope, [id]);
      const part = { transcript: true, logs: true, recordings: true, record };
      const parts = new Map([...locked.keys()].map((each) => [each, part] as const));
      const now = ctx.clock.now();
      if (parts.size > 0) await purge(tx, ctx.secrets, scope, { locked, parts, now });
    });
  return async ({ id, verb }: Action) => {
    const started = { Type: 'SessionStarted', InitiationType: 'Web' };
    if (verb === 'start') await append(id, started);
    const said = { Type: 'MessageAdded', SenderId: 'c', Role: 'User', Content: 'hello' };
    if (verb === 'say') await append(id, said);
    if (verb === 'end') await append(id, { Type: 'SessionEnded', EndType: 'Normal' });
    if (verb === 'put' || verb === 'putLive') await put(id, verb === 'putLive');
    if (verb === 'seal') await endAndSeal(ctx, scope, id);
    if (verb === 'thin' || verb === 'purge') await purgeAll(id, verb === 'purge');
    if (verb === 'delete') {
      await orRefused(server.admin.deleteConversation({ businessId, sessionId: id }));
    }
  };
}

interface Row {
  readonly id: string;
  readonly status: string;
  readonly isLive: boolean;
  readonly events: number;
}

async function rowsOf(businessId: number): Promise<Map<string, Row>> {
  const { rows } = await server.sql.query<Row>(
    `SELECT c.id, c.status, l.version IS NOT NULL AS "isLive", (
       SELECT coalesce(sum(cardinality(string_to_array(e.event_ids, E'\\x01'))), 0)::integer
       FROM conversation_events e
       WHERE e.business_id = c.business_id AND e.conversation_id = c.id
     ) AS events
     FROM conversations c
     LEFT JOIN live_conversations l ON l.business_id = c.business_id AND l.conversation_id = c.id
     WHERE c.business_id = $1`,
    [businessId],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** What a reader of the log believes. */
function replay(changes: readonly LoggedChange[]) {
  const known = new Map<string, { isSealed: boolean; events: number; isOver: boolean }>();
  for (const change of changes) {
    const id = subjectOf(server.app.ctx.secrets, change);
    const state = known.get(id);
    const letters = change.eventTypes ?? '';
    switch (change.kind) {
      case 'EventsAppended':
      case 'LateEventsAppended': {
        const before = state ?? { isSealed: false, events: 0, isOver: false };
        expect(change.firstSeq).toBe(before.events + 1);
        expect(change.kind === 'LateEventsAppended').toBe(before.isOver);
        const events = before.events + letters.length;
        known.set(id, { ...before, events, isOver: before.isOver || letters.includes('E') });
        break;
      }
      case 'ConversationAdded':
      case 'ConversationReplaced':
        expect(state === undefined).toBe(change.kind === 'ConversationAdded');
        known.set(id, { isSealed: change.details?.IsSealed === true, events: 1, isOver: false });
        break;
      case 'ConversationSealed':
        if (state) state.isSealed = true;
        break;
      case 'ConversationErased':
        // Its earlier changes were removed with it.
        expect(state).toBeUndefined();
        break;
      default:
        expect(state?.isSealed).toBe(true);
    }
  }
  return known;
}

test('any interleaving leaves counts, audit log and change log that agree with the rows', async () => {
  const lanes = fc.array(fc.array(action, { maxLength: 8 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(lanes, async (work) => {
      const businessId = await server.newBusiness();
      const run = actionsOn(businessId);
      await Promise.all(
        work.map(async (lane) => {
          for (const one of lane) await run(one);
        }),
      );
      const { db } = server.app.ctx;
      await numberBusiness(db, businessId);
      const changes = await findChanges(db, { businessId }, 0, 10_000);
      const known = replay(changes);
      const rows = await rowsOf(businessId);
      expect(new Set(known.keys())).toEqual(new Set(rows.keys()));
      for (const [id, { isLive, events }] of rows) {
        expect(known.get(id)?.isSealed).toBe(!isLive);
        if (isLive) expect(known.get(id)?.events).toBe(events);
      }
      for (const status of STATUSES) {
        const Filter = { SessionStates: [status] };
        const { TotalCount } = await server.admin.getConversations({ businessId, Filter });
        const stored = [...rows.values()].filter((row) => row.status === status);
        expect(TotalCount).toBe(stored.length);
      }
      const { Items } = await server.admin.getAudit({ businessId, Limit: 100 });
      const audited = (id: string, action: string) =>
        Items.filter(({ SubjectId, Action }) => SubjectId === id && Action === action).length;
      for (const id of rows.keys()) {
        const logged = changes.filter(({ subjectId }) => subjectId === id);
        const replaced = logged.filter(({ kind }) => kind === 'ConversationReplaced');
        expect(audited(id, 'ConversationCreated')).toBe(1);
        expect(audited(id, 'ConversationReplaced')).toBe(replaced.length);
      }
    }),
    { numRuns: RUNS, seed: 16 },
  );
});
