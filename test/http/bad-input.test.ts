import { Agent, request } from 'node:http';
import {
  appendConversationEvents,
  getConversations,
  PutConversationBody,
  REASONS,
} from '@colloquy/wire';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyJson, schemaArbitrary, timestamp } from '../fixtures/schema-arbitrary.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
let sent = 0;
let ids = 0;
beforeAll(async () => {
  server = await startTestServer();
  businessId = await server.newBusiness();
});
afterAll(async () => {
  agent.destroy();
  await server[Symbol.asyncDispose]();
});

interface Answer {
  status: number;
  body: { Success: boolean; Code: string; Message: string; Data: Record<string, unknown> };
}

/** Sends the bytes unchanged. */
function send(method: string, path: string, body?: string | Buffer): Promise<Answer> {
  sent += 1;
  return new Promise((resolve, reject) => {
    const sending = request(`${server.url}/api/v1/business/${businessId}${path}`, {
      method,
      agent,
      headers: {
        Authorization: `Token ${ADMIN_KEY}`,
        ...(body !== undefined && {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
        }),
      },
    });
    sending.on('error', reject);
    sending.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
      });
    });
    sending.end(body);
  });
}

function expectRefused({ status, body }: Answer, ...reasons: string[]): void {
  const reason = body.Code?.split(':')[1] ?? '';
  if (reasons.length > 0) expect(reasons).toContain(reason);
  expect(REASONS).toHaveProperty(reason);
  expect(status).toBe(REASONS[reason as keyof typeof REASONS].status);
  expect(status).toBeLessThan(500);
  expect(body.Success).toBe(false);
  expect(body).not.toHaveProperty('Data');
  expect(body.Message).not.toMatch(/SELECT|INSERT|\/packages\/|node_modules|\n\s+at /);
}

const newId = () => {
  ids += 1;
  return `s${ids}`;
};
const put = (id: string, body: string | Buffer) => send('PUT', `/conversations/${id}`, body);
const append = (id: string, body: string | Buffer) =>
  send('POST', `/conversations/${id}/events`, body);
const read = (id: string) => send('GET', `/conversations/${id}`);

const VALID = {
  Status: 'Completed',
  StartTime: '2024-01-15T14:30:00Z',
  EndTime: '2024-01-15T14:35:30Z',
  EndType: 'Normal',
  InitiationType: 'Web',
  Messages: [{ SenderId: 'x', Role: 'User', Content: 'hello', Timestamp: '2024-01-15T14:30:00Z' }],
  Metadata: { number: 1, text: 'x' },
};

/** Makes most bodies satisfy the rules that are not in the schema. */
function sensible(body: Record<string, unknown>): Record<string, unknown> {
  const one = (list: unknown) => ((list ?? []) as unknown[]).slice(0, 1);
  const { EndTime: _time, EndType: _type, Id: _id, ...rest } = body;
  return { ...rest, Status: 'Active', Clients: one(body.Clients), Agents: [] };
}

/** Compares the parts of an accepted body that have no alias or default. */
function expectKept(data: Record<string, unknown>, body: Record<string, unknown>): void {
  const messages = (list: unknown) =>
    ((list ?? []) as Record<string, unknown>[])
      .map(({ SenderId, Content, ToolCall }) => JSON.stringify([SenderId, Content, call(ToolCall)]))
      .sort();
  const call = (value: unknown) => {
    const { CallId, Name, Arguments, Result } = (value ?? {}) as Record<string, unknown>;
    return [CallId, Name, Arguments, Result];
  };
  expect(data.Metadata).toEqual(body.Metadata ?? {});
  expect(JSON.stringify(data.Metadata)).toBe(JSON.stringify(body.Metadata ?? {}));
  expect(messages(data.Messages)).toEqual(messages(body.Messages));
  expect(Date.parse(String(data.StartTime))).toBe(Date.parse(String(body.StartTime)));
}

