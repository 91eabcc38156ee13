import type { ConversationEvent, OutputOf } from '@colloquy/wire';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import { sealEnded } from '../../packages/server/src/conversations/write/seal.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let sessions = 0;
beforeAll(async () => {
  server = await startTestServer();
  businessId = await server.newBusiness();
});
afterAll(() => server[Symbol.asyncDispose]());

const START = Date.parse('2026-03-01T12:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const newId = () => {
  sessions += 1;
  return `s${sessions}`;
};
const append = (sessionId: string, Events: ConversationEvent[]) =>
  server.admin.appendConversationEvents({ businessId, sessionId, Events });
const read = (sessionId: string) => server.admin.getConversation({ businessId, sessionId });
const seal = async () => sealEnded(server.app.ctx, systemScope(businessId));

const started = (EventId = 'start'): ConversationEvent => ({
  EventId,
  Type: 'SessionStarted',
  Timestamp: at(0),
  InitiationType: 'Inbound',
});
const message = (EventId: string, seconds: number, Content = EventId): ConversationEvent => ({
  EventId,
  Type: 'MessageAdded',
  Timestamp: at(seconds),
  SenderId: 'c',
  Role: 'User',
  Content,
});
const ended = (EventId = 'end', seconds = 60): ConversationEvent => ({
  EventId,
  Type: 'SessionEnded',
  Timestamp: at(seconds),
  EndType: 'Normal',
});
const clientJoined = (ClientId: string, seconds = 0): ConversationEvent => ({
  EventId: `join-${ClientId}-${seconds}`,
  Type: 'ClientJoined',
  Timestamp: at(seconds),
  ClientId,
  ClientType: 'Phone',
});
const refused = (work: Promise<unknown>, reason: string, status: number) =>
  expect(work).rejects.toMatchObject({
    code: `AppendConversationEvents:${reason}`,
    status,
  });

