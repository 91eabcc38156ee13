import { EXAMPLE_CONVERSATION, EXAMPLE_PUT, type PutConversationBody } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import { headerOf } from '../../packages/server/src/conversations/from-wire.ts';
import {
  deleteConversationRows,
  findConversation,
  insertConversation,
} from '../../packages/server/src/conversations/store.ts';
import { sealEnded } from '../../packages/server/src/conversations/write/seal.ts';
import { tablesContaining } from '../fixtures/kept-calls.ts';
import { startTestServer, type TestServer, untilBlocked } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let sessions = 0;
beforeAll(async () => {
  server = await startTestServer();
  businessId = await server.newBusiness();
});
afterAll(() => server[Symbol.asyncDispose]());

const newId = () => {
  sessions += 1;
  return `s${sessions}`;
};
const EXAMPLE = structuredClone(EXAMPLE_PUT) as unknown as PutConversationBody;
const LIVE: PutConversationBody = {
  Status: 'Active',
  StartTime: '2026-03-01T11:00:00Z',
  InitiationType: 'Web',
  Clients: [{ ClientId: 'c', ClientType: 'Web', JoinedAt: '2026-03-01T11:00:00Z' }],
  Messages: [{ SenderId: 'c', Role: 'User', Content: 'one', Timestamp: '2026-03-01T11:00:01Z' }],
};
const put = (sessionId: string, body: PutConversationBody, client = server.admin) =>
  client.putConversation({ businessId, sessionId, ...body });
const read = (sessionId: string) => server.admin.getConversation({ businessId, sessionId });
const say = (sessionId: string, EventId: string, client = server.admin) =>
  client.appendConversationEvents({
    businessId,
    sessionId,
    Events: [
      {
        EventId,
        Type: 'MessageAdded',
        Timestamp: '2026-03-01T11:00:02Z',
        SenderId: 'c',
        Role: 'User',
        Content: EventId,
      },
    ],
  });
const start = (sessionId: string) =>
  server.admin.appendConversationEvents({
    businessId,
    sessionId,
    Events: [
      {
        EventId: 'start',
        Type: 'SessionStarted',
        Timestamp: '2026-03-01T11:00:00Z',
        InitiationType: 'Web',
      },
    ],
  });
const end = (sessionId: string) =>
  server.admin.appendConversationEvents({
    businessId,
    sessionId,
    Events: [
      {
        EventId: 'end',
        Type: 'SessionEnded',
        Timestamp: '2026-03-01T11:10:00Z',
        EndType: 'Normal',
      },
    ],
  });
const contents = async (sessionId: string) =>
  (await read(sessionId)).Messages.map(({ Content }) => Content);
const statusOf = async (sessionId: string, body: object, key = '') => {
  const response = await fetch(
    `${server.url}/api/v1/business/${businessId}/conversations/${sessionId}`,
    {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', Authorization: `Token ${key}` },
      body: JSON.stringify(body),
    },
  );
  return { status: response.status, answer: await response.json() };
};
const refused = (work: Promise<unknown>, reason: string, words = /./) =>
  expect(work).rejects.toMatchObject({ reason, message: expect.stringMatching(words) });

