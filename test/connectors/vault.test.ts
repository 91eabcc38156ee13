import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vapiConnection, vapiReport, vapiStatus } from '../fixtures/connections.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const SETTINGS = { Settings: ['Full' as const] };
const CONVERSATIONS = { 'Conversations.ConversationPermissions': ['Full' as const] };
const NUMBER = '+4915112345678';
const CARD = '4111 1111 1111 1111';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

interface Here {
  readonly businessId: number;
  readonly connectionId: string;
}

const connection = async () => vapiConnection(server, await server.newBusiness());
const deliveriesOf = async (here: Here) => (await server.admin.getConnectionDeliveries(here)).Items;

async function firstOf(here: Here) {
  const [delivery] = await deliveriesOf(here);
  return { ...here, deliveryId: delivery?.DeliveryId ?? '' };
}

async function storedOf({ businessId }: Here) {
  const { rows } = await server.sql.query<{ text: string | null }>(
    `SELECT convert_from(body, 'UTF8') AS text FROM connection_deliveries
     WHERE business_id = $1 ORDER BY delivery_id`,
    [businessId],
  );
  return rows.map(({ text }) => text);
}

describe('deliveries', () => {
  it('are listed newest first, by status, in pages', async () => {
    const { here, send, assemble } = await connection();
    for (const id of ['c-1', 'c-2', 'c-3']) await send(vapiReport(id));
    await send({ message: { type: 'chat.created' } });
    await assemble();
    const first = await server.admin.getConnectionDeliveries({ ...here, Limit: 2 });
    const NextCursor = first.NextCursor ?? '';
    const second = await server.admin.getConnectionDeliveries({ ...here, Limit: 2, NextCursor });
    const all = [...first.Items, ...second.Items];
    expect(all.map(({ ConversationId }) => ConversationId)).toEqual([
      ...[null, 'vapi_c-3', 'vapi_c-2', 'vapi_c-1'],
    ]);
    expect(second.NextCursor).toBeNull();
    const ignored = await server.admin.getConnectionDeliveries({ ...here, Status: 'Ignored' });
    expect(ignored.Items).toEqual(all.slice(0, 1));
    const assembled = server.admin.getConnectionDeliveries({
      ...here,
      Status: 'Assembled' as never,
    });
    await expect(assembled).rejects.toMatchObject({ status: 400 });
  });

  it('are shown as they came to readers of conversations only', async () => {
    const { here, send } = await connection();
    const { businessId } = here;
    const body = JSON.stringify(vapiReport('c-1'));
    await send(body);
    const one = await firstOf(here);
    const reader = await server.newClient(businessId, { ...SETTINGS, ...CONVERSATIONS });
    const shown = await reader.getConnectionDelivery(one);
    expect(shown).toMatchObject({ Body: body, Status: 'Pending' });
    expect(shown.Headers).toMatchObject({ 'content-type': 'application/json' });
    expect(Object.keys(shown.Headers ?? {})).not.toContain('x-signature');
    const settings = await server.newClient(businessId, SETTINGS);
    expect(await settings.getConnectionDelivery(one)).toMatchObject({ Body: null, Headers: null });
    const conversations = await server.newClient(businessId, CONVERSATIONS);
    const denied = conversations.getConnectionDelivery(one);
    await expect(denied).rejects.toMatchObject({ status: 403 });
    const unknown = reader.getConnectionDelivery({ ...one, deliveryId: 'delivery_x' });
    await expect(unknown).rejects.toMatchObject({ code: 'GetConnectionDelivery:NOT_FOUND' });
  });

  it('are masked as their conversation is', async () => {
    const { here, send, assemble } = await connection();
    const { businessId } = here;
    await server.admin.putRedaction({ businessId, Categories: ['PHONE', 'CARD', 'NAME', 'OTHER'] });
    const messages = [
      { role: 'user', message: 'It is 4111 1111', secondsFromStart: 2 },
      { role: 'user', message: '1111 1111, and I live in Elm Street', secondsFromStart: 3 },
    ];
    const customer = { number: NUMBER, name: 'Ada Lovelace' };
    const artifact = { messages, transcript: `User: ${CARD} Elm Street` };
    await send(vapiReport('c-1', { customer, artifact, summary: `Ada Lovelace, ${NUMBER}` }));
    const masked = await server.newClient(businessId, { ...SETTINGS, ...CONVERSATIONS });
    const one = await firstOf(here);
    // Without its conversation, nothing tells which texts are names.
    expect(await masked.getConnectionDelivery(one)).toMatchObject({ Body: null, Headers: null });
    await assemble();
    const sessionId = 'vapi_c-1';
    const content = messages[1]?.message ?? '';
    const Start = content.indexOf('Elm Street');
    const span = { MessageIndex: 1, Start, End: content.length, Category: 'OTHER' as const };
    await server.admin.addRedactions({ businessId, sessionId, Spans: [span] });
    const { Body, Headers } = await masked.getConnectionDelivery(one);
    expect(JSON.parse(Body ?? '')).toMatchObject({ message: { call: { id: 'c-1' } } });
    for (const secret of ['Ada', 'Lovelace', '4915112345678', '1111', 'Elm Street']) {
      expect([secret, Body?.includes(secret)]).toEqual([secret, false]);
    }
    expect(Headers).not.toBeNull();
    const { Items } = await server.admin.getAudit({ businessId });
    await server.admin.getConnectionDelivery(one);
    const after = await server.admin.getAudit({ businessId });
    expect(after.Items.length).toBe(Items.length + 1);
    expect(after.Items[0]).toMatchObject({
      ...{ Action: 'UnredactedRead', SubjectId: sessionId },
      Details: { Operation: 'GetConnectionDelivery' },
    });
  });

  it('are written again by a retry', async () => {
    const { here, send, assemble, read } = await connection();
    const { businessId } = here;
    await send(vapiReport('c-1'));
    await assemble();
    const { Messages: _, ...rest } = await read('vapi_c-1');
    const edited = { ...rest, businessId, sessionId: 'vapi_c-1', Messages: [] };
    await server.admin.putConversation(edited as never);
    const one = await firstOf(here);
    const retried = await server.admin.retryConnectionDelivery(one);
    expect(retried).toMatchObject({ Status: 'Pending', ConversationId: 'vapi_c-1' });
    await assemble();
    expect((await read('vapi_c-1')).Messages).toHaveLength(2);
    const { Items } = await server.admin.getAudit({ businessId });
    expect(Items.map(({ Action }) => Action)).toContain('ConnectionDeliveryRetried');
    await server.admin.updateConnection({ ...here, IsPaused: true });
    const paused = server.admin.retryConnectionDelivery(one);
    await expect(paused).rejects.toMatchObject({ code: 'RetryConnectionDelivery:CONFLICT' });
  });

  it('about no call are deleted after 30 days, and others stay', async () => {
    const { here, send, assemble } = await connection();
    await send({ message: { type: 'chat.created' } });
    await send(vapiReport('c-1'));
    await assemble();
    server.clock.advance(31 * 86_400);
    await server.runJob('remove-deliveries');
    expect((await deliveriesOf(here)).map(({ Status }) => Status)).toEqual(['Assembled']);
  });

  it('of a deleted connection are deleted if they are in no conversation', async () => {
    const { here, send, assemble, read } = await connection();
    await send(vapiReport('c-1'));
    await assemble();
    await send(vapiReport('c-2'));
    await send({ message: { type: 'chat.created' } });
    await server.admin.deleteConnection(here);
    await server.runJob('remove-deliveries');
    expect(await storedOf(here)).toEqual([JSON.stringify(vapiReport('c-1'))]);
    expect((await read('vapi_c-1')).Status).toBe('Completed');
  });
});

