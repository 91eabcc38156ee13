import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav } from '../fixtures/recordings-suite.ts';
import {
  ADMIN_KEY,
  MASKED_READER,
  SECRET,
  startTestServer,
  type TestServer,
} from '../servers/test-server.ts';

let server: TestServer;
let other: TestServer;
let businessId: number;
let masked: string;
beforeAll(async () => {
  server = await startTestServer({ secret: SECRET });
  other = await startTestServer({ connection: server.connection, secret: SECRET });
  businessId = await server.newBusiness();
  masked = await server.newKey(businessId, MASKED_READER);
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

let ids = 0;
async function newConversation(): Promise<string> {
  ids += 1;
  const sessionId = `s${ids}`;
  await put(server, sessionId, 'Call me at +4915112345678');
  return sessionId;
}

const put = (through: TestServer, sessionId: string, content: string) =>
  through.admin.putConversation({
    businessId,
    sessionId,
    Status: 'Completed',
    StartTime: '2026-03-01T11:00:00Z',
    EndTime: '2026-03-01T11:01:00Z',
    EndType: 'Normal',
    InitiationType: 'Inbound',
    Clients: [{ ClientId: 'c', ClientType: 'Phone', JoinedAt: '2026-03-01T11:00:00Z' }],
    Messages: [
      { SenderId: 'c', Role: 'User', Content: content, Timestamp: '2026-03-01T11:00:01Z' },
    ],
  });

interface Reading {
  readonly tag?: string;
  readonly key?: string;
  readonly method?: string;
  readonly from?: TestServer;
}

async function read(sessionId: string, { tag, key, method, from = server }: Reading = {}) {
  const response = await fetch(
    `${from.url}/api/v1/business/${businessId}/conversations/${sessionId}`,
    {
      method: method ?? 'GET',
      headers: {
        Authorization: `Token ${key ?? ADMIN_KEY}`,
        ...(tag !== undefined && { 'If-None-Match': tag }),
      },
    },
  );
  const { status, headers } = response;
  return { status, headers, tag: headers.get('etag') ?? '', text: await response.text() };
}

describe('the ETag of GetConversation', () => {
  it('GetConversation returns a strong ETag, and 304 without a body if it is sent back', async () => {
    const id = await newConversation();
    const first = await read(id);
    expect(first.tag).toMatch(/^"[\w-]{43}"$/);
    const second = await read(id, { tag: first.tag });
    expect([second.status, second.text, second.tag]).toEqual([304, '', first.tag]);
    for (const { headers } of [first, second]) {
      expect(headers.get('cache-control')).toBe('private, no-cache');
      expect(headers.get('vary')).toBe('Authorization, Cookie');
    }
    expect(second.headers.get('content-type')).toBeNull();
  });

  it('HEAD has the same ETag and answers 304 too', async () => {
    const id = await newConversation();
    const { tag, text } = await read(id);
    const head = await read(id, { method: 'HEAD' });
    expect([head.status, head.tag]).toEqual([200, tag]);
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect((await read(id, { method: 'HEAD', tag })).status).toBe(304);
  });

  it('If-None-Match accepts lists, weak tags and an asterisk, and nothing else', async () => {
    const id = await newConversation();
    const { tag } = await read(id);
    for (const held of [`"x", ${tag}`, `W/${tag}`, '*', ` ${tag} `, `"a,b",${tag},"c"`]) {
      expect((await read(id, { tag: held })).status, held).toBe(304);
    }
    for (const held of ['"x"', tag.slice(1, -1), '"*"', '', tag.toUpperCase()]) {
      expect((await read(id, { tag: held })).status, held).toBe(200);
    }
  });

  it('the ETag changes with a change through another node', async () => {
    const id = await newConversation();
    const { tag } = await read(id);
    expect((await read(id, { tag, from: other })).status).toBe(304);
    await put(other, id, 'Something else');
    const after = await read(id, { tag });
    expect(after.status).toBe(200);
    expect(after.text).toContain('Something else');
  });

  it('the ETag changes with each event of a live conversation', async () => {
    const sessionId = 'live';
    const event = (EventId: string, rest: object) =>
      other.admin.appendConversationEvents({
        businessId,
        sessionId,
        Events: [{ EventId, Timestamp: '2026-03-01T11:00:00Z', ...rest } as never],
      });
    await event('1', { Type: 'SessionStarted', InitiationType: 'Web' });
    let { tag } = await read(sessionId);
    for (const EventId of ['2', '3', '4']) {
      await event(EventId, { Type: 'MessageAdded', SenderId: 'x', Role: 'User', Content: EventId });
      const after = await read(sessionId, { tag });
      expect(after.status).toBe(200);
      tag = after.tag;
      expect((await read(sessionId, { tag })).status).toBe(304);
    }
  });

  it('the ETag differs between masked and unmasked readers and follows the redaction setting', async () => {
    const id = await newConversation();
    const plain = await read(id, { key: masked });
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
    const hidden = await read(id, { key: masked, tag: plain.tag });
    expect(hidden.status).toBe(200);
    expect(hidden.text).toContain('[PHONE]');
    const full = await read(id, { tag: hidden.tag });
    expect([full.status, full.text.includes('+4915112345678')]).toEqual([200, true]);
    expect((await read(id, { key: masked, tag: full.tag })).text).toBe(hidden.text);
    expect((await read(id, { key: masked, tag: hidden.tag })).status).toBe(304);
    await other.admin.putRedaction({ businessId, Categories: [] });
    const shown = await read(id, { key: masked, tag: hidden.tag });
    expect([shown.status, shown.tag]).toEqual([200, plain.tag]);
  });

  it('the ETag changes with a new recording and each renewal of its signed URL', async () => {
    const id = await newConversation();
    const { tag } = await read(id);
    await server.client(ADMIN_KEY).putRecording({
      businessId,
      sessionId: id,
      participantId: 'c',
      contentType: 'audio/wav',
      audio: new Blob([new Uint8Array(await readWav())]),
    });
    const recorded = await read(id, { tag });
    expect([recorded.status, recorded.text.includes('"AudioUrl":"http')]).toEqual([200, true]);
    server.clock.advance(1);
    expect((await read(id, { tag: recorded.tag })).status).toBe(304);
    server.clock.advance(898);
    expect((await read(id, { tag: recorded.tag })).status).toBe(304);
    server.clock.advance(1);
    const renewed = await read(id, { tag: recorded.tag });
    expect(renewed.status).toBe(200);
    const url = /"AudioUrl":"([^"]+)"/.exec(recorded.text)?.[1] ?? '';
    expect((await fetch(url)).status).toBe(200);
    server.clock.advance(900);
    expect((await fetch(url)).status).toBe(403);
  });

  it('a read answered with 304 is logged in the audit log', async () => {
    const id = await newConversation();
    await server.admin.putAuditSettings({ businessId, LogReads: true });
    const { tag } = await read(id);
    expect((await read(id, { tag })).status).toBe(304);
    expect((await read(id, { tag, method: 'HEAD' })).status).toBe(304);
    await server.admin.putAuditSettings({ businessId, LogReads: false });
    const { Items } = await server.admin.getAudit({ businessId, Filter: { SubjectId: id } });
    const reads = Items.filter(({ Action }) => Action.endsWith('Read'));
    expect(reads).toHaveLength(3);
  });

  it('a matching ETag does not hide an erased conversation or a missing permission', async () => {
    const id = await newConversation();
    const user = await server.admin.createUser({ Email: 'reader@example.com', Name: 'Reader' });
    await server.admin.putMember({ businessId, UserId: user.UserId, Role: 'Owner' });
    const made = { UserId: user.UserId, Name: 'test', BusinessIds: [businessId] };
    const { Key: key, ApiKeyId: apiKeyId } = await server.admin.createApiKey(made);
    const { tag } = await read(id);
    expect((await read(id, { key, tag })).status).toBe(304);
    await other.admin.revokeApiKey({ apiKeyId });
    expect((await read(id, { key, tag })).status).toBe(401);
    const queues = { MakeCall: ['Full' as const] };
    const lesser = await server.newKey(businessId, queues);
    expect((await read(id, { key: lesser, tag })).status).toBe(403);
    await other.admin.deleteConversation({ businessId, sessionId: id });
    expect((await read(id, { tag })).status).toBe(410);
    expect((await read(id, { tag: '*' })).status).toBe(410);
    expect((await read('unknown', { tag: '*' })).status).toBe(404);
  });
});