describe('PutConversation', () => {
  it('PutConversation of the documented example is returned key by key', async () => {
    const sessionId = EXAMPLE_CONVERSATION.Id;
    await put(sessionId, EXAMPLE);
    const conversation = await read(sessionId);
    expect(JSON.stringify(conversation)).toBe(JSON.stringify(EXAMPLE_CONVERSATION));
  });

  it('PutConversation answers 201 and then 200, and accepts what was read', async () => {
    const key = await server.newKey(businessId);
    const id = newId();
    const full: PutConversationBody = {
      ...EXAMPLE,
      StartTime: '2024-01-15T15:30:00.2509+01:00',
      Status: 'Ended',
      EndReason: 'hangup',
      Source: { Provider: 'p', ProviderCallId: null },
      Metadata: { nested: { deep: [1, 'two', null, 1.5] }, '\u0001': '\u2028 \\ " é 😀' },
      Clients: [
        {
          ClientId: 'a+b@c',
          ClientType: 'Telephony',
          JoinedAt: '2024-01-15T14:30:00Z',
          PhoneNumber: '+15551234567',
          LeaveReason: null,
        },
      ],
    };
    const first = await statusOf(id, full, key);
    expect(first.status).toBe(201);
    const conversation = await read(id);
    expect(conversation).toMatchObject({
      Status: 'Completed',
      StartTime: '2024-01-15T14:30:00.250Z',
      Metadata: full.Metadata,
      Source: { Provider: 'p' },
      Clients: [{ ClientType: 'Phone', LeftAt: null }],
    });
    const { Messages: _m, Logs: _l, ...summary } = conversation;
    expect(first.answer.Data).toEqual(summary);
    expect((await statusOf(id, full, key)).status).toBe(200);
    expect(await statusOf(id, conversation, key)).toMatchObject({ status: 200 });
    expect(await read(id)).toEqual(conversation);
  });

  it('PutConversation replaces other content in one step, but not with the permission Adding', async () => {
    const permissions = { 'Conversations.ConversationPermissions': ['Adding' as const] };
    const adder = await server.newClient(businessId, permissions);
    const id = newId();
    await put(id, EXAMPLE, adder);
    await put(id, EXAMPLE, adder);
    const other = { ...EXAMPLE, Messages: [] };
    await refused(put(id, other, adder), 'CONFLICT', /may not edit/);
    expect((await read(id)).Messages).toHaveLength(2);
    await put(id, other);
    expect((await read(id)).Messages).toEqual([]);
    const editing = { 'Conversations.ConversationPermissions': ['Editing' as const] };
    const editor = await server.newClient(businessId, editing);
    await put(id, EXAMPLE, editor);
    await refused(put(newId(), EXAMPLE, editor), 'PERMISSION_DENIED');
  });

  it('a finished conversation is sealed, and a live one accepts events', async () => {
    const finished = newId();
    await put(finished, EXAMPLE);
    await refused(say(finished, 'm'), 'SESSION_SEALED');
    const live = newId();
    await put(live, LIVE);
    expect((await read(live)).EndTime).toBeNull();
    expect(await say(live, 'two')).toMatchObject({ Accepted: 1, Status: 'Active' });
    expect(await contents(live)).toEqual(['one', 'two']);
    await end(live);
    const before = await read(live);
    expect(before).toMatchObject({
      Status: 'Completed',
      Clients: [{ LeftAt: '2026-03-01T11:10:00Z' }],
    });
    server.clock.advance(901);
    await sealEnded(server.app.ctx, systemScope(businessId));
    expect(await read(live)).toEqual(before);
    expect(await say(live, 'two')).toMatchObject({ Accepted: 0, Duplicates: 1 });
  });

  it('PutConversation replaces earlier events but remembers their ids', async () => {
    const id = newId();
    await put(id, LIVE);
    await say(id, 'two');
    // A repeated PUT changes nothing, so it must not undo events appended after it.
    await put(id, LIVE);
    expect(await contents(id)).toEqual(['one', 'two']);
    await put(id, { ...LIVE, Messages: [] });
    expect(await contents(id)).toEqual([]);
    expect(await say(id, 'two')).toMatchObject({ Accepted: 0, Duplicates: 1 });
    expect(await say(id, 'three')).toMatchObject({ Accepted: 1, Duplicates: 0 });
    expect(await contents(id)).toEqual(['three']);
    await put(id, EXAMPLE);
    expect((await read(id)).Status).toBe('Completed');
    expect(await say(id, 'three')).toMatchObject({
      Accepted: 0,
      Duplicates: 1,
      Status: 'Completed',
    });
    await put(id, LIVE);
    expect(await say(id, 'three')).toMatchObject({ Accepted: 0, Duplicates: 1, Status: 'Active' });
    expect(await say(id, 'four')).toMatchObject({ Accepted: 1 });
  });

  it('PutConversation refuses bodies that break its rules', async () => {
    const id = newId();
    const bad = (body: object, words: RegExp) =>
      refused(put(id, { ...EXAMPLE, ...body }), 'INVALID_REQUEST', words);
    const { EndTime: _end, ...open } = EXAMPLE;
    await refused(put(id, open), 'INVALID_REQUEST', /EndTime is required/);
    await bad({ EndType: null }, /EndType is required/);
    await bad({ Status: 'Active' }, /EndTime is only allowed/);
    await bad({ EndTime: '2024-01-15T14:29:59Z' }, /EndTime must not be before StartTime/);
    await bad({ Id: 'another' }, /^Id must/);
    const twice = { AgentId: 'client_123', AgentType: 'AI', JoinedAt: '2024-01-15T14:30:00Z' };
    await bad({ Agents: [twice] }, /Agents\[0\]\.AgentId must be unique/);
    await bad(
      { Clients: [{ ...EXAMPLE.Clients?.[0], ClientId: '_mixed' }] },
      /Clients\[0\]\.ClientId/,
    );
    await bad({ Status: 'Done' }, /^Status must be one of Created, /);
    await bad(
      { Messages: [{ ...EXAMPLE.Messages?.[0], Timestamp: '2024-01-15T14:30:00' }] },
      /^Messages\[0\]\.Timestamp/,
    );
    await bad({ Mesages: [] }, /^Mesages is not a known key/);
    await bad(
      { Metadata: { big: 'x'.repeat(70_000) } },
      /^Metadata must have at most 64 KiB of JSON/,
    );
    await refused(read(id), 'NOT_FOUND');
  });
});

