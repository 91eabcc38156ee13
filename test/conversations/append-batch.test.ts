import type { ConversationEvent } from '@colloquy/wire';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let other: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  other = await startTestServer({ connection: server.connection });
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const Timestamp = '2026-03-01T12:00:00Z';
const started = { EventId: 'start', Type: 'SessionStarted', Timestamp, InitiationType: 'Inbound' };
const joined = {
  ...{ EventId: 'join', Type: 'ClientJoined', Timestamp, ClientId: 'c', ClientType: 'Phone' },
};
const ended = { EventId: 'end', Type: 'SessionEnded', Timestamp, EndType: 'Normal' };
const said = (Content: string) => ({
  ...{ EventId: Content, Type: 'MessageAdded', Timestamp, SenderId: 'c', Role: 'User', Content },
});
const saidAll = (prefix: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => said(`${prefix}-${from + n}`));
const contents = (prefix: string, count: number) =>
  saidAll(prefix, 0, count).map(({ Content }) => Content);

function actions(businessId: number) {
  const appendTo =
    ({ admin }: TestServer) =>
    (sessionId: string, ...Events: object[]) =>
      admin.appendConversationEvents({
        ...{ businessId, sessionId, Events: Events as ConversationEvent[] },
      });
  const { admin } = server;
  return {
    append: appendTo(server),
    appendElsewhere: appendTo(other),
    read: (sessionId: string) => admin.getConversation({ businessId, sessionId }),
    count: async (state: 'Active' | 'Completed') =>
      (await admin.getConversations({ businessId, Filter: { SessionStates: [state] } })).TotalCount,
    auditedOf: async (id: string) =>
      (await admin.getAudit({ businessId })).Items.filter(({ SubjectId }) => SubjectId === id).map(
        ({ Action }) => Action,
      ),
  };
}

// The repeated event lets the whole batch fail; its appends are then written one by one.
test.each([
  ['only new events', 'plain-1'],
  ['a repeated event', 'plain-0'],
])(
  'concurrent appends to several conversations, with %s, each have their own outcome',
  async (_, repeated) => {
    const businessId = await server.newBusiness();
    const { append, appendElsewhere, read, count, auditedOf } = actions(businessId);
    await append('a-stale', started, said('a-stale-0'));
    await append('header', started, said('header-0'));
    await append('plain', started, said('plain-0'));
    await append('ending', started);
    await append('deleted', started);
    await server.admin.deleteConversation({ businessId, sessionId: 'deleted' });
    await appendElsewhere('a-stale', said('a-stale-1'));

    const results = await Promise.allSettled([
      append('a-stale', ...saidAll('a-stale', 2, 8)),
      append('new', started, ...saidAll('new', 0, 4)),
      append('header', joined, ...saidAll('header', 1, 7)),
      append('plain', said(repeated), ...saidAll('plain', 2, 7)),
      append('deleted', started, said('deleted-0')),
      append('ending', ended),
      append('starting', started),
    ]);

    const isRepeated = repeated === 'plain-0';
    expect(results.map((one) => (one.status === 'fulfilled' ? one.value.Accepted : null))).toEqual([
      ...[6, 5, 7, isRepeated ? 5 : 6, null, 1, 1],
    ]);
    expect(results[4]).toMatchObject({ reason: { status: 410 } });
    const saidIn = async (id: string) => (await read(id)).Messages.map(({ Content }) => Content);
    expect(await saidIn('a-stale')).toEqual(contents('a-stale', 8));
    expect(await saidIn('new')).toEqual(contents('new', 4));
    expect(await saidIn('header')).toEqual(contents('header', 7));
    const plain = contents('plain', 7).filter((one) => !isRepeated || one !== 'plain-1');
    expect(await saidIn('plain')).toEqual(plain);
    expect((await read('header')).Clients).toMatchObject([{ ClientId: 'c' }]);
    expect(await read('ending')).toMatchObject({ Status: 'Completed', EndType: 'Normal' });
    expect([await count('Active'), await count('Completed')]).toEqual([5, 1]);
    expect(await auditedOf('new')).toEqual(await auditedOf('starting'));
    expect(await auditedOf('ending')).toHaveLength((await auditedOf('new')).length + 1);
  },
);

// Distributed tables have no triggers.
test.skipIf(inject('citusNodes') !== null)(
  'a commit that failed leaves nothing in the cache that a write of another server could match',
  async () => {
    const businessId = await server.newBusiness();
    const { append, appendElsewhere, read } = actions(businessId);
    await append('a', started, said('one'));
    // Four attempts without a lock find another version; the locked one fails at its commit.
    await server.sql.query(`
    CREATE SEQUENCE tries;
    CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN IF nextval(''tries'') <= 4 THEN RETURN NULL; END IF; RETURN NEW; END';
    CREATE TRIGGER skip BEFORE UPDATE ON live_conversations FOR EACH ROW EXECUTE FUNCTION skip();
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN RAISE EXCEPTION ''not committed''; END';
    CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON conversation_events
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()`);
    await expect(append('a', said('lost'))).rejects.toMatchObject({ status: 500 });
    const { rows } = await server.sql.query('SELECT last_value::int AS n FROM tries');
    expect(rows).toEqual([{ n: 5 }]);
    await server.sql.query('DROP FUNCTION skip, fail CASCADE');

    await appendElsewhere('a', said('elsewhere'));
    expect(await append('a', said('elsewhere'))).toMatchObject({ Accepted: 0, Duplicates: 1 });
    expect(await append('a', said('lost'))).toMatchObject({ Accepted: 1, Duplicates: 0 });
    const { Messages } = await read('a');
    expect(Messages.map(({ Content }) => Content)).toEqual(['one', 'elsewhere', 'lost']);
  },
);

test('a server looks up a conversation to which another one writes, and stops when it writes alone', async () => {
  const businessId = await server.newBusiness();
  const { append, appendElsewhere, read } = actions(businessId);
  const rows = vi.spyOn(server.app.ctx.db, 'rows');
  const statementsOf = async (content: string) => {
    rows.mockClear();
    expect(await append('a', said(content))).toMatchObject({ Accepted: 1 });
    return rows.mock.calls.flatMap(([{ name }]) =>
      name.startsWith('conversations.') ? name.slice('conversations.'.length) : [],
    );
  };
  try {
    await append('a', started);
    await appendElsewhere('a', said('other-1'));
    expect(await statementsOf('1')).toEqual(['append', 'find-live', 'append']);
    await appendElsewhere('a', said('other-2'));
    expect(await statementsOf('2')).toEqual(['find-live', 'append']);
    expect(await append('a', said('other-2'))).toMatchObject({ Accepted: 0, Duplicates: 1 });
    expect(await statementsOf('3')).toEqual(['find-live', 'append']);
    expect(await statementsOf('4')).toEqual(['append']);
  } finally {
    rows.mockRestore();
  }
  const { Messages } = await read('a');
  const expected = ['other-1', '1', 'other-2', '2', '3', '4'];
  expect(Messages.map(({ Content }) => Content)).toEqual(expected);
});
