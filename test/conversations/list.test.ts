import type { OutputOf, PutConversationBody } from '@colloquy/wire';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import { CONVERSATION_COUNTS } from '../../packages/server/src/conversations/model/counts.ts';
import { sealEnded } from '../../packages/server/src/conversations/write/seal.ts';
import { coverRange } from '../../packages/server/src/counters/cover-range.ts';
import type { Database } from '../../packages/server/src/kernel/postgres/database.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ sealAfterSeconds: 0 });
});
afterAll(() => server[Symbol.asyncDispose]());

const HOUR = 3_600_000;
const BASE = Date.parse('2026-01-31T22:00:00Z');
const STATUSES = ['Active', 'Paused', 'Completed', 'Failed'] as const;
const INITIATIONS = ['Inbound', 'Outbound', 'Web'] as const;
const END_TYPES = ['Normal', 'UserEndedCall', 'InitializeError'] as const;

interface Row {
  id: string;
  startTime: number;
  status: (typeof STATUSES)[number];
  initiationType: (typeof INITIATIONS)[number];
  endType: string | null;
  seconds: number;
}

const iso = (instant: number) => new Date(instant).toISOString();

function bodyOf(row: Row): PutConversationBody {
  return {
    Status: row.status,
    StartTime: iso(row.startTime),
    InitiationType: row.initiationType,
    ...(row.endType !== null && {
      EndTime: iso(row.startTime + row.seconds * 1000),
      EndType: row.endType,
    }),
  } as PutConversationBody;
}

const rowArbitrary = fc
  .record({
    // Few distinct times, so many conversations share one.
    startTime: fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.constantFrom(0, 1, HOUR / 2, HOUR - 1))
      .map(([hours, rest]) => BASE + hours * HOUR + rest),
    status: fc.constantFrom(...STATUSES),
    initiationType: fc.constantFrom(...INITIATIONS),
    endType: fc.constantFrom(...END_TYPES),
    seconds: fc.constantFrom(0, 9, 10, 70, 1799, 1800, 5000),
  })
  .map((row) => ({
    ...row,
    endType: row.status === 'Completed' || row.status === 'Failed' ? row.endType : null,
  }));

const filterArbitrary = fc.record(
  {
    StartStartedDate: fc.integer({ min: -2, max: 62 }).map((hours) => iso(BASE + hours * HOUR)),
    EndStartedDate: fc
      .integer({ min: -2, max: 124 })
      .map((halves) => iso(BASE + (halves * HOUR) / 2)),
    SessionStates: fc.subarray([...STATUSES, 'Ended'] as string[]),
    SessionInitiationTypes: fc.subarray([...INITIATIONS, 'Telephony'] as string[]),
    SessionEndTypes: fc.subarray([...END_TYPES, 'Transferred'] as string[]),
    DurationsFromSeconds: fc.subarray([1800, 0, 10, 60, 30] as const),
  },
  { requiredKeys: [] },
);
const changeArbitrary = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('put', 'delete', 'end'),
  replacement: rowArbitrary,
});
type Change = typeof changeArbitrary extends fc.Arbitrary<infer T> ? T : never;
type Filter = typeof filterArbitrary extends fc.Arbitrary<infer T> ? T : never;

function expected(rows: Iterable<Row>, filter: Filter): string[] {
  const any = (
    names: string[] | undefined,
    value: string | null,
    aliases: Record<string, string[]>,
  ) => !names?.length || names.some((name) => (aliases[name] ?? [name]).includes(value ?? ''));
  return [...rows]
    .filter(
      (row) =>
        (!filter.StartStartedDate || row.startTime >= Date.parse(filter.StartStartedDate)) &&
        (!filter.EndStartedDate || row.startTime <= Date.parse(filter.EndStartedDate)) &&
        any(filter.SessionStates, row.status, { Ended: ['Completed'] }) &&
        any(filter.SessionInitiationTypes, row.initiationType, {
          Telephony: ['Inbound', 'Outbound'],
        }) &&
        any(filter.SessionEndTypes, row.endType, {}) &&
        (!filter.DurationsFromSeconds?.length ||
          (row.endType !== null &&
            filter.DurationsFromSeconds.some((from) => classFrom(row.seconds) === from))),
    )
    .sort((a, b) => b.startTime - a.startTime || (a.id < b.id ? 1 : -1))
    .map(({ id }) => id);
}

