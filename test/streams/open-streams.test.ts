import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openBrowser } from '../servers/browser.ts';
import { until } from '../servers/server-process.ts';
import {
  ADMIN_KEY,
  MASKED_READER,
  startTestServer,
  type TestServer,
} from '../servers/test-server.ts';
import { StreamActions } from './stream-actions.ts';

let server: TestServer;
let call: StreamActions;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  call = new StreamActions(server, await server.newBusiness());
});
afterEach(() => call.closeAll());

async function newKey(Permissions: object = MASKED_READER) {
  const { admin } = server;
  const { businessId } = call;
  const { UserId } = await admin.createUser({ Email: `${businessId}@example.com`, Name: 'x' });
  await server.sql.query(
    `INSERT INTO business_members (business_id, user_id, role) VALUES ($1, $2, 'Owner')`,
    [businessId, UserId],
  );
  const key = { UserId, Name: 'test', BusinessIds: [businessId], Permissions };
  const { ApiKeyId, Key } = await admin.createApiKey(key);
  return { ApiKeyId, UserId, key: Key };
}

describe('access to a stream', () => {
  test('is refused without a key or the permission', async () => {
    const { key } = await newKey({ Settings: ['Full'] });
    for (const path of ['/stream', '/conversations/a/stream']) {
      expect((await call.open(path, null, { key })).response.status).toBe(403);
      expect((await call.open(path, null, { key: 'x' })).response.status).toBe(401);
    }
  });

  test('ends when the key is revoked, and a resume is refused', async () => {
    const { ApiKeyId, key } = await newKey();
    await call.append('a', call.started(), call.said('one'));
    const one = await call.follow('a', null, { key });
    const all = await call.open('/stream', null, { key });
    await one.untilTold('one');
    await server.admin.revokeApiKey({ apiKeyId: ApiKeyId });
    await one.untilOver();
    await all.untilOver();
    expect((await call.follow('a', one.ids[0], { key })).response.status).toBe(401);
    await until(async () => server.app.ctx.streams.count === 0);
  });

  test('ends when the business is disabled', async () => {
    const { businessId } = call;
    const { key } = await newKey();
    const all = await call.open('/stream', null, { key });
    await server.admin.updateBusiness({ businessId, IsDisabled: true });
    await all.untilOver();
  });

  test('ends when the reader begins to see masked data', async () => {
    const { businessId } = call;
    const { key } = await newKey();
    const [masked, original] = [
      await call.open('/stream', null, { key }),
      await call.open('/stream'),
    ];
    await server.admin.putRedaction({ businessId, Categories: ['EMAIL'] });
    await masked.untilOver();
    await call.append('a', call.started());
    await original.untilTold('SessionStarted');
  });

  test('works with the cookie of a session until the user is disabled', async () => {
    const { UserId } = await newKey();
    const browser = await openBrowser(server, UserId);
    await call.append('a', call.started(), call.said('one'));
    const response = await browser.fetch(call.url('/conversations/a/stream'));
    expect(response.status).toBe(200);
    let text = '';
    let isOver = false;
    const reading = (async () => {
      for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += part;
      }
      isOver = true;
    })();
    await until(async () => text.includes('"Content":"one"'));
    await server.admin.updateUser({ userId: UserId, IsDisabled: true });
    await until(async () => isOver);
    await reading;
  });

  test('is audited if the business logs reads', async () => {
    const { businessId } = call;
    await server.admin.putAuditSettings({ businessId, LogReads: true });
    await call.append('a', call.started(), call.said('one'));
    const stream = await call.follow('a');
    await stream.untilTold('one');
    await call.open('/stream');
    const { Items } = await server.admin.getAudit({ businessId });
    const reads = Items.filter(({ Action }) => Action === 'ContentRead');
    expect(reads.map(({ Details }) => Details)).toEqual([
      { Operation: 'StreamBusiness' },
      { Operation: 'StreamConversation' },
    ]);
  });
});

describe('an open stream', () => {
  test('of a client that does not read is disconnected and others go on', async () => {
    const { hostname, port } = new URL(server.url);
    const path = new URL(call.url('/stream')).pathname;
    const slow = connect(Number(port), hostname);
    await new Promise((resolve) => slow.once('connect', resolve));
    slow.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Token ${ADMIN_KEY}\r\n\r\n`);
    await new Promise((resolve) => slow.once('readable', resolve));
    const stream = await call.open('/stream');
    await until(async () => server.app.ctx.streams.count === 2);
    await call.append('a', call.started());
    let sent = 0;
    while (server.app.ctx.streams.count === 2 && sent < 100) {
      sent += 1;
      await call.append('a', call.said('x'.repeat(500_000)));
    }
    expect(server.app.ctx.streams.count).toBe(1);
    await stream.untilEvents(sent + 1);
    slow.destroy();
  });

  test.each(['/stream', '/conversations/a/stream'])(
    '%s that ends while it is being opened is closed',
    async (path) => {
      await call.append('a', call.started());
      const { streams } = server.app.ctx;
      const follow = streams.follow.bind(streams);
      vi.spyOn(streams, 'follow').mockImplementationOnce(async (...given) => {
        const following = await follow(...given);
        streams.endAll();
        return following;
      });
      const stream = await call.open(path);
      await stream.untilOver();
      expect(streams.count).toBe(0);
    },
  );

  test('keeps nothing after its client is gone', async () => {
    const stream = await call.open('/stream');
    await until(async () => server.app.ctx.streams.count === 1);
    stream.close();
    await until(async () => server.app.ctx.streams.count === 0);
  });

  test('answers HEAD without a stream', async () => {
    const response = await fetch(call.url('/stream'), {
      method: 'HEAD',
      headers: { Authorization: `Token ${ADMIN_KEY}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    await until(async () => server.app.ctx.streams.count === 0);
  });
});

describe('several nodes', () => {
  test('stream what another node writes, and continue its streams', async () => {
    const { connection } = server;
    const other = await startTestServer({ connection, overrides: { clock: server.clock } });
    await call.append('a', call.started(), call.said('one'));
    const stream = await call.follow('a', null, { server: other });
    await stream.untilTold('one');
    await call.append('a', call.said('two'));
    await stream.untilTold('two');
    await other[Symbol.asyncDispose]();
    await stream.untilOver();
    await call.append('a', call.said('three'));
    const rest = await call.follow('a', stream.ids.at(-1));
    await rest.untilTold('three');
    expect([...stream.told, ...rest.told]).toEqual(['SessionStarted', 'one', 'two', 'three']);
  });
});