describe('AppendConversationEvents', () => {
  it('a conversation of all event types is returned unchanged before and after sealing', async () => {
    const id = newId();
    await append(id, [
      {
        ...started(),
        QueueId: 'q1',
        Metadata: { a: [1, { __proto__x: null }] },
        Source: { Provider: 'p', ProviderCallId: 'x' },
      } as ConversationEvent,
      { ...clientJoined('c'), PhoneNumber: '+15551234567', Name: 'Ann' } as ConversationEvent,
      {
        EventId: 'aj',
        Type: 'AgentJoined',
        Timestamp: at(1),
        AgentId: 'a',
        AgentType: 'AI',
        Name: 'Bot',
      },
      {
        ...message('m1', 2),
        EndedAt: at(3),
        WasInterrupted: false,
        Confidence: 0.5,
        Words: [{ Word: 'hi', StartMs: 0, EndMs: 10.5, Confidence: null }],
        Metrics: { TtfbMs: 12 },
      } as ConversationEvent,
      {
        EventId: 't1',
        Type: 'MessageAdded',
        Timestamp: at(4),
        SenderId: 'a',
        Role: 'Tool',
        Content: '',
        ToolCall: { CallId: '1', Name: 'find', Arguments: [], Result: null, LatencyMs: 3 },
      },
      {
        EventId: 'l1',
        Type: 'LogAdded',
        Timestamp: at(1),
        Level: 'Information',
        Message: 'm',
        Details: { k: 1 },
      },
    ]);
    expect(
      await append(id, [
        { EventId: 'p', Type: 'StatusChanged', Timestamp: at(5), Status: 'Paused' },
      ]),
    ).toEqual({
      Accepted: 1,
      Duplicates: 0,
      Status: 'Paused',
    });
    expect((await read(id)).EndTime).toBeNull();
    expect(
      await append(id, [{ ...ended(), EndReason: 'bye', Status: 'Error' } as ConversationEvent]),
    ).toMatchObject({ Status: 'Failed' });
    const before = await read(id);
    expect(before).toMatchObject({
      Id: id,
      QueueId: 'q1',
      Status: 'Failed',
      StartTime: '2026-03-01T12:00:00Z',
      EndTime: '2026-03-01T12:01:00Z',
      EndType: 'Normal',
      EndReason: 'bye',
      Clients: [{ ClientId: 'c', LeftAt: '2026-03-01T12:01:00Z', LeaveReason: null, Name: 'Ann' }],
      Agents: [{ AgentId: 'a', LeftAt: '2026-03-01T12:01:00Z', AudioUrl: null }],
      Metadata: { a: [1, { __proto__x: null }] },
      Source: { Provider: 'p', ProviderCallId: 'x' },
    });
    expect(before.Messages[0]).toEqual({
      SenderId: 'c',
      Role: 'User',
      Content: 'm1',
      Timestamp: '2026-03-01T12:00:02Z',
      EndedAt: '2026-03-01T12:00:03Z',
      WasInterrupted: false,
      Confidence: 0.5,
      Words: [{ Word: 'hi', StartMs: 0, EndMs: 10.5 }],
      Metrics: { TtfbMs: 12 },
    });
    expect(before.Messages[1]?.ToolCall).toEqual({
      CallId: '1',
      Name: 'find',
      Arguments: [],
      Result: null,
      LatencyMs: 3,
    });
    expect(before.Logs).toEqual([
      { Level: 'Info', Message: 'm', Timestamp: '2026-03-01T12:00:01Z', Details: { k: 1 } },
    ]);
    server.clock.advance(901);
    expect(await seal()).toBeGreaterThan(0);
    expect(await read(id)).toEqual(before);
    const { rows } = await server.sql.query(
      'SELECT count(*)::int AS n FROM conversation_events WHERE business_id = $1 AND conversation_id = $2',
      [businessId, id],
    );
    expect(rows[0].n).toBe(0);
  });

  it('ids that share a hash are different events', async () => {
    const id = newId();
    await append(id, [started(), clientJoined('c'), message('event-95618', 1)]);
    const second = message('event-240320', 2);
    expect(await append(id, [second])).toMatchObject({ Accepted: 1, Duplicates: 0 });
    expect(await append(id, [second])).toMatchObject({ Accepted: 0, Duplicates: 1 });
  });

  it('repeated events count as duplicates within a request, with other content, and after sealing', async () => {
    const id = newId();
    const first = [started(), clientJoined('c'), message('m', 1), message('m', 2, 'other')];
    expect(await append(id, first)).toEqual({ Accepted: 3, Duplicates: 1, Status: 'Active' });
    expect(await append(id, first)).toEqual({ Accepted: 0, Duplicates: 4, Status: 'Active' });
    const whole = [
      ...first,
      { EventId: 'cl', Type: 'ClientLeft', Timestamp: at(3), ClientId: 'c' } as const,
      ended(),
    ];
    expect(await append(id, whole)).toEqual({ Accepted: 2, Duplicates: 4, Status: 'Completed' });
    expect(await append(id, whole)).toEqual({ Accepted: 0, Duplicates: 6, Status: 'Completed' });
    expect((await read(id)).Messages.map(({ Content }) => Content)).toEqual(['m']);
    server.clock.advance(901);
    for (const round of ['by time', 'by the job']) {
      if (round === 'by the job') await seal();
      expect(await append(id, whole)).toEqual({ Accepted: 0, Duplicates: 6, Status: 'Completed' });
      await refused(append(id, [...whole, message('late', 2)]), 'SESSION_SEALED', 409);
      await refused(append(id, [started('again')]), 'SESSION_SEALED', 409);
    }
  });

  it('after the end, only messages, logs and departures are accepted, for 15 minutes', async () => {
    const id = newId();
    await append(id, [started(), clientJoined('c'), ended()]);
    server.clock.advance(899);
    expect(
      await append(id, [
        message('late', 30),
        { EventId: 'l', Type: 'LogAdded', Timestamp: at(70), Level: 'Info', Message: 'late' },
        {
          EventId: 'cl',
          Type: 'ClientLeft',
          Timestamp: at(59),
          ClientId: 'c',
          LeaveReason: 'Hangup',
        },
      ]),
    ).toMatchObject({ Accepted: 3 });
    const now = await read(id);
    expect(now.Clients[0]).toMatchObject({ LeftAt: '2026-03-01T12:00:59Z', LeaveReason: 'Hangup' });
    expect(now.EndTime).toBe('2026-03-01T12:01:00Z');
    await refused(append(id, [clientJoined('d', 61)]), 'CONFLICT', 409);
    await refused(append(id, [ended('end2')]), 'CONFLICT', 409);
    await refused(append(id, [started('start2')]), 'CONFLICT', 409);
    server.clock.advance(1);
    await refused(append(id, [message('too-late', 30)]), 'SESSION_SEALED', 409);
  });

  it('a request with one invalid event stores none of its events', async () => {
    const id = newId();
    await append(id, [started()]);
    await refused(
      append(id, [
        message('m', 1),
        { EventId: 'x', Type: 'AgentLeft', Timestamp: at(2), AgentId: 'nobody' },
      ]),
      'CONFLICT',
      409,
    );
    await refused(append(id, [message('m', 1), ended('e', -1)]), 'INVALID_REQUEST', 400);
    expect((await read(id)).Messages).toEqual([]);
    expect(await append(id, [message('m', 1)])).toMatchObject({ Accepted: 1, Duplicates: 0 });
  });

  it('a conversation begins with exactly one SessionStarted', async () => {
    const id = newId();
    await refused(append(id, [message('m', 1)]), 'NOT_FOUND', 404);
    await refused(append(id, [message('m', 1), started()]), 'NOT_FOUND', 404);
    await refused(append(id, [started(), started('other')]), 'CONFLICT', 409);
    await append(id, [started()]);
    await refused(append(id, [started('other')]), 'CONFLICT', 409);
  });

  it('a participant that joins again stays one participant', async () => {
    const id = newId();
    await append(id, [
      started(),
      clientJoined('c', 1),
      { EventId: 'cl', Type: 'ClientLeft', Timestamp: at(2), ClientId: 'c', LeaveReason: 'Lost' },
    ]);
    expect((await read(id)).Clients).toMatchObject([{ LeaveReason: 'Lost' }]);
    await append(id, [clientJoined('c', 3)]);
    expect((await read(id)).Clients).toMatchObject([
      { JoinedAt: '2026-03-01T12:00:01Z', LeftAt: null, LeaveReason: null },
    ]);
    await refused(
      append(id, [
        { EventId: 'aj', Type: 'AgentJoined', Timestamp: at(4), AgentId: 'c', AgentType: 'AI' },
      ]),
      'CONFLICT',
      409,
    );
  });

  it('messages are ordered by time, and by arrival if times are equal', async () => {
    const id = newId();
    await append(id, [started(), message('b', 5), message('a', 3)]);
    await append(id, [message('d', 5), message('c', 4)]);
    expect((await read(id)).Messages.map(({ Content }) => Content)).toEqual(['a', 'c', 'b', 'd']);
  });

  it('concurrent appends by twelve writers lose and reorder nothing', async () => {
    const id = newId();
    await append(id, [started()]);
    await using other = await startTestServer({ connection: server.connection });
    const writers = Array.from({ length: 12 }, async (_, writer) => {
      const client = writer % 2 === 0 ? server.admin : other.admin;
      for (let step = 0; step < 5; step += 1) {
        const Events = [message(`w${writer}-${step}-0`, 1), message(`w${writer}-${step}-1`, 1)];
        const answer = await client.appendConversationEvents({ businessId, sessionId: id, Events });
        expect(answer).toMatchObject({ Accepted: 2, Duplicates: 0 });
      }
    });
    await Promise.all(writers);
    const contents = (await read(id)).Messages.map(({ Content }) => Content);
    expect(contents).toHaveLength(120);
    expect(new Set(contents).size).toBe(120);
    for (let writer = 0; writer < 12; writer += 1) {
      const mine = contents.filter((content) => content.startsWith(`w${writer}-`));
      expect(mine).toEqual(
        Array.from({ length: 10 }, (_, n) => `w${writer}-${Math.floor(n / 2)}-${n % 2}`),
      );
    }
  });

  it('concurrent requests with the same SessionStarted start one conversation', async () => {
    const id = newId();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => append(id, [started(), message('m', 1)])),
    );
    expect(answers.reduce((sum, { Accepted }) => sum + Accepted, 0)).toBe(2);
    expect(answers.reduce((sum, { Duplicates }) => sum + Duplicates, 0)).toBe(10);
  });

  it('a conversation over 20,000 messages or 16 MiB is refused with 413', async () => {
    const id = newId();
    await append(id, [started()]);
    const big = 'x'.repeat(1024 * 1024 - 10);
    for (let part = 0; part < 15; part += 1) await append(id, [message(`big${part}`, 1, big)]);
    await refused(
      append(id, [message('one', 1, big), message('two', 1, big)]),
      'PAYLOAD_TOO_LARGE',
      413,
    );
    const many = newId();
    await append(many, [started()]);
    for (let part = 0; part < 20; part += 1) {
      await append(
        many,
        Array.from({ length: 1000 }, (_, n) => message(`m${part}-${n}`, 1)),
      );
    }
    await refused(append(many, [message('more', 1)]), 'PAYLOAD_TOO_LARGE', 413);
  });

  it('a conversation does not depend on how its events were split into requests', async () => {
    const pool: ConversationEvent[] = [
      clientJoined('c', 1),
      message('m1', 4),
      { EventId: 'aj', Type: 'AgentJoined', Timestamp: at(2), AgentId: 'a', AgentType: 'Human' },
      message('m2', 3),
      { EventId: 'st', Type: 'StatusChanged', Timestamp: at(5), Status: 'Ending' },
      { EventId: 'cl', Type: 'ClientLeft', Timestamp: at(6), ClientId: 'c' },
      { EventId: 'lg', Type: 'LogAdded', Timestamp: at(1), Level: 'Debug', Message: 'x' },
      ended(),
    ];
    let whole: OutputOf<'GetConversation'> | null = null;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        fc.boolean(),
        async (cuts, seals) => {
          const id = newId();
          let request: ConversationEvent[] = [started()];
          for (const [index, event] of pool.entries()) {
            if (cuts[index]) {
              await append(id, request);
              request = [];
            }
            request.push(event);
          }
          await append(id, request);
          if (seals) {
            server.clock.advance(901);
            await seal();
          }
          const { Id: _id, ...result } = await read(id);
          whole ??= result as OutputOf<'GetConversation'>;
          expect(result).toEqual(whole);
        },
      ),
      { numRuns: 30 },
    );
  });
});
