import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SourceName } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const FIXTURES = new URL('../../packages/server/src/connectors/sources/', import.meta.url);
const SECRET = 'a secret of the webhook';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function readFixture(path: string) {
  const { Deliveries, Conversation } = JSON.parse(await readFile(new URL(path, FIXTURES), 'utf8'));
  const bodies = Deliveries.map(({ Body }: { Body: unknown }) => JSON.stringify(Body));
  return { bodies: bodies as string[], conversation: Conversation as Record<string, unknown> };
}

const hmac = (signed: string, secret: string) =>
  createHmac('sha256', secret).update(signed).digest('hex');

function headersOf(source: SourceName, body: string, secret: string): Record<string, string> {
  if (source === 'bland') return { 'X-Webhook-Signature': hmac(body, secret) };
  const at = Math.floor(server.clock.now() / 1000);
  return { 'ElevenLabs-Signature': `t=${at},v0=${hmac(`${at}.${body}`, secret)}` };
}

async function openConnection(source: SourceName) {
  const businessId = await server.newBusiness();
  const { ConnectionId, Url } = await server.admin.createConnection({
    ...{ businessId, Source: source, Name: source, Secrets: { WebhookSecret: SECRET } },
  });
  const send = async (body: string, secret = SECRET) => {
    const headers = headersOf(source, body, secret);
    const url = server.url + new URL(Url).pathname;
    return (await fetch(url, { method: 'POST', headers, body })).status;
  };
  return { businessId, connectionId: ConnectionId, send };
}

const PARTS = [
  ['elevenlabs', 'audio-first', 'conv_1'],
  ['bland', 'late-recording', 'b8'],
] as const;

describe.each(PARTS)('deliveries of %s in the fixture %s', (source, fixture, callId) => {
  it.each(['forwards', 'backwards'])('become one conversation %s', async (direction) => {
    const { bodies, conversation } = await readFixture(`${source}/fixtures/${fixture}.json`);
    const { businessId, send } = await openConnection(source);
    for (const body of direction === 'forwards' ? bodies : bodies.toReversed()) {
      expect(await send(body)).toBe(200);
      await server.runJob('assemble-conversations', { businessId });
    }
    const sessionId = `${source}_${callId}`;
    const read = await server.admin.getConversation({ businessId, sessionId });
    const { Messages, Logs, Status, EndType, StartTime, EndTime, Metadata } = conversation;
    const expected = { Messages, Logs, Status, EndType, StartTime, EndTime, Metadata };
    expect(read).toMatchObject(expected);
  });

  it('are accepted with both secrets after a rotation, and refused with another', async () => {
    const { bodies } = await readFixture(`${source}/fixtures/${fixture}.json`);
    const { businessId, connectionId, send } = await openConnection(source);
    const Secrets = { WebhookSecret: 'the new one' };
    await server.admin.rotateConnectionSecret({ businessId, connectionId, Secrets });
    const [body = ''] = bodies;
    expect(await send(body)).toBe(200);
    expect(await send(body, 'the new one')).toBe(200);
    expect(await send(body, 'wrong')).toBe(401);
  });
});
