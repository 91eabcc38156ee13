import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../packages/server/src/kernel/outbound-guard.ts';
import { startReceiver } from '../fixtures/webhook-receiver.ts';
import { startWebhookServer, type WebhookServer, writer } from '../fixtures/webhook-server.ts';
import { until } from '../servers/server-process.ts';
import { startTestServer } from '../servers/test-server.ts';

const NUMBER = '+4915112345678';
const SETTINGS = { Settings: ['Full' as const] };
const CONVERSATIONS = { 'Conversations.ConversationPermissions': ['Full' as const] };
const UNREDACTED = { 'Conversations.Unredacted': ['Full' as const] };

let server: WebhookServer;
beforeAll(async () => {
  server = await startWebhookServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function redacted() {
  const receiver = await startReceiver();
  const businessId = await server.newBusiness();
  await server.admin.putRedaction({ businessId, Categories: ['PHONE', 'NAME'] });
  const { put } = writer(server, businessId);
  const client = { ClientId: 'c', ClientType: 'Phone', JoinedAt: '2026-02-27T12:00:00Z' };
  const write = (id: string) =>
    put(id, {
      Clients: [{ ...client, PhoneNumber: NUMBER, Name: 'Ada' }],
      Metadata: { callback: NUMBER },
    });
  const close = () => receiver[Symbol.asyncDispose]();
  return { receiver, businessId, write, [Symbol.asyncDispose]: close };
}

describe('masking', () => {
  test('masks data while redaction is on, except with IncludeUnredacted', async () => {
    await using given = await redacted();
    await using original = await startReceiver();
    const { receiver, businessId, write } = given;
    const Events = ['conversation.completed' as const];
    await server.admin.createWebhook({ businessId, Url: receiver.url, Events });
    const seeing = { businessId, Url: original.url, Events, IncludeUnredacted: true };
    const { WebhookId } = await server.admin.createWebhook(seeing);
    await write('a');
    await until(async () => receiver.received.length + original.received.length === 2);
    expect(receiver.received[0]?.body).not.toContain('15112345678');
    expect(receiver.received[0]?.data).toMatchObject({
      Clients: [{ PhoneNumber: '[PHONE]', Name: '[NAME]' }],
      Metadata: { callback: '[PHONE]' },
    });
    expect(original.received[0]?.data).toMatchObject({ Metadata: { callback: NUMBER } });
    const masked = await server.newClient(businessId, { ...SETTINGS, ...CONVERSATIONS });
    const here = { businessId, webhookId: WebhookId };
    const { Items } = await masked.getWebhookDeliveries(here);
    expect(Items).toMatchObject([{ Type: 'conversation.completed', Body: null }]);
    const { Items: audit } = await server.admin.getAudit({ businessId });
    const created = audit.find(({ SubjectId }) => SubjectId === WebhookId);
    expect(created).toMatchObject({
      Action: 'WebhookCreated',
      Details: { IncludeUnredacted: true },
    });
  });

  test('IncludeUnredacted and its address need Conversations.Unredacted', async () => {
    await using given = await redacted();
    const { receiver, businessId } = given;
    const Events = ['conversation.completed' as const];
    const some = await server.newClient(businessId, { ...SETTINGS, ...CONVERSATIONS });
    const all = await server.newClient(businessId, {
      ...{ ...SETTINGS, ...CONVERSATIONS, ...UNREDACTED },
    });
    const wanted = { businessId, Url: receiver.url, Events, IncludeUnredacted: true };
    await expect(some.createWebhook(wanted)).rejects.toMatchObject({ status: 403 });
    const { WebhookId: webhookId } = await all.createWebhook(wanted);
    const here = { businessId, webhookId };
    const moved = some.updateWebhook({ ...here, Url: `${receiver.url}/mine` });
    await expect(moved).rejects.toMatchObject({ status: 403 });
    await some.updateWebhook({ ...here, Description: 'renamed' });
    await some.updateWebhook({ ...here, IncludeUnredacted: false, Url: `${receiver.url}/mine` });
    const again = some.updateWebhook({ ...here, IncludeUnredacted: true });
    await expect(again).rejects.toMatchObject({ status: 403 });
  });

  test('a retry is masked if redaction or the rights of the user changed meanwhile', async () => {
    await using receiver = await startReceiver();
    const businessId = await server.newBusiness();
    const { put } = writer(server, businessId);
    const Events = ['conversation.completed' as const];
    const creator = await server.newClient(businessId);
    const wanted = { businessId, Url: receiver.url, Events, IncludeUnredacted: true };
    await creator.createWebhook(wanted);
    await server.admin.createWebhook({ businessId, Url: `${receiver.url}/plain`, Events });
    receiver.answer = (_, response) => response.writeHead(500).end();
    await put('a', { Metadata: { callback: NUMBER } });
    await until(async () => receiver.received.length === 2);
    for (const { body } of receiver.received) expect(body).toContain(NUMBER);
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
    server.clock.advance(6);
    await until(async () => receiver.received.length === 4);
    const bodyOf = (path: string) =>
      receiver.received.filter((one) => one.path === path).at(-1)?.body ?? '';
    expect(bodyOf('/hook')).toContain(NUMBER);
    expect(bodyOf('/hook/plain')).toContain('[PHONE]');
    const members = (await server.admin.getMembers({ businessId })).Items;
    const member = members.find(({ IsOwner }) => !IsOwner);
    await server.admin.updateUser({ userId: member?.UserId ?? '', IsDisabled: true });
    server.clock.advance(400);
    await until(async () => receiver.received.length === 6);
    expect(bodyOf('/hook')).toContain('[PHONE]');
    expect(bodyOf('/hook')).not.toContain(NUMBER);
  });
});

describe('permissions', () => {
  test('bodies are shown only with Retrieving of Conversations', async () => {
    await using receiver = await startReceiver();
    const businessId = await server.newBusiness();
    const Events = ['conversation.completed' as const];
    const created = await server.admin.createWebhook({ businessId, Url: receiver.url, Events });
    await writer(server, businessId).put('a');
    await until(async () => receiver.received.length === 1);
    const here = { businessId, webhookId: created.WebhookId };
    const listed = async (permissions: Parameters<typeof server.newClient>[1]) => {
      const client = await server.newClient(businessId, permissions);
      return (await client.getWebhookDeliveries(here)).Items[0];
    };
    const first = await listed({ ...SETTINGS, ...CONVERSATIONS });
    expect(first?.Body).toBe(receiver.received[0]?.body);
    const second = await listed(SETTINGS);
    expect(second).toMatchObject({ Type: 'conversation.completed', Body: null });
    await expect(listed(CONVERSATIONS)).rejects.toMatchObject({ status: 403 });
  });

  test('a webhook of another business is not found', async () => {
    const [own, other] = [await server.newBusiness(), await server.newBusiness()];
    const { WebhookId: webhookId } = await server.admin.createWebhook({
      ...{ businessId: own, Url: 'https://example.com/', Events: ['queue.failed'] },
    });
    const asked = { businessId: other, webhookId };
    await expect(server.admin.getWebhook(asked)).rejects.toMatchObject({ status: 404 });
    await expect(server.admin.testWebhook(asked)).rejects.toMatchObject({ status: 404 });
    await expect(server.admin.deleteWebhook(asked)).rejects.toMatchObject({ status: 404 });
  });

  test('headers that the server sets or that HTTP forbids are refused', async () => {
    const businessId = await server.newBusiness();
    const invalid = [{ 'webhook-id': '1' }, { Host: 'x' }, { 'a b': '1' }, { a: '1\r\nb: 2' }];
    for (const Headers of invalid as Record<string, string>[]) {
      const asked = server.admin.createWebhook({
        ...{ businessId, Url: 'https://example.com/', Events: ['queue.failed'], Headers },
      });
      await expect(asked).rejects.toMatchObject({ status: 400 });
    }
  });
});

describe('private addresses', () => {
  test.each([
    ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0'],
    ...['100.100.100.200', '168.63.129.16', '::1', '::', 'fe80::1', 'fd00:ec2::254'],
    ...['::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', '255.255.255.255', '224.0.0.1'],
    'nonsense',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test('are refused in URLs and when a name leads to one', async () => {
    // Sends nothing.
    await using plain = await startTestServer();
    await using receiver = await startReceiver();
    const businessId = await plain.newBusiness();
    const Events = ['conversation.completed' as const];
    const create = (Url: string) => plain.admin.createWebhook({ businessId, Url, Events });
    const { port } = new URL(receiver.url);
    for (const url of [
      ...[receiver.url, 'http://example.com', `https://127.0.0.1:${port}/`, 'https://[::1]/'],
      ...['https://169.254.169.254/latest', 'https://2130706433/', 'https://localhost/', 'ftp://x'],
      ...['https://user:pass@example.com/', 'https://metadata.google.internal/', 'nonsense'],
    ]) {
      await expect(create(url)).rejects.toMatchObject({ status: 400 });
    }
    const { WebhookId: webhookId } = await create('https://example.com/');
    // Stands for a name that was accepted: its look-up leads to this machine on every computer.
    await plain.sql.query('UPDATE webhooks SET url = $1', [`https://localhost:${port}/`]);
    const { connection } = plain;
    await using guarded = await startWebhookServer({ connection, allowPrivateTargets: false });
    await guarded.admin.testWebhook({ businessId, webhookId });
    const attempt = async () => {
      const { Items } = await guarded.admin.getWebhookDeliveries({ businessId, webhookId });
      return Items[0]?.Attempts[0];
    };
    await until(async () => (await attempt()) !== undefined);
    expect((await attempt())?.Error).toMatch(/private/);
    await guarded.sql.query('UPDATE webhooks SET url = $1', [`http://127.0.0.1:${port}/`]);
    await guarded.admin.testWebhook({ businessId, webhookId });
    await until(async () => (await attempt()) !== undefined);
    expect((await attempt())?.Error).toMatch(/private/);
    expect(receiver.received).toEqual([]);
  });

  test('a server without ALLOW_PRIVATE_TARGETS takes public https: URLs', async () => {
    await using plain = await startTestServer();
    const businessId = await plain.newBusiness();
    const created = await plain.admin.createWebhook({
      ...{ businessId, Url: 'https://example.com/hook?a=1', Events: ['queue.failed'] },
    });
    expect(created.Secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });
});
