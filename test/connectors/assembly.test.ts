import { PutConversationBody } from '@colloquy/wire';
import fc from 'fast-check';
import Value from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { foldReports } from '../../packages/server/src/connectors/assembly/fold.ts';
import { vapi } from '../../packages/server/src/connectors/sources/vapi/vapi.ts';
import { vapiConnection, vapiReport, vapiStatus } from '../fixtures/connections.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const NONE_ALLOWED = { ConversationsPerMonth: 0, MinutesPerMonth: null, StoredBytes: null };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const connection = async () => vapiConnection(server, await server.newBusiness());
const deliveriesOf = async (here: { businessId: number; connectionId: string }) =>
  (await server.admin.getConnectionDeliveries(here)).Items;

/** Of one call: states, a transcript so far, and two reports, of which one says less. */
const DELIVERIES = [
  vapiStatus('c-1', 'queued', 1763999990000),
  vapiStatus('c-1', 'in-progress', 1764000000100),
  {
    message: {
      type: 'conversation-update',
      timestamp: 1764000003000,
      call: { id: 'c-1', startedAt: '2025-11-24T16:00:00Z' },
      messages: [{ role: 'bot', message: 'Hello', secondsFromStart: 2 }],
    },
  },
  vapiStatus('c-1', 'ended', 1764000330000),
  vapiReport('c-1', { cost: 0.21, endedReason: 'moon-in-the-way' }),
  {
    message: {
      type: 'end-of-call-report',
      timestamp: 1764000331000,
      endedReason: 'customer-ended-call',
      call: { id: 'c-1', campaignId: 'k-7' },
      analysis: { summary: '' },
      artifact: { messages: [] },
    },
  },
];

describe('the fold', () => {
  it('gives the same conversation for any order, with repeats', () => {
    const received = DELIVERIES.map((body, at) => ({
      report: vapi.translate({ headers: {}, body: Buffer.from(JSON.stringify(body)) }),
      receivedAt: 1764000000000 + at,
      bodyHash: String(at),
    }));
    const expected = foldReports(vapi, 'c-1', received);
    expect(expected.conversation.Messages).toHaveLength(2);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(received, { minLength: received.length }),
        fc.array(fc.constantFrom(...received)),
        (permutation, repeats) => {
          const folded = foldReports(vapi, 'c-1', [...permutation, ...repeats]);
          expect(folded.conversation).toEqual(expected.conversation);
          expect(new Set(folded.warnings)).toEqual(new Set(expected.warnings));
        },
      ),
    );
  });

  it('makes a conversation of whatever JSON a call comes with', () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    const fields = fc.record(
      Object.fromEntries(
        [
          ...['startedAt', 'endedAt', 'endedReason', 'customer', 'analysis', 'cost', 'timestamp'],
          ...['type', 'compliance', 'destination', 'messages'],
        ].map((name) => [name, value]),
      ),
      { requiredKeys: [] },
    );
    const row = fc.record(
      {
        role: fc.constantFrom('user', 'bot', 'tool_calls', 'tool_call_result', 'system', 7),
        ...{ message: value, time: value, endTime: value, secondsFromStart: value },
        ...{ toolCalls: value, toolCallId: value, result: value, name: value },
      },
      { requiredKeys: [] },
    );
    const artifact = fc.record(
      {
        messages: fc.array(row),
        ...{ transfers: value, assistantActivations: value, recording: value },
        ...{ performanceMetrics: value, skippedStructuredOutputs: value },
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fields, artifact, (message, parts) => {
        const body = JSON.stringify({
          message: { ...message, artifact: parts, call: { id: 'c' } },
        });
        const report = vapi.translate({ headers: {}, body: Buffer.from(body) });
        const received = [{ report, receivedAt: 1764000000000, bodyHash: '' }];
        const { conversation } = foldReports(vapi, 'c', received);
        expect([...Value.Errors(PutConversationBody, conversation)]).toEqual([]);
      }),
    );
  });
});