const broken = (valid: fc.Arbitrary<unknown>) =>
  fc
    .tuple(valid, fc.nat(), anyJson, fc.constantFrom('replace', 'remove', 'add'))
    .map(([value, at, junk, how]) => {
      const copy = structuredClone(value);
      const places: [Record<string, unknown>, string][] = [];
      const visit = (node: unknown) => {
        if (typeof node !== 'object' || node === null) return;
        for (const [key, child] of Object.entries(node)) {
          places.push([node as Record<string, unknown>, key]);
          visit(child);
        }
      };
      visit(copy);
      const place = places[at % Math.max(places.length, 1)];
      if (!place) return copy;
      const [node, key] = place;
      if (how === 'remove') delete node[key];
      else
        Object.defineProperty(node, how === 'add' ? `${key}x` : key, {
          value: junk,
          enumerable: true,
          configurable: true,
        });
      // A removed array entry leaves a hole, which JSON shows as null.
      return JSON.parse(JSON.stringify(copy));
    });

/** One property case per body, so fast-check shrinks a failure to the smallest body. */
const each = <T>(cases: fc.Arbitrary<T>, numRuns: number, check: (value: T) => Promise<void>) =>
  fc.assert(fc.asyncProperty(cases, check), { numRuns });

describe('random input', () => {
  it('a random body of PutConversation is stored unchanged, or refused without effect', async () => {
    const valid = (
      schemaArbitrary(PutConversationBody as object) as fc.Arbitrary<Record<string, unknown>>
    ).map(sensible);
    let taken = 0;
    await each(fc.oneof(valid, broken(valid), anyJson), 1200, async (body) => {
      const id = newId();
      const answer = await put(id, JSON.stringify(body));
      const after = await read(id);
      if (answer.status === 201) {
        taken += 1;
        expect(after.status).toBe(200);
        expectKept(after.body.Data, body as Record<string, unknown>);
        expect((await put(id, JSON.stringify(body))).status).toBe(200);
      } else {
        expectRefused(answer, 'INVALID_REQUEST', 'INVALID_JSON');
        expectRefused(after, 'NOT_FOUND');
      }
    });
    expect(taken).toBeGreaterThan(200);
  });

  it('random events of AppendConversationEvents are stored, or refused without effect', async () => {
    const schema = appendConversationEvents.body as object;
    const valid = schemaArbitrary(schema) as fc.Arbitrary<{ Events: { Content?: string }[] }>;
    const start = {
      EventId: 'start',
      Type: 'SessionStarted',
      Timestamp: '2024-01-15T14:30:00Z',
      InitiationType: 'Web',
    };
    await each(fc.oneof(valid, broken(valid)), 700, async (body) => {
      const id = newId();
      expect((await append(id, JSON.stringify({ Events: [start] }))).status).toBe(200);
      const answer = await append(id, JSON.stringify(body));
      const after = await read(id);
      expect(after.status).toBe(200);
      const kept = after.body.Data.Messages as { Content: string }[];
      if (answer.status === 200) {
        const { Events } = body as { Events: { Content?: string }[] };
        const contents = Events.map(({ Content }) => Content);
        for (const { Content } of kept) expect(contents).toContain(Content);
      } else {
        expectRefused(answer, 'INVALID_REQUEST', 'INVALID_JSON', 'CONFLICT');
        expect(kept).toEqual([]);
      }
    });
  });

  it('a random body of GetConversations returns a page or is refused', async () => {
    const valid = schemaArbitrary(getConversations.body as object);
    await each(fc.oneof(valid, broken(valid), anyJson), 900, async (body) => {
      const answer = await send('POST', '/conversations', JSON.stringify(body));
      if (answer.status === 200) expect(answer.body.Data.Items).toBeInstanceOf(Array);
      else expectRefused(answer, 'INVALID_REQUEST', 'INVALID_JSON', 'INVALID_CURSOR');
    });
  });

  it('a body with a changed or missing byte of JSON is refused without effect', async () => {
    const text = Buffer.from(JSON.stringify(VALID));
    const changes = fc.tuple(
      fc.nat({ max: text.length - 1 }),
      fc.constantFrom('cut', 'flip', 'insert'),
      fc.integer({ min: 0, max: 255 }),
    );
    const bodies = changes.map(([at, how, byte]) => {
      if (how === 'cut') return text.subarray(0, at);
      const rest = text.subarray(how === 'flip' ? at + 1 : at);
      return Buffer.concat([text.subarray(0, at), Buffer.from([byte]), rest]);
    });
    await each(bodies, 700, async (body) => {
      const id = newId();
      const answer = await put(id, body);
      if (answer.status === 201) return;
      expectRefused(answer);
      expectRefused(await read(id), 'NOT_FOUND');
    });
  });

  it('random ids and cursors are refused', async () => {
    const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    await each(texts, 400, async (text) => {
      const good = /^(?!\.{1,2}$)[A-Za-z0-9_.:-]{1,128}$/.test(text);
      if (/^\.{1,2}$/.test(text)) return;
      const answer = await read(encodeURIComponent(text.toWellFormed()));
      expectRefused(answer, good ? 'NOT_FOUND' : 'INVALID_REQUEST');
      const page = await send(
        'POST',
        '/conversations',
        JSON.stringify({ NextCursor: text.toWellFormed().replaceAll('\0', '') }),
      );
      expectRefused(page, 'INVALID_CURSOR');
    });
    for (const id of ['%2e%2e', '..%2f..', 'a%2Fb', '%00', 'x'.repeat(129), '%F0%9F%98%80']) {
      expectRefused(await read(id), 'INVALID_REQUEST', 'NOT_FOUND');
    }
  });

  it('these tests sent at least 5,000 requests', () => {
    expect(sent).toBeGreaterThanOrEqual(5000);
  });
});

