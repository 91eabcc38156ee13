import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VAPI_SECRET, vapiConnection, vapiReport } from '../fixtures/connections.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const SETTINGS = { Settings: ['Full' as const] };
const NEW = { Source: 'vapi', Name: 'Vapi', Secrets: { Secret: VAPI_SECRET } } as const;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe('connections', () => {
  it('are created, shown without secrets, changed and deleted', async () => {
    const businessId = await server.newBusiness();
    const client = await server.newClient(businessId, SETTINGS);
    const { ConnectionId: connectionId, Url } = await client.createConnection({
      businessId,
      ...NEW,
    });
    expect(Url).toBe(`${server.url}/connect/vapi/${businessId}/${connectionId}`);
    const shown = await client.getConnection({ businessId, connectionId });
    expect(shown).toEqual({
      ConnectionId: connectionId,
      Source: 'vapi',
      Name: 'Vapi',
      Url,
      Options: {},
      SecretNames: ['Secret'],
      PreviousSecretsExpireAt: null,
      IsPaused: false,
      LastReceivedAt: null,
      ErasedDeliveries: 0,
      UnknownEndReasons: [],
      CreatedAt: '2026-03-01T12:00:00Z',
      CreatedBy: expect.stringMatching(/^user_/),
    });
    const change = { Name: 'Vapi 2', IsPaused: true, Options: { Signing: 'bearer' } };
    const changed = await client.updateConnection({ businessId, connectionId, ...change });
    expect(changed).toEqual({ ...shown, ...change });
    expect((await client.getConnections({ businessId })).Items).toEqual([changed]);
    expect(await client.deleteConnection({ businessId, connectionId })).toEqual({
      ConnectionId: connectionId,
    });
    await expect(client.getConnection({ businessId, connectionId })).rejects.toMatchObject({
      code: 'GetConnection:NOT_FOUND',
    });
    expect((await client.getConnections({ businessId })).Items).toEqual([]);
  });

  it('never show or store their secrets in clear', async () => {
    const businessId = await server.newBusiness();
    const { here } = await vapiConnection(server, businessId);
    await server.admin.rotateConnectionSecret({ ...here, Secrets: { Secret: 'the new secret' } });
    const shown = JSON.stringify([
      await server.admin.getConnection(here),
      (await server.admin.getAudit({ businessId })).Items,
    ]);
    const { rows } = await server.sql.query('SELECT * FROM connections');
    for (const text of [shown, JSON.stringify(rows)]) {
      expect(text).not.toContain(VAPI_SECRET);
      expect(text).not.toContain('the new secret');
    }
  });

  it.each([
    [{ Secrets: {} }, /Secrets must have exactly the keys Secret/],
    [{ Secrets: { Secret: 'x', Other: 'y' } }, /Secrets must have exactly/],
    [{ Options: { Signing: 'rot13' } }, /Options.Signing must be one of hmac, bearer, header/],
    [{ Options: { Colour: 'red' } }, /Options may have Signing/],
    [{ Source: 'fax' }, /Source/],
    [{ Name: '' }, /Name/],
  ])('are refused with %j', async (wrong, message) => {
    const businessId = await server.newBusiness();
    const wanted = { businessId, ...NEW, ...wrong } as never;
    await expect(server.admin.createConnection(wanted)).rejects.toMatchObject({
      code: 'CreateConnection:INVALID_REQUEST',
      message: expect.stringMatching(message),
    });
  });

  it('need Settings, and belong to one business', async () => {
    const [own, other] = [await server.newBusiness(), await server.newBusiness()];
    const { here } = await vapiConnection(server, own);
    const reader = await server.newClient(own, { Settings: ['Retrieving'] });
    expect((await reader.getConnections({ businessId: own })).Items).toHaveLength(1);
    await expect(reader.deleteConnection(here)).rejects.toMatchObject({ status: 403 });
    const conversations = { 'Conversations.ConversationPermissions': ['Full' as const] };
    const stranger = await server.newClient(own, conversations);
    await expect(stranger.getConnection(here)).rejects.toMatchObject({ status: 403 });
    const elsewhere = server.admin.getConnection({ ...here, businessId: other });
    await expect(elsewhere).rejects.toMatchObject({ status: 404 });
  });

  it('are audited', async () => {
    const businessId = await server.newBusiness();
    const { here } = await vapiConnection(server, businessId);
    await server.admin.updateConnection({ ...here, IsPaused: true });
    await server.admin.rotateConnectionSecret({ ...here, Secrets: { Secret: 'other' } });
    await server.admin.deleteConnection(here);
    const { Items } = await server.admin.getAudit({ businessId });
    const events = Items.filter(({ SubjectKind }) => SubjectKind === 'Connection');
    expect(events.map(({ Action }) => Action).sort()).toEqual([
      'ConnectionChanged',
      'ConnectionCreated',
      'ConnectionDeleted',
      'ConnectionSecretRotated',
    ]);
    expect(new Set(events.map(({ SubjectId }) => SubjectId))).toEqual(new Set([here.connectionId]));
  });

  it('accept old and new secrets for 24 hours after a rotation', async () => {
    const { here, send } = await vapiConnection(server, await server.newBusiness());
    const rotated = { ...here, Secrets: { Secret: 'the new secret' } };
    const { PreviousSecretsExpireAt } = await server.admin.rotateConnectionSecret(rotated);
    const shown = await server.admin.getConnection(here);
    expect(shown.PreviousSecretsExpireAt).toBe(PreviousSecretsExpireAt);
    expect((await send(vapiReport('1'))).status).toBe(200);
    expect((await send(vapiReport('2'), 'the new secret')).status).toBe(200);
    server.clock.advance(86_400);
    expect((await send(vapiReport('3'))).status).toBe(401);
    expect((await send(vapiReport('4'), 'the new secret')).status).toBe(200);
    expect((await server.admin.getConnection(here)).PreviousSecretsExpireAt).toBeNull();
  });
});