describe('assembly', () => {
  it('writes the conversation of a call', async () => {
    const { here, send, assemble, read } = await connection();
    await send(vapiReport('a b', {}, { campaignId: 'k-7' }));
    await assemble();
    expect(await read('vapi_a:20b')).toMatchObject({
      ...{ Id: 'vapi_a:20b', QueueId: 'k-7', Status: 'Completed', EndType: 'UserEndedCall' },
      ...{ StartTime: '2025-11-24T16:00:00Z', EndTime: '2025-11-24T16:05:30Z' },
      EndReason: 'customer-ended-call',
      Source: { Provider: 'vapi', ProviderCallId: 'a b' },
      Clients: [{ ClientId: '+15550100001', PhoneNumber: '+15550100001' }],
      Messages: [{ Content: 'Hello' }, { Content: 'Price?' }],
    });
    expect(await deliveriesOf(here)).toMatchObject([{ Status: 'Assembled', Error: null }]);
    const { Items } = await server.admin.getAudit({ businessId: here.businessId });
    const created = Items.find(({ Action }) => Action === 'ConversationCreated');
    expect(created).toMatchObject({ UserId: 'system', ApiKeyId: here.connectionId });
  });

  it.each([
    ['in order', [0, 1, 2, 3, 4, 5]],
    ['in reverse order', [5, 4, 3, 2, 1, 0]],
    ['the report first', [4, 0, 5, 1, 3, 2]],
  ])('gives the same conversation for deliveries that come %s, one by one', async (_, order) => {
    const { send, assemble, read } = await connection();
    for (const at of order) {
      await send(DELIVERIES[at] ?? {});
      await assemble();
    }
    const { Status, EndType, EndReason, QueueId, Messages, Clients } = await read('vapi_c-1');
    expect({ Status, EndType, EndReason, QueueId }).toEqual({
      ...{ Status: 'Completed', EndType: 'UserEndedCall' },
      ...{ EndReason: 'customer-ended-call', QueueId: 'k-7' },
    });
    expect(Messages.map(({ Content }) => Content)).toEqual(['Hello', 'Price?']);
    expect(Clients).toHaveLength(1);
  });

  it('keeps a call in progress open until its end comes', async () => {
    const { send, assemble, read } = await connection();
    await send(vapiStatus('c-1', 'in-progress', 1764000000100));
    await assemble();
    expect(await read('vapi_c-1')).toMatchObject({ Status: 'Active', EndTime: null });
    await send(vapiReport('c-1'));
    await assemble();
    expect(await read('vapi_c-1')).toMatchObject({ Status: 'Completed' });
  });

  it('finds a delivery whose job was lost with the process that answered', async () => {
    const { here, send, read } = await connection();
    await send(vapiReport('c-1'));
    await server.app.ctx.assembly.close();
    await server.sql.query(
      'SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs',
    );
    await server.runJob('find-deliveries');
    const { rows } = await server.sql.query<{ key: string }>(
      'SELECT key FROM graphile_worker.jobs WHERE task_identifier = $1',
      ['assemble-conversations'],
    );
    expect(rows.map(({ key }) => key)).toContain(`assemble-conversations:${here.businessId}`);
    await server.runJob('assemble-conversations', { businessId: here.businessId });
    expect((await read('vapi_c-1')).Status).toBe('Completed');
  });

  it('assembles a call again if another process has stored more of it meanwhile', async () => {
    const { here, send, assemble, read } = await connection();
    await send(vapiReport('c-1'));
    const { db } = server.app.ctx;
    const transaction = db.transaction.bind(db);
    let calls = 0;
    const spy = vi.spyOn(db, 'transaction').mockImplementation(async (work) => {
      calls += 1;
      // After the conversation is written, before its deliveries are settled.
      if (calls === 2) await send(vapiReport('c-1', { timestamp: 1764000332000, cost: 3 }));
      return transaction(work);
    });
    try {
      await assemble();
    } finally {
      spy.mockRestore();
    }
    const statuses = (await deliveriesOf(here)).map(({ Status }) => Status);
    expect(statuses).toEqual(['Assembled', 'Assembled']);
    expect((await read('vapi_c-1')).Status).toBe('Completed');
    expect(calls).toBeGreaterThan(3);
  });

  it('counts an unknown end reason once for each conversation', async () => {
    const { here, send, assemble, read } = await connection();
    const unknown = { endedReason: 'moon-in-the-way' };
    await send(vapiReport('c-1', unknown));
    await assemble();
    await send(vapiReport('c-1', { ...unknown, timestamp: 1764000332000 }));
    await send(vapiReport('c-2', unknown));
    await assemble();
    expect(await read('vapi_c-1')).toMatchObject({
      ...{ Status: 'Failed', EndType: 'MidSessionFailure', EndReason: 'moon-in-the-way' },
    });
    const { UnknownEndReasons } = await server.admin.getConnection(here);
    expect(UnknownEndReasons).toEqual([{ EndReason: 'moon-in-the-way', Conversations: 2 }]);
  });

  it('shows what it did not know as warnings', async () => {
    const { here, send, assemble, read } = await connection();
    await send(vapiReport('c-1', { newField: 1 }));
    await assemble();
    expect(await deliveriesOf(here)).toMatchObject([
      { Status: 'Assembled', Warnings: ['Unknown field newField.'] },
    ]);
    expect((await read('vapi_c-1')).Logs).toMatchObject([
      { Level: 'Warning', Details: { Warnings: ['Unknown field newField.'] } },
    ]);
  });

  it('fails under a legal hold, and succeeds when it is tried after it was lifted', async () => {
    const { here, send, assemble, read } = await connection();
    const { businessId } = here;
    await send(vapiReport('c-1'));
    await assemble();
    const hold = { businessId, Name: 'Case 1', Reason: 'Court', SessionIds: ['vapi_c-1'] };
    const { HoldId: holdId } = await server.admin.createHold(hold);
    await send(vapiReport('c-1', { timestamp: 1764000332000, endedReason: 'voicemail' }));
    await assemble();
    const [failed] = await deliveriesOf(here);
    expect(failed).toMatchObject({ Status: 'Failed', Error: expect.stringContaining('Case 1') });
    expect(Date.parse(failed?.NextAttemptAt ?? '')).toBe(server.clock.now() + 60_000);
    await server.admin.liftHold({ businessId, holdId });
    server.clock.advance(60);
    await assemble();
    expect((await read('vapi_c-1')).EndType).toBe('VoicemailDetected');
    expect(await deliveriesOf(here)).toMatchObject([{ Status: 'Assembled', Error: null }, {}]);
  });

  it('does not read the deliveries of a call that are too large together', async () => {
    const { here, send, assemble, read } = await connection();
    await send(vapiReport('c-1'));
    await assemble();
    await server.sql.query('UPDATE connection_deliveries SET bytes = $2 WHERE business_id = $1', [
      ...[here.businessId, 65 * 1024 * 1024],
    ]);
    await send(vapiReport('c-1', { timestamp: 1764000332000, endedReason: 'voicemail' }));
    await assemble();
    expect(await deliveriesOf(here)).toMatchObject([
      { Status: 'Failed', Error: expect.stringContaining('64 MiB'), NextAttemptAt: null },
      { Status: 'Assembled' },
    ]);
    expect((await read('vapi_c-1')).EndType).toBe('UserEndedCall');
  });

  it('is subject to the quotas of the business', async () => {
    const { here, send, assemble } = await connection();
    const { businessId } = here;
    await server.admin.updateBusiness({ businessId, Quotas: NONE_ALLOWED });
    await send(vapiReport('c-1'));
    await assemble();
    expect(await deliveriesOf(here)).toMatchObject([{ Status: 'Failed' }]);
  });

  it('searches what is masked, if the business masks', async () => {
    const { here, send, assemble } = await connection();
    const { businessId } = here;
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
    await send(vapiReport('c-1', { endedReason: 'voicemail' }));
    await assemble();
    const reader = await server.newClient(businessId, {
      'Conversations.ConversationPermissions': ['Full'],
    });
    const read = await reader.getConversation({ businessId, sessionId: 'vapi_c-1' });
    expect(read.Clients).toMatchObject([{ PhoneNumber: '[PHONE]' }]);
  });
});
