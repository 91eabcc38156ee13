import { appendConversationEvents, InitiateCallBody, PutConversationBody } from '@colloquy/wire';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyJson, schemaArbitrary } from '../fixtures/schema-arbitrary.ts';
import {
  ADMIN_KEY,
  MASKED_READER,
  startTestServer,
  type TestServer,
} from '../servers/test-server.ts';

/** One server reads every body in a thread, the other none; they must not differ otherwise. */
let servers: readonly TestServer[];
let businessId: number;
let ids = 0;
beforeAll(async () => {
  servers = await Promise.all(
    [0, Number.POSITIVE_INFINITY].map((maxInlineBodyBytes) =>
      startTestServer({ overrides: { maxInlineBodyBytes } }),
    ),
  );
  const made = await Promise.all(servers.map((server) => server.newBusiness()));
  businessId = made[0] ?? 0;
  expect(made).toEqual([businessId, businessId]);
});
afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
});

const newId = () => {
  ids += 1;
  return `s${ids}`;
};

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function send(
  { url, key = ADMIN_KEY }: { readonly url: string; readonly key?: string | undefined },
  method: string,
  path: string,
  body?: string | Uint8Array<ArrayBuffer>,
) {
  const response = await fetch(`${url}/api/v1/business/${businessId}${path}`, {
    method,
    headers: {
      Authorization: `Token ${key}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
  });
  return { status: response.status, text: await response.text() };
}

/** Sends a request to both servers and returns their common answer. */
async function both(
  method: string,
  path: string,
  body?: string | Uint8Array<ArrayBuffer>,
): Promise<Answer> {
  const [inThread, inline] = await Promise.all(
    servers.map((server) => send(server, method, path, body)),
  );
  expect(inThread).toEqual(inline);
  return inThread as Answer;
}

async function expectSameRows(statement: string) {
  const [inThread, inline] = await Promise.all(servers.map(({ sql }) => sql.query(statement)));
  expect(inThread?.rows).toEqual(inline?.rows);
}

const put = (id: string, body: string | Uint8Array<ArrayBuffer>) =>
  both('PUT', `/conversations/${id}`, body);
const append = (id: string, body: string) => both('POST', `/conversations/${id}/events`, body);
const read = (id: string) => both('GET', `/conversations/${id}`);

const STARTED = {
  EventId: 'start',
  Type: 'SessionStarted',
  Timestamp: '2026-03-01T11:00:00Z',
  InitiationType: 'Web',
  Metadata: { first: true },
};
const START = JSON.stringify({ Events: [STARTED] });
const WRITTEN = { Status: 'Active', StartTime: '2026-03-01T11:00:00Z', InitiationType: 'Web' };

/** Bodies that match the schema, most of which also satisfy the rules outside of it, and others. */
function bodiesOf(schema: object, change = (body: Record<string, unknown>) => body) {
  const valid = schemaArbitrary(schema) as fc.Arbitrary<Record<string, unknown>>;
  return fc.oneof({ weight: 4, arbitrary: valid.map(change) }, valid, anyJson);
}

const check = <T>(cases: fc.Arbitrary<T>, property: (value: T) => Promise<void>) =>
  fc.assert(fc.asyncProperty(cases, property), { numRuns: 80 });

describe('a body read in a thread has the same effects and answers as one read inline', () => {
  test('PutConversation has the same effects in a thread and inline', async () => {
    const sensible = ({
      EndTime: _t,
      EndType: _e,
      Id: _i,
      Clients: _c,
      ...rest
    }: object & {
      [key: string]: unknown;
    }) => ({ ...rest, Status: 'Active', Agents: [] });
    await check(bodiesOf(PutConversationBody as object, sensible), async (body) => {
      const id = newId();
      const text = JSON.stringify(body);
      const { status } = await put(id, text);
      await read(id);
      if (status !== 201) return;
      await append(id, JSON.stringify({ Events: [{ ...STARTED, EventId: 'again' }] }));
      expect((await put(id, text)).status).toBe(200);
      await put(id, JSON.stringify({ ...(body as object), Metadata: { other: 1 } }));
      await read(id);
    });
    await expectSameRows('SELECT id, head, messages, logs FROM conversations ORDER BY id');
    await expectSameRows(
      'SELECT conversation_id, event_ids, payloads FROM conversation_events ORDER BY 1, seq',
    );
  }, 120_000);

  test('AppendConversationEvents has the same effects in a thread and inline', async () => {
    await check(bodiesOf(appendConversationEvents.body as object), async (body) => {
      const id = newId();
      const text = JSON.stringify(body);
      await append(id, text);
      await append(id, START);
      await append(id, text);
      await append(id, text);
      await read(id);
    });
    await expectSameRows(
      'SELECT conversation_id, event_ids, payloads FROM conversation_events ORDER BY 1, seq',
    );
    await expectSameRows(
      'SELECT conversation_id, message_count, log_count, bytes FROM live_conversations ORDER BY 1',
    );
  }, 120_000);

  test('InitiateCall has the same effects in a thread and inline', async () => {
    const { RecipientNumber: _, ...many } = (InitiateCallBody as { properties: object })
      .properties as Record<string, unknown>;
    expect(many).toHaveProperty('Recipients');
    const withoutIds = ({ text, status }: Answer) => ({
      status,
      text: text.replaceAll(/queue_\w+/g, 'queue'),
    });
    await check(bodiesOf(InitiateCallBody as object), async (body) => {
      const answers = await Promise.all(
        servers.map((server) => send(server, 'POST', '/call/initiate', JSON.stringify(body))),
      );
      const [inThread, inline] = answers.map(withoutIds);
      expect(inThread).toEqual(inline);
    });
    await expectSameRows(
      `SELECT recipient_number, dynamic_variables, metadata, time_zone, windows, retry
       FROM outbound_calls ORDER BY 1, 2, 3`,
    );
  }, 120_000);

  test('masked ids in a body are resolved or refused in the same way in a thread and inline', async () => {
    const secretId = 'call-493023125001';
    const keys = await Promise.all(
      servers.map(async (server) => {
        await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
        return server.newKey(businessId, MASKED_READER);
      }),
    );
    const masked = async (method: string, path: string, body?: object) => {
      const text = body && JSON.stringify(body);
      const [inThread, inline] = await Promise.all(
        servers.map(({ url }, at) => send({ url, key: keys[at] }, method, path, text)),
      );
      expect(inThread).toEqual(inline);
      return JSON.parse(inThread?.text ?? '');
    };
    await put(secretId, JSON.stringify({ ...WRITTEN, StartTime: '9999-12-31T00:00:00Z' }));
    const { Data } = await masked('POST', '/conversations', { Limit: 1 });
    const opaque = Data.Items[0].Id;
    expect(opaque).toMatch(/^masked_/);
    await append('ids', START);
    const at = { Timestamp: '2026-03-01T11:00:01Z' };
    const said = { ...at, Type: 'MessageAdded', SenderId: 'c', Role: 'User', Content: 'x' };
    const logged = { ...at, Type: 'LogAdded', Level: 'Info', Message: 'x' };
    const codes: string[] = [];
    for (const event of [
      { ...said, EventId: secretId },
      { ...logged, EventId: secretId },
      { ...said, EventId: 'sender', SenderId: '+493023125001' },
      { ...said, EventId: opaque },
      { ...logged, EventId: opaque },
      { ...logged, EventId: 'x'.repeat(129) },
      { ...STARTED, EventId: 'later', QueueId: secretId },
    ]) {
      const Events = [{ ...said, EventId: `before-${codes.length}` }, event];
      const answer = await masked('POST', '/conversations/ids/events', { Events });
      codes.push(answer.Success ? `accepted ${answer.Data.Accepted}` : answer.Code);
    }
    const refused = 'AppendConversationEvents:PERMISSION_DENIED';
    expect(codes).toEqual([
      ...[refused, refused, refused, 'accepted 2', 'accepted 1'],
      ...['AppendConversationEvents:INVALID_REQUEST', refused],
    ]);
    const messages = (SenderId: string) => ({
      ...WRITTEN,
      Messages: [{ ...at, SenderId, Role: 'User', Content: 'x' }],
    });
    await masked('PUT', '/conversations/written', messages('+493023125001'));
    await masked('PUT', '/conversations/written', messages('c'));
    await masked('PUT', '/conversations/written', { ...WRITTEN, QueueId: secretId });
    await masked('PUT', '/conversations/written', { ...WRITTEN, QueueId: opaque });
    await masked('GET', '/conversations/written');
    await expectSameRows(
      'SELECT conversation_id, event_ids, payloads FROM conversation_events ORDER BY 1, seq',
    );
  });

  test('invalid JSON and bodies of GetConversations get the same answers in a thread and inline', async () => {
    for (const body of [
      '{"Limit":2}',
      '{"Limit":0}',
      '{"Limits":1}',
      '{"Limit":1,"Limit":2}',
      '{"Limit":1e400}',
      '{"Limit"',
      '[]',
      '\ufeff{"Limit":2}',
      Uint8Array.of(0xff),
      `{"NextCursor":"${'x'.repeat(200_000)}"}`,
    ]) {
      await both('POST', '/conversations', body);
    }
  });

  test('recipients with their own variables are stored in the same way in a thread and inline', async () => {
    const body = JSON.stringify({
      NumberId: 'number_1',
      DynamicVariables: { name: 'Ada', __proto__: null },
      Metadata: { source: 'test' },
      TimeZone: 'Europe/Berlin',
      Recipients: [
        { RecipientNumber: '+15551234567' },
        { RecipientNumber: '+15551234568', DynamicVariables: { name: 'Bo' }, Metadata: { n: 1 } },
        { RecipientNumber: 'nobody', TimeZone: 'America/New_York' },
      ],
    });
    const rows = await Promise.all(
      servers.map(async (server) => {
        const key = { 'Idempotency-Key': 'once' };
        const answers = await Promise.all(
          [1, 2].map(async () => {
            const response = await fetch(
              `${server.url}/api/v1/business/${businessId}/call/initiate`,
              {
                method: 'POST',
                headers: {
                  Authorization: `Token ${ADMIN_KEY}`,
                  'Content-Type': 'application/json',
                  ...key,
                },
                body,
              },
            );
            return response.text();
          }),
        );
        expect(answers[0]).toBe(answers[1]);
        const { rows } = await server.sql.query(
          `SELECT recipient_number, dynamic_variables, metadata, time_zone FROM outbound_calls
           WHERE number_id = 'number_1' ORDER BY 1`,
        );
        return rows;
      }),
    );
    expect(rows[0]).toEqual(rows[1]);
    expect(rows[0]).toMatchObject([
      { recipient_number: '+15551234567' },
      { time_zone: 'Europe/Berlin' },
    ]);
  });
});

describe('a body of 16 MiB', () => {
  const MAX = 16 * 1024 * 1024;
  const HEADER = '"Status":"Active","StartTime":"2026-03-01T11:00:00Z","InitiationType":"Web"';

  function fill(start: string, end: string, piece: (n: number) => string): string {
    const pieces: string[] = [];
    let length = start.length + end.length;
    for (let n = 0; ; n += 1) {
      const next = piece(n);
      length += next.length + 1;
      if (length > MAX) return `${start}${pieces.join(',')}${end}`;
      pieces.push(next);
    }
  }

  test('a body of 16 MiB of distinct keys is refused while other requests are served', async () => {
    const [server] = servers as [TestServer];
    const id = newId();
    await send(server, 'POST', `/conversations/${id}/events`, START);
    const keys = fill(`{${HEADER},"Metadata":{`, '}}', (n) => `"k${n}":0`);
    const [refused, served] = await Promise.all([
      send(server, 'PUT', `/conversations/${newId()}`, keys),
      send(server, 'GET', `/conversations/${id}`),
    ]);
    expect(served.status).toBe(200);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('INVALID_JSON');
  });
});