describe('erasures and purges', () => {
  it('a deleted conversation takes its deliveries along, and later ones are not stored', async () => {
    const { here, send, assemble } = await connection();
    const { businessId } = here;
    await send(vapiReport('c-1'));
    await send(vapiReport('c-2'));
    await assemble();
    await server.admin.deleteConversation({ businessId, sessionId: 'vapi_c-1' });
    expect(await storedOf(here)).toEqual([JSON.stringify(vapiReport('c-2'))]);
    const late = await send(vapiStatus('c-1', 'ended', 1764000330500));
    expect(late).toMatchObject({ status: 200, json: { Data: { Outcome: 'Erased' } } });
    expect(await storedOf(here)).toHaveLength(1);
    expect((await server.admin.getConnection(here)).ErasedDeliveries).toBe(1);
  });

  it('a delivery that came while its conversation was erased is removed and counted', async () => {
    const { here, send, assemble } = await connection();
    const { businessId } = here;
    await send(vapiReport('c-1'));
    await assemble();
    await server.admin.deleteConversation({ businessId, sessionId: 'vapi_c-1' });
    // As if the request had looked for the conversation before it existed.
    await send(vapiReport('c-2'));
    await server.sql.query(
      `UPDATE connection_deliveries SET conversation_id = 'vapi_c-1' WHERE business_id = $1`,
      [businessId],
    );
    await assemble();
    expect(await storedOf(here)).toEqual([]);
    expect((await server.admin.getConnection(here)).ErasedDeliveries).toBe(1);
  });

  it('an erasure waits for a request that is being stored, and removes it', async () => {
    const { here, send, assemble } = await connection();
    const { businessId } = here;
    await send(vapiReport('c-1'));
    await assemble();
    const client = await server.sql.connect();
    await client.query('BEGIN');
    // The lock that the request takes.
    await client.query(
      `SELECT FROM conversations WHERE business_id = $1 AND id = 'vapi_c-1' FOR KEY SHARE`,
      [businessId],
    );
    const erasing = server.admin.deleteConversation({ businessId, sessionId: 'vapi_c-1' });
    await client.query(
      `INSERT INTO connection_deliveries (business_id, delivery_id, connection_id, source,
         conversation_id, event_type, dedupe_key, received_at, status, bytes, headers, body)
       VALUES ($1, 'd', $2, 'vapi', 'vapi_c-1', '', 'd', now(), 'Pending', 1, '{}', 'x')`,
      [businessId, here.connectionId],
    );
    await client.query('COMMIT');
    client.release();
    await erasing;
    expect(await storedOf(here)).toEqual([]);
  });

  it('the erasure of a person removes the deliveries of the conversations and of mentions', async () => {
    const { here, send, assemble } = await connection();
    const { businessId } = here;
    const messages = [{ role: 'user', message: `Call ${NUMBER}`, secondsFromStart: 2 }];
    await send(vapiReport('c-1', { customer: { number: NUMBER } }));
    await send(vapiReport('c-2', { artifact: { messages } }));
    await send(vapiReport('c-3'));
    await assemble();
    const person = {
      ...{ PhoneNumber: NUMBER, Mode: 'Erase' as const, Reason: 'GDPR' },
      IncludeMentions: true,
    };
    const { ErasureId } = await server.admin.createErasure({ businessId, ...person });
    await server.runJob('erase-person', { businessId, erasureId: ErasureId });
    const stored = await storedOf(here);
    expect(JSON.stringify(stored)).not.toContain('15112345678');
    expect(stored).toEqual([null, JSON.stringify(vapiReport('c-3'))]);
    // A late delivery must not replace what is left by the little that it says.
    await send(vapiStatus('c-2', 'ended', 1764000330500));
    await assemble();
    expect(await deliveriesOf(here)).toMatchObject([
      { Status: 'Failed', Error: expect.stringContaining('removed by an erasure') },
      ...[{}, {}],
    ]);
    const { Messages } = await server.admin.getConversation({ businessId, sessionId: 'vapi_c-2' });
    expect(Messages).toHaveLength(1);
  });

  it('a purge of the transcript removes the bodies, and a purge of the record the rows', async () => {
    const { here, send, assemble } = await connection();
    const { businessId } = here;
    await send(vapiReport('c-1'));
    await assemble();
    const purge = async (days: object) => {
      await server.admin.putRetention({ businessId, Rules: [{ Name: 'All', ...days }] });
      await server.runJob('purge-expired', { businessId });
      await server.runJob('purge-business', { businessId }).catch(() => undefined);
    };
    await purge({ TranscriptDays: 1 });
    expect(await storedOf(here)).toEqual([null]);
    expect(await server.admin.getConnectionDelivery(await firstOf(here))).toMatchObject({
      ...{ Body: null, Headers: null, Status: 'Assembled' },
    });
    await purge({ RecordDays: 1 });
    expect(await storedOf(here)).toEqual([]);
    expect((await send(vapiReport('c-1'))).json.Data?.Outcome).toBe('Erased');
  });
});
