import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const SESSION = {
  sessionId: 's-1',
  startedAt: '2025-11-24T16:00:00Z',
  endedAt: '2025-11-24T16:05:30Z',
  turns: [
    { role: 'assistant', content: 'Hello', timestamp: '2025-11-24T16:00:02Z' },
    { role: 'user', content: 'Price?', timestamp: '2025-11-24T16:00:05Z' },
  ],
};
const LOG = [
  { type: 'session.created', received_at: '2025-11-24T16:00:00Z', session: { id: 'sess_1' } },
  { type: 'session.closed', received_at: '2025-11-24T16:01:00Z', reason: 'user_hangup' },
];
const VCON = {
  ...{ vcon: '0.4.0', uuid: '0197a2c4-0000-8000-8000-000000000001' },
  created_at: '2025-11-24T16:05:30Z',
  parties: [{ tel: '+15550100001', role: 'customer' }],
  dialog: [
    {
      ...{ type: 'text', parties: 0, start: '2025-11-24T16:00:02Z', mediatype: 'text/plain' },
      ...{ body: 'Price?', encoding: 'none' },
    },
  ],
};
const REPORT = {
  ...{ job_id: 'AJ_1', room_id: 'RM_1', room: 'room-7', timestamp: 1764000331.2 },
  chat_history: {
    items: [
      ...[{ id: 'i1', type: 'message', role: 'user', content: ['Price?'], created_at: 1764000006 }],
    ],
  },
};

async function connection(Source: 'pipecat' | 'openai' | 'vcon' | 'livekit') {
  const businessId = await server.newBusiness();
  const secrets = Source === 'livekit' && { Secrets: { ApiKey: 'key', ApiSecret: 'secret' } };
  const { Url } = await server.admin.createConnection({
    ...{ businessId, Source, Name: Source, ...secrets },
  });
  const send = async (body: string, key?: string) => {
    const headers = { ...(key && { Authorization: `Bearer ${key}` }) };
    const url = server.url + new URL(Url).pathname;
    const response = await fetch(url, { method: 'POST', headers, body });
    return { status: response.status, code: (await response.json()).Code };
  };
  return { businessId, send };
}

describe('a source that does not sign its requests', () => {
  it.each([
    ['pipecat', JSON.stringify(SESSION), 'pipecat_s-1'],
    ['openai', LOG.map((line) => JSON.stringify(line)).join('\n'), 'openai_sess_1'],
    ['vcon', JSON.stringify(VCON), `vcon_${VCON.uuid}`],
    ['livekit', JSON.stringify(REPORT), 'livekit_RM_1'],
  ] as const)('%s needs a key that may add conversations', async (source, body, id) => {
    const { businessId, send } = await connection(source);
    const [adding, reading, elsewhere] = [
      await server.newKey(businessId, { 'Conversations.ConversationPermissions': ['Adding'] }),
      await server.newKey(businessId, { 'Conversations.ConversationPermissions': ['Retrieving'] }),
      await server.newKey(await server.newBusiness()),
    ];
    expect(await send(body)).toEqual({ status: 401, code: 'Connect:API_KEY_MISSING' });
    expect(await send(body, 'wrong')).toEqual({ status: 401, code: 'Connect:API_KEY_INVALID' });
    expect((await send(body, reading)).status).toBe(403);
    expect((await send(body, elsewhere)).status).toBe(403);
    const { rows } = await server.sql.query(
      'SELECT FROM connection_deliveries WHERE business_id = $1',
      [businessId],
    );
    expect(rows).toEqual([]);

    expect((await send(body, adding)).status).toBe(200);
    await server.runJob('assemble-conversations', { businessId });
    const read = await server.admin.getConversation({ businessId, sessionId: id });
    expect(read.Source?.Provider).toBe(source);
  });
});