describe('DeleteConversation', () => {
  it('a deleted conversation is GONE for every operation and leaves no trace', async () => {
    for (const body of [EXAMPLE, LIVE]) {
      const id = newId();
      await put(id, body);
      if (body === LIVE) await say(id, 'two');
      expect(await server.admin.deleteConversation({ businessId, sessionId: id })).toEqual({
        Id: id,
      });
      await refused(read(id), 'GONE');
      await refused(put(id, body), 'GONE');
      await refused(say(id, 'three'), 'GONE');
      await refused(say(id, 'two'), 'GONE');
      await refused(server.admin.deleteConversation({ businessId, sessionId: id }), 'GONE');
      const audio = {
        sessionId: id,
        participantId: '_mixed',
        audio: new Uint8Array(9),
        contentType: 'audio/wav',
      };
      await refused(server.admin.putRecording({ businessId, ...audio }), 'GONE');
      // In quotes, because a short id may be part of another text.
      expect(await tablesContaining(server, businessId, `"${id}"`)).toEqual([]);
    }
    await refused(server.admin.deleteConversation({ businessId, sessionId: 'none' }), 'NOT_FOUND');
  });

  it('a deletion leaves nothing of concurrent writes', async () => {
    for (let round = 0; round < 15; round += 1) {
      const id = newId();
      await put(id, LIVE);
      await Promise.allSettled([
        say(id, 'a'),
        put(id, EXAMPLE),
        server.admin.deleteConversation({ businessId, sessionId: id }),
        put(id, { ...LIVE, Messages: [] }),
        say(id, 'b'),
        end(id),
      ]);
      await refused(read(id), 'GONE');
    }
    const { rows } = await server.sql.query(
      `SELECT conversation_id FROM live_conversations l WHERE NOT EXISTS (
         SELECT 1 FROM conversations c WHERE c.business_id = l.business_id
           AND c.id = l.conversation_id AND c.erased_at IS NULL)`,
    );
    expect(rows).toEqual([]);
  });

  /** Begins `work` while the deletion of the conversation waits for its commit. */
  async function duringDeletion<T>(id: string, work: () => Promise<T>): Promise<T> {
    const { db, secrets } = server.app.ctx;
    const scope = systemScope(businessId);
    const deleted = Promise.withResolvers<void>();
    const mayCommit = Promise.withResolvers<void>();
    const deletion = db.transaction(async (tx) => {
      await deleteConversationRows(tx, secrets, scope, { ids: [id], erasedAt: 0 });
      deleted.resolve();
      await mayCommit.promise;
    });
    await deleted.promise;
    const working = work();
    working.catch(() => undefined);
    await untilBlocked(server);
    mayCommit.resolve();
    await deletion;
    return working;
  }

  it('an insert that waited for the deletion of its id is undone', async () => {
    const id = newId();
    await put(id, EXAMPLE);
    const { db, secrets } = server.app.ctx;
    const scope = systemScope(businessId);
    const stored = await findConversation(db, scope, id);
    if (stored?.kind !== 'sealed') throw new Error('the conversation is not sealed');
    const added = { header: headerOf(stored.head), document: stored, isSealed: true };
    const insert = () => db.transaction((tx) => insertConversation(tx, secrets, scope, added));
    expect(await duringDeletion(id, insert)).toBe(false);
    await refused(read(id), 'GONE');
  });

  it('an append that waited for the deletion of its id does not start it again', async () => {
    const id = newId();
    await put(id, EXAMPLE);
    await refused(
      duringDeletion(id, () => start(id)),
      'GONE',
    );
    await refused(read(id), 'GONE');
  });
});

describe('concurrent replacements of a finished conversation', () => {
  it('concurrent replacements of a finished conversation by live ones do not fail', async () => {
    for (let round = 0; round < 15; round += 1) {
      const id = newId();
      await put(id, EXAMPLE);
      const bodies = [1, 2, 3].map((version) => ({ ...LIVE, Metadata: { version } }));
      await Promise.all(bodies.map((body) => put(id, body)));
      expect(bodies.map(({ Metadata }) => Metadata)).toContainEqual((await read(id)).Metadata);
    }
  });
});

describe('GetConversation', () => {
  it('GetConversation answers NOT_FOUND in another business', async () => {
    const id = newId();
    await put(id, EXAMPLE);
    const other = await server.newBusiness();
    await refused(server.admin.getConversation({ businessId: other, sessionId: id }), 'NOT_FOUND');
  });
});