describe('JSON that cannot be returned unchanged', () => {
  const text = (metadata: string) =>
    JSON.stringify({ ...VALID, Metadata: 0 }).replace('"Metadata":0', `"Metadata":${metadata}`);
  const keys = (count: number) => Array.from({ length: count }, (_, n) => `"${n}":0`).join(',');
  const many = (text: string, count: number) => Array.from({ length: count }, () => text).join(',');
  it.each([
    ['NUL', '{"a":"x\\u0000y"}', /^Metadata\.a contains a NUL/],
    ['NUL in a key', '{"a\\u0000":1}', /^Metadata has a key that contains a NUL/],
    [
      'half a surrogate pair',
      '{"a":["\\ud800"]}',
      /^Metadata\.a\[0\] contains half of a surrogate/,
    ],
    ['the other half', '{"a":"\\udc00\\ud800"}', /surrogate/],
    ['a key that occurs twice', '{"a":1,"b":{"a":1,"a":1}}', /^Metadata\.b\.a occurs twice/],
    ['a key that occurs twice, escaped', '{"a":1,"\\u0061":2}', /^Metadata\.a occurs twice/],
    ['2^53', '{"n":9007199254740992}', /^Metadata\.n is a number that a double cannot hold/],
    ['-2^53', '{"n":-9007199254740992}', /cannot hold/],
    ['a long integer', '[]'.replace('[]', '{"n":123456789012345678901234567890}'), /cannot hold/],
    ['overflow', '{"n":1e400}', /cannot hold/],
    ['what becomes zero', '{"n":[1e-400]}', /^Metadata\.n\[0\]/],
    ['more digits than a double', '{"n":0.12345678901234567890}', /cannot hold/],
    ['depth', `{"d":${'['.repeat(40)}${']'.repeat(40)}}`, /nested deeper than 32/],
    ['great depth', `{"d":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, /nested deeper than 32/],
    ['a long fraction', `{"n":[0.1${'0'.repeat(300_000)}1]}`, /^Metadata\.n\[0\] .*cannot hold/],
    ['too many keys in one object', `{${keys(10_001)}}`, /more than 10000 keys in one object/],
    [
      'too many keys',
      `[${many(`{${keys(10_000)}}`, 151)}]`,
      /^The body has more than 1500000 keys/,
    ],
    ['too many arrays', `[${many('[]', 1_000_001)}]`, /more than 1000000 objects and arrays/],
  ])('JSON with %s is refused with its place', async (_what, metadata, message) => {
    const answer = await put(newId(), text(metadata));
    expectRefused(answer, 'INVALID_JSON');
    expect(answer.body.Message).toMatch(message);
  });

  it.each([
    '{"n":9007199254740991,"m":-9007199254740991,"z":0.1,"e":1e21,"f":1.7976931348623157e308}',
    '{"t":"1e5, 12345678901234567890","\\\\u0000":"\\\\u0000","q":"\\"a\\":1"}',
    '{"pair":"\\ud83d\\ude00","ctl":"\\u0001\\u001f\\u007f","__proto__":{"x":1},"constructor":1}',
    '{"id":"00000000000000000000000000000001","date":"2024-01-15T14:30:00.123456789Z"}',
  ])('the JSON %s is returned unchanged', async (metadata) => {
    const id = newId();
    expect((await put(id, text(metadata))).status).toBe(201);
    const { body } = await read(id);
    expect(JSON.stringify(body.Data.Metadata)).toBe(JSON.stringify(JSON.parse(metadata)));
  });

  it('timestamps are limited to valid dates of the years 1 to 9999', async () => {
    const of = (StartTime: string) =>
      put(
        newId(),
        JSON.stringify({ ...VALID, Status: 'Active', EndTime: null, EndType: null, StartTime }),
      );
    for (const bad of [
      '0000-12-31T23:59:59Z',
      '9999-12-31T23:59:59-00:01',
      '0001-01-01T00:00:00+00:01',
      '10000-01-01T00:00:00Z',
      '2024-02-30T00:00:00Z',
      '2024-01-01T00:00:60Z',
      '2024-01-01T24:00:00Z',
      '2024-01-01T00:00:00',
      '2024-01-01',
      '2024-01-01 00:00:00Z',
      '',
    ]) {
      expectRefused(await of(bad), 'INVALID_REQUEST');
    }
    for (const good of [
      '0001-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999999Z',
      '2024-02-29T23:59:59.0009+14:00',
    ]) {
      expect((await of(good)).status).toBe(201);
    }
    const list = await send(
      'POST',
      '/conversations',
      JSON.stringify({
        Limit: 100,
        Filter: {
          StartStartedDate: '0001-01-01T00:00:00Z',
          EndStartedDate: '9999-12-31T23:59:59.999Z',
        },
      }),
    );
    expect(list.status).toBe(200);
    const years = fc.sample(timestamp, 50);
    for (const StartStartedDate of years) {
      const page = await send(
        'POST',
        '/conversations',
        JSON.stringify({ Filter: { StartStartedDate } }),
      );
      expect(page.status).toBe(200);
    }
  });

  it('a conversation of 20,000 messages is accepted, and one of 20,001 refused', async () => {
    const message = VALID.Messages[0];
    const of = (count: number) =>
      JSON.stringify({ ...VALID, Messages: Array.from({ length: count }, () => message) });
    const id = newId();
    expect((await put(id, of(20_000))).status).toBe(201);
    expect(((await read(id)).body.Data.Messages as []).length).toBe(20_000);
    expectRefused(await put(newId(), of(20_001)), 'INVALID_REQUEST');
    const events = Array.from({ length: 1001 }, (_, n) => ({
      EventId: `e${n}`,
      Type: 'MessageAdded',
      ...message,
    }));
    expectRefused(await append(id, JSON.stringify({ Events: events })), 'INVALID_REQUEST');
  });

  it.each([[0], [-1], [101], [1e9], [1.5], ['"20"'], ['true'], ['[]']])(
    'a Limit of %s is refused',
    async (limit) => {
      const answer = await send('POST', '/conversations', `{"Limit":${limit}}`);
      expectRefused(answer, 'INVALID_REQUEST');
      expect(answer.body.Message).toMatch(/^Limit must be/);
    },
  );
});

describe('messages for values that break a pattern', () => {
  it.each([
    ['GET', '/do-not-call?StartsWith=abc', 'StartsWith must be the first digits of a number'],
    [
      'POST',
      '/call/initiate',
      'DefaultCountry must be an ISO 3166 country code in capital letters, such as `DE`.',
    ],
    ['PUT', '/conversations/x/recordings/a%20b', 'participantId must be a ClientId or AgentId'],
    ['PUT', '/members', 'Email must be an e-mail address, such as `ada@example.com`.'],
    ['PUT', '/redaction', 'DefaultCountry must be an ISO 3166 country code in capital letters'],
  ])(
    'the message for an invalid value of %s %s says what is allowed',
    async (method, path, message) => {
      const bodies: Record<string, string> = {
        '/members': '{"Email": "nobody", "Role": "Viewer"}',
        '/redaction': '{"Categories": [], "DefaultCountry": "de"}',
        '/call/initiate': '{"NumberId": "n", "Recipients": [], "DefaultCountry": "Germany"}',
      };
      const body = method === 'GET' ? undefined : (bodies[path] ?? '{}');
      const answer = await send(method, path, body);
      expectRefused(answer, 'INVALID_REQUEST');
      expect(answer.body.Message).toContain(message);
    },
  );
});
