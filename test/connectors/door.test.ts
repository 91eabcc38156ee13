import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VAPI_SECRET, vapiConnection, vapiReport, vapiStatus } from '../fixtures/connections.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const connection = async () => vapiConnection(server, await server.newBusiness());
const deliveriesOf = async (here: { businessId: number; connectionId: string }) =>
  (await server.admin.getConnectionDeliveries(here)).Items;

describe('the address of a connection', () => {
  it('stores a signed request before it answers', async () => {
    const { here, send } = await connection();
    const body = JSON.stringify(vapiReport('c-1'));
    expect(await send(body)).toEqual({
      status: 200,
      json: { Success: true, Data: { Outcome: 'Stored' } },
    });
    const { rows } = await server.sql.query(
      'SELECT body, headers FROM connection_deliveries WHERE business_id = $1',
      [here.businessId],
    );
    expect(rows[0]?.body.toString()).toBe(body);
    expect(JSON.parse(rows[0]?.headers)).toMatchObject({ 'content-type': 'application/json' });
    expect(rows[0]?.headers).not.toMatch(/x-signature|authorization/);
    expect(await deliveriesOf(here)).toMatchObject([
      {
        EventType: 'end-of-call-report',
        Status: 'Pending',
        ConversationId: 'vapi_c-1',
        Repeats: 0,
        Bytes: Buffer.byteLength(body),
      },
    ]);
    expect((await server.admin.getConnection(here)).LastReceivedAt).not.toBeNull();
  });

  it('refuses a wrong signature with 401 and stores nothing', async () => {
    const { here, send, post } = await connection();
    const refused = await send(vapiReport('c-1'), 'wrong');
    expect(refused).toMatchObject({ status: 401, json: { Code: 'Connect:SIGNATURE_INVALID' } });
    expect((await post('{}', {})).status).toBe(401);
    expect(await deliveriesOf(here)).toEqual([]);
  });

  it('verifies the bytes, whatever their type is said to be', async () => {
    const { here, path } = await connection();
    await server.admin.updateConnection({ ...here, Options: { Signing: 'bearer' } });
    const body = `\n ${JSON.stringify(vapiReport('c-1'))}\r\n`;
    for (const type of ['text/plain', 'application/json; charset=latin1', 'a/b']) {
      const headers = { 'Content-Type': type, Authorization: `Bearer ${VAPI_SECRET}` };
      const response = await fetch(server.url + path, { method: 'POST', headers, body });
      expect([type, response.status]).toEqual([type, 200]);
    }
    expect(await deliveriesOf(here)).toMatchObject([{ Repeats: 2, Bytes: body.length }]);
  });

  it('recognizes a repeated event', async () => {
    const { here, send } = await connection();
    const outcomes = [
      await send(vapiStatus('c-1', 'in-progress', 1764000000100)),
      await send(vapiStatus('c-1', 'in-progress', 1764000000100)),
      await send(vapiStatus('c-1', 'ended', 1764000330000)),
      await send(vapiStatus('c-2', 'in-progress', 1764000000100)),
    ];
    expect(outcomes.map(({ json }) => json.Data?.Outcome)).toEqual([
      'Stored',
      'Repeated',
      'Stored',
      'Stored',
    ]);
    expect((await deliveriesOf(here)).map(({ Repeats }) => Repeats)).toEqual([0, 0, 1]);
  });

  it('recognizes an event by the id that its header gives', async () => {
    const { here, post, path } = await connection();
    await server.admin.updateConnection({ ...here, Options: { Signing: 'bearer' } });
    const headers = { Authorization: `Bearer ${VAPI_SECRET}`, 'svix-id': 'msg_1' };
    expect(path).toContain(here.connectionId);
    const outcomes = [
      await post(JSON.stringify(vapiReport('c-1')), headers),
      await post(JSON.stringify(vapiReport('c-1', { cost: 1 })), headers),
    ];
    expect(outcomes.map(({ json }) => json.Data?.Outcome)).toEqual(['Stored', 'Repeated']);
  });

  it('stores an event about no call without a conversation', async () => {
    const { here, send, assemble } = await connection();
    expect((await send({ message: { type: 'chat.created', chat: {} } })).status).toBe(200);
    await assemble();
    expect(await deliveriesOf(here)).toMatchObject([{ Status: 'Ignored', ConversationId: null }]);
  });

  it('refuses a signed body that is not JSON', async () => {
    const { here, send } = await connection();
    const { status, json } = await send('{"message": {');
    expect([status, json.Code]).toEqual([400, 'Connect:INVALID_REQUEST']);
    expect(await deliveriesOf(here)).toEqual([]);
  });

  it('takes a body of megabytes, and refuses one of more than 16 MiB', async () => {
    const { here, send, assemble, read } = await connection();
    const large = 'a'.repeat(3 * 1024 * 1024);
    const report = vapiReport('c-1', { analysis: { summary: large } });
    expect((await send(report)).status).toBe(200);
    await assemble();
    expect((await read('vapi_c-1')).Status).toBe('Completed');
    const tooLarge = randomBytes(9 * 1024 * 1024).toString('hex');
    const refused = await send(`"${tooLarge}"`);
    expect(refused).toMatchObject({ status: 413, json: { Code: 'Connect:PAYLOAD_TOO_LARGE' } });
    expect(await deliveriesOf(here)).toHaveLength(1);
  });

  it.each([
    ['an unknown connection', (path: string) => `${path}x`],
    ['another source', (path: string) => path.replace('vapi', 'retell')],
    ['an unknown source', (path: string) => path.replace('vapi', 'constructor')],
    ['another business', (path: string) => path.replace(/\/\d+\//, '/1/')],
    ['a business that is no number', (path: string) => path.replace(/\/\d+\//, '/x/')],
  ])('does not exist for %s', async (_, change) => {
    const { path } = await connection();
    const response = await fetch(server.url + change(path), { method: 'POST', body: '{}' });
    expect([response.status, (await response.json()).Code]).toEqual([404, 'Connect:NOT_FOUND']);
  });

  it('allows only POST', async () => {
    const { path } = await connection();
    const response = await fetch(server.url + path);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('does not exist for a deleted connection, and refuses a disabled business', async () => {
    const { here, send } = await connection();
    await server.admin.updateBusiness({ businessId: here.businessId, IsDisabled: true });
    expect(await send(vapiReport('c-1'))).toMatchObject({
      ...{ status: 403, json: { Code: 'Connect:BUSINESS_DISABLED' } },
    });
    await server.admin.updateBusiness({ businessId: here.businessId, IsDisabled: false });
    await server.admin.deleteConnection(here);
    expect((await send(vapiReport('c-1'))).status).toBe(404);
  });

  it('answers and stores while the connection is paused, and writes when it is resumed', async () => {
    const { here, send, assemble, read } = await connection();
    await server.admin.updateConnection({ ...here, IsPaused: true });
    expect((await send(vapiReport('c-1'))).status).toBe(200);
    await assemble();
    expect(await deliveriesOf(here)).toMatchObject([{ Status: 'Paused' }]);
    await expect(read('vapi_c-1')).rejects.toMatchObject({ status: 404 });
    await server.admin.updateConnection({ ...here, IsPaused: false });
    await assemble();
    expect(await deliveriesOf(here)).toMatchObject([{ Status: 'Assembled' }]);
    expect((await read('vapi_c-1')).Messages).toHaveLength(2);
  });
});