const classFrom = (seconds: number) =>
  [1800, 600, 300, 120, 60, 30, 10, 0].find((from) => seconds >= from);

/** Pages to the end and back, to compare the items of both directions. */
async function walk(businessId: number, Limit: number, Filter: Filter) {
  type Page = OutputOf<'GetConversations'>;
  const forward: Page[] = [];
  let page = await server.admin.getConversations({ businessId, Limit, Filter });
  forward.push(page);
  while (page.NextCursor !== null) {
    page = await server.admin.getConversations({ businessId, Limit, NextCursor: page.NextCursor });
    forward.push(page);
  }
  const backward: Page[] = [page];
  while (page.PreviousCursor !== null) {
    const PreviousCursor = page.PreviousCursor;
    page = await server.admin.getConversations({ businessId, Limit, PreviousCursor });
    backward.unshift(page);
  }
  const ids = (pages: Page[]) => pages.flatMap(({ Items }) => Items.map(({ Id }) => Id));
  return { forward, forwardIds: ids(forward), backwardIds: ids(backward) };
}

describe('GetConversations', () => {
  it('pages and counts equal a plain filter and sort after any sequence of changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rowArbitrary, { maxLength: 40 }),
        fc.array(changeArbitrary, { maxLength: 12 }),
        fc.array(fc.tuple(filterArbitrary, fc.constantFrom(1, 3, 7, 100)), {
          minLength: 2,
          maxLength: 3,
        }),
        fc.boolean(),
        async (rows, changes, questions, rollsUp) => {
          const businessId = await newBusiness();
          const stored = new Map<string, Row>();
          for (const [index, row] of rows.entries()) {
            const id = `c${index}`;
            stored.set(id, { ...row, id });
            await server.admin.putConversation({
              businessId,
              sessionId: id,
              ...bodyOf({ ...row, id }),
            });
          }
          for (const change of changes) await apply(businessId, stored, change);
          if (rollsUp) await CONVERSATION_COUNTS.rollUp(server.app.ctx.db, businessId);
          for (const [filter, limit] of questions) {
            const expectedIds = expected(stored.values(), filter);
            const { forward, forwardIds, backwardIds } = await walk(businessId, limit, filter);
            expect(forwardIds).toEqual(expectedIds);
            expect(backwardIds).toEqual(expectedIds);
            for (const [index, page] of forward.entries()) {
              expect(page.TotalCount).toBe(expectedIds.length);
              expect(page.PageSize).toBe(limit);
              expect(page.HasPreviousPage).toBe(index > 0);
              expect(page.HasNextPage).toBe(index < forward.length - 1);
              expect(page.HasNextPage).toBe(page.NextCursor !== null);
              expect(page.HasPreviousPage).toBe(page.PreviousCursor !== null);
            }
          }
          await expectExactCounts(businessId);
        },
      ),
      { numRuns: 25 },
    );
  });

  let events = 0;
  let businesses = 1000;
  /**
   * Inserted by SQL, because each of the thousands of cases would otherwise wait for an access
   * change.
   */
  async function newBusiness(): Promise<number> {
    businesses += 1;
    await server.sql.query(
      `INSERT INTO businesses (business_id, name, created_at) VALUES ($1, 'Property', now())`,
      [businesses],
    );
    return businesses;
  }

  async function apply(
    businessId: number,
    stored: Map<string, Row>,
    { at, kind, replacement }: Change,
  ): Promise<void> {
    const id = [...stored.keys()][at % Math.max(1, stored.size)];
    const row = id === undefined ? undefined : stored.get(id);
    if (id === undefined || !row) return;
    if (kind === 'delete') {
      await server.admin.deleteConversation({ businessId, sessionId: id });
      stored.delete(id);
    } else if (kind === 'put') {
      await server.admin.putConversation({
        businessId,
        sessionId: id,
        ...bodyOf({ ...replacement, id }),
      });
      stored.set(id, { ...replacement, id });
    } else if (row.endType === null) {
      // Event ids remain known after a replacement.
      events += 1;
      await server.admin.appendConversationEvents({
        businessId,
        sessionId: id,
        Events: [
          {
            EventId: `end-${events}`,
            Type: 'SessionEnded',
            Timestamp: iso(row.startTime),
            EndType: 'Normal',
          },
        ],
      });
      stored.set(id, { ...row, status: 'Completed', endType: 'Normal', seconds: 0 });
      server.clock.advance(1);
      await sealEnded(server.app.ctx, systemScope(businessId));
    }
  }

  it('two roll-ups that chose the same deltas count them once', async () => {
    const businessId = await newBusiness();
    const { db } = server.app.ctx;
    const deltas = [{ at: BASE, keys: ['Active', 'Web', null], n: 1 }];
    await db.transaction((tx) => CONVERSATION_COUNTS.append(tx, businessId, deltas));
    let isOvertaken = false;
    const overtaken: Pick<Database, 'row' | 'transaction'> = {
      row: db.row,
      transaction: async (work) => {
        isOvertaken = true;
        await CONVERSATION_COUNTS.rollUp(db, businessId);
        return db.transaction(work);
      },
    };
    await CONVERSATION_COUNTS.rollUp(overtaken, businessId);
    expect(isOvertaken).toBe(true);
    const counted = `SELECT n::integer FROM conversation_counts WHERE business_id = $1 AND grain = 'all'`;
    expect((await server.sql.query(counted, [businessId])).rows).toEqual([{ n: 1 }]);
  });

  async function expectExactCounts(businessId: number): Promise<void> {
    const { rows } = await server.sql.query(
      `SELECT hour, status, initiation_type, end_type, sum(n) AS n FROM (
         SELECT bucket AS hour, status, initiation_type, end_type, n FROM conversation_counts
           WHERE business_id = $1 AND grain = 'hour'
         UNION ALL
         SELECT hour, status, initiation_type, end_type, n FROM conversation_count_deltas
           WHERE business_id = $1
         UNION ALL
         SELECT date_trunc('hour', start_time, 'UTC'), status, initiation_type, coalesce(end_type, ''), -1
           FROM conversations WHERE business_id = $1 AND erased_at IS NULL
       ) AS all_counts GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0`,
      [businessId],
    );
    expect(rows).toEqual([]);
    const { rows: totals } = await server.sql.query(
      `SELECT grain, bucket, sum(n) AS n FROM (
         SELECT split_part(grain, ' ', 1) AS grain, bucket,
           CASE WHEN grain LIKE '% total' THEN n ELSE -n END AS n
         FROM conversation_counts
         WHERE business_id = $1 AND grain <> 'all' AND grain NOT LIKE '% of %'
       ) AS both_ways GROUP BY 1, 2 HAVING sum(n) <> 0`,
      [businessId],
    );
    expect(totals).toEqual([]);
    const { rows: durationRows } = await server.sql.query(
      `SELECT grain, bucket, status, initiation_type, end_type, sum(n) AS n FROM (
         SELECT split_part(grain, ' ', 1) AS grain, bucket, status, initiation_type, end_type,
           CASE WHEN grain LIKE '% of %' THEN n ELSE -n END AS n
         FROM conversation_counts
         WHERE business_id = $1 AND end_type <> '' AND grain NOT LIKE '% total'
       ) AS both_ways GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0`,
      [businessId],
    );
    expect(durationRows).toEqual([]);
  }

  it('a filter with several values per field finds a conversation that matches one of each', async () => {
    const businessId = await newBusiness();
    await server.admin.putConversation({
      businessId,
      sessionId: 'one',
      Status: 'Completed',
      InitiationType: 'Web',
      StartTime: iso(BASE),
      EndTime: iso(BASE + 61_000),
      EndType: 'Normal',
    });
    const filter = {
      SessionStates: ['Active', 'Paused', 'Completed'],
      SessionInitiationTypes: ['Web'],
      SessionEndTypes: ['Normal'],
    };
    for (const Filter of [filter, { ...filter, DurationsFromSeconds: [60 as const] }]) {
      const { Items, TotalCount } = await server.admin.getConversations({ businessId, Filter });
      expect(Items.map(({ Id }) => Id)).toEqual(['one']);
      expect(TotalCount).toBe(1);
    }
  });

  it('paging returns each existing conversation once while new ones are added', async () => {
    const businessId = await newBusiness();
    const startTime = BASE;
    const put = (id: string) =>
      server.admin.putConversation({
        businessId,
        sessionId: id,
        ...bodyOf({
          id,
          startTime,
          status: 'Completed',
          initiationType: 'Web',
          endType: 'Normal',
          seconds: 0,
        }),
      });
    for (let index = 10; index < 40; index += 1) await put(`m${index}`);
    const seen: string[] = [];
    let page = await server.admin.getConversations({ businessId, Limit: 4 });
    for (let step = 0; ; step += 1) {
      seen.push(...page.Items.map(({ Id }) => Id));
      await put(`z${step}`);
      await put(`a${step}`);
      if (page.NextCursor === null || step > 40) break;
      page = await server.admin.getConversations({
        businessId,
        NextCursor: page.NextCursor,
        Limit: 4,
      });
    }
    const old = seen.filter((id) => id.startsWith('m'));
    expect(old).toEqual(Array.from({ length: 30 }, (_, index) => `m${39 - index}`));
  });

  it('a cursor is refused if it was altered or belongs to another business, direction or filter', async () => {
    const [businessId, other] = [await newBusiness(), await newBusiness()];
    for (const id of ['a', 'b', 'c']) {
      const row = {
        id,
        startTime: BASE,
        initiationType: 'Web',
        status: 'Active',
        endType: null,
        seconds: 0,
      } as const;
      await server.admin.putConversation({ businessId, sessionId: id, ...bodyOf(row) });
    }
    const filter = { SessionStates: ['Active', 'Completed'] };
    const first = await server.admin.getConversations({ businessId, Limit: 1, Filter: filter });
    const cursor = first.NextCursor ?? '';
    expect(cursor).toMatch(/^[A-Za-z0-9_.-]+$/);
    const bad = (input: object) =>
      expect(
        server.admin.getConversations({ businessId, Limit: 1, ...input } as never),
      ).rejects.toMatchObject({ reason: 'INVALID_CURSOR', status: 400 });
    await bad({ businessId: other, NextCursor: cursor });
    await bad({ PreviousCursor: cursor });
    await bad({ NextCursor: cursor, PreviousCursor: cursor });
    await bad({ NextCursor: cursor, Filter: {} });
    await bad({ NextCursor: cursor, Filter: { SessionStates: ['Active'] } });
    for (let at = 0; at < cursor.length; at += 3) {
      await bad({ NextCursor: cursor.slice(0, at) });
      const swapped = cursor[at] === 'A' ? 'B' : 'A';
      await bad({ NextCursor: cursor.slice(0, at) + swapped + cursor.slice(at + 1) });
    }
    const same = { SessionStates: ['Ended', 'Active', 'Active'], SessionEndTypes: [] };
    const page = await server.admin.getConversations({
      businessId,
      NextCursor: cursor,
      Filter: same,
    });
    expect(page.Items.map(({ Id }) => Id)).toEqual(['b', 'a']);
  });

  it('paging continues if all conversations of the last page were erased', async () => {
    const businessId = await newBusiness();
    for (const id of ['a', 'b', 'c', 'd']) {
      const row = {
        id,
        startTime: BASE,
        initiationType: 'Web',
        status: 'Active',
        endType: null,
        seconds: 0,
      } as const;
      await server.admin.putConversation({ businessId, sessionId: id, ...bodyOf(row) });
    }
    const first = await server.admin.getConversations({ businessId, Limit: 2 });
    for (const id of ['a', 'b'])
      await server.admin.deleteConversation({ businessId, sessionId: id });
    const empty = await server.admin.getConversations({
      businessId,
      Limit: 2,
      NextCursor: first.NextCursor,
    });
    expect(empty).toMatchObject({
      Items: [],
      HasNextPage: false,
      HasPreviousPage: true,
      TotalCount: 2,
    });
    const back = await server.admin.getConversations({
      businessId,
      Limit: 2,
      PreviousCursor: empty.PreviousCursor,
    });
    expect(back.Items.map(({ Id }) => Id)).toEqual(['d', 'c']);
    expect(back).toMatchObject({ HasNextPage: false, HasPreviousPage: false });
  });

  it('Include adds messages and logs to the items of a list', async () => {
    const businessId = await newBusiness();
    for (const id of ['a', 'b']) {
      const row = {
        id,
        startTime: BASE,
        initiationType: 'Web',
        status: 'Active',
        endType: null,
        seconds: 0,
      } as const;
      await server.admin.putConversation({
        businessId,
        sessionId: id,
        ...bodyOf(row),
        Messages: [{ SenderId: 'x', Role: 'User', Content: `hello ${id}`, Timestamp: iso(BASE) }],
        Logs: [{ Level: 'Info', Message: 'log', Timestamp: iso(BASE) }],
      });
    }
    const both = await server.admin.getConversations({ businessId, Include: ['Messages', 'Logs'] });
    for (const item of both.Items) {
      expect(item).toEqual(await server.admin.getConversation({ businessId, sessionId: item.Id }));
    }
    const messages = await server.admin.getConversations({ businessId, Include: ['Messages'] });
    expect(messages.Items[0]).toHaveProperty('Messages');
    expect(messages.Items[0]).not.toHaveProperty('Logs');
  });
});

describe('coverRange', () => {
  it('coverRange covers any range exactly, with few whole buckets and partial hours', () => {
    const instant = fc.oneof(
      fc.integer({ min: BASE - 400 * 24 * HOUR, max: BASE + 400 * 24 * HOUR }),
      fc.integer({ min: -9000, max: 9000 }).map((hours) => BASE + hours * HOUR),
      fc.constantFrom(-Infinity, Infinity),
    );
    fc.assert(
      fc.property(instant, instant, (from, to) => {
        const { buckets, hours, edges } = coverRange(from, to);
        const parts = [...buckets, ...edges];
        const ends = [from, to, ...parts.flatMap((part) => [part.from, part.to])];
        for (const end of ends.filter(Number.isFinite).flatMap((end) => [end - 1, end])) {
          const within = parts.filter((part) => part.from <= end && end < part.to);
          const times = within.reduce((sum, { sign }) => sum + sign, 0);
          expect(times).toBe(from <= end && end < to ? 1 : 0);
          const ofHours = buckets.filter((part) => part.from <= end && end < part.to);
          const inHours = hours.from <= end && end < hours.to;
          expect(ofHours.reduce((sum, { sign }) => sum + sign, 0)).toBe(inHours ? 1 : 0);
        }
        const length = (part: { from: number; to: number }) => part.to - part.from;
        const lengthOf = (grain: string) =>
          buckets
            .filter((part) => part.grain === grain)
            .reduce((sum, part) => sum + length(part), 0);
        expect(lengthOf('hour')).toBeLessThanOrEqual(24 * HOUR);
        expect(lengthOf('day')).toBeLessThanOrEqual(32 * 24 * HOUR);
        expect(edges.length).toBeLessThanOrEqual(2);
        for (const edge of edges) expect(length(edge)).toBeLessThanOrEqual(HOUR);
        for (const { grain, from: start } of buckets) {
          if (!Number.isFinite(start)) continue;
          const date = new Date(start);
          if (grain !== 'all') expect(start % HOUR).toBe(0);
          if (grain === 'day' || grain === 'month') expect(date.getUTCHours()).toBe(0);
          if (grain === 'month') expect(date.getUTCDate()).toBe(1);
        }
      }),
      { numRuns: 500 },
    );
  });
});
