import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldReports } from '../../packages/server/src/connectors/assembly/fold.ts';
import { twilio } from '../../packages/server/src/connectors/sources/twilio/twilio.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const FIXTURES = new URL(
  '../../packages/server/src/connectors/sources/twilio/fixtures/',
  import.meta.url,
);
const TOKEN = '0123456789abcdef0123456789abcdef';

interface Fixture {
  readonly CallId: string;
  readonly Deliveries: readonly {
    readonly Headers: Record<string, string>;
    readonly Body: string | object;
    readonly ReceivedAt: string;
  }[];
  readonly Conversation: Record<string, unknown>;
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const fixture = async (name: string): Promise<Fixture> =>
  JSON.parse(await readFile(new URL(`${name}.json`, FIXTURES), 'utf8'));

const textOf = (body: string | object) => (typeof body === 'string' ? body : JSON.stringify(body));

async function connection() {
  const businessId = await server.newBusiness();
  const { Url, ConnectionId: connectionId } = await server.admin.createConnection({
    ...{ businessId, Source: 'twilio', Name: 'Twilio', Secrets: { AuthToken: TOKEN } },
  });
  const send = async (body: string, query = '') => {
    const parameters = query ? [] : [...new URLSearchParams(body)].map((pair) => pair.join(''));
    const signed = Url + query + parameters.sort().join('');
    const signature = createHmac('sha1', TOKEN).update(signed).digest('base64');
    const response = await fetch(server.url + new URL(Url).pathname + query, {
      method: 'POST',
      headers: {
        'Content-Type': query ? 'application/json' : 'application/x-www-form-urlencoded',
        'X-Twilio-Signature': signature,
      },
      body,
    });
    return response.status;
  };
  return { businessId, connectionId, send };
}

describe('calls of Twilio', () => {
  it.each([[[0, 1, 2, 3]], [[3, 2, 1, 0, 1]]])(
    'become one conversation in the order %j',
    async (order) => {
      const { Deliveries, Conversation } = await fixture('outbound');
      const { businessId, send } = await connection();
      for (const at of order) {
        expect(await send(textOf(Deliveries[at]?.Body ?? ''))).toBe(200);
        await server.runJob('assemble-conversations', { businessId });
      }
      const read = await server.admin.getConversation({ businessId, sessionId: 'twilio_CA123' });
      const { Clients, Agents, Status, StartTime, EndTime, EndType } = Conversation;
      const expected = { Clients, Agents, Status, StartTime, EndTime, EndType };
      const states = ['initiated', 'ringing', 'in-progress', 'completed'];
      expect(read.Logs.map(({ Message }) => Message)).toEqual(states.map((one) => `Call ${one}`));
      expect(JSON.parse(JSON.stringify(read))).toMatchObject(expected);
    },
  );

  it('accept sentences as JSON if the URL has the hash of the body', async () => {
    const { businessId, send } = await connection();
    const sentences = [{ media_channel: 1, transcript: 'Price?', start_time: 1, end_time: 2 }];
    const body = JSON.stringify({ CallSid: 'CA900', sentences });
    const hash = Buffer.from(
      await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body)),
    ).toString('hex');
    expect(await send(body, `?bodySHA256=${hash}`)).toBe(200);
    expect(await send(body, `?bodySHA256=${'0'.repeat(64)}`)).toBe(401);
    await server.runJob('assemble-conversations', { businessId });
    const { Messages } = await server.admin.getConversation({
      businessId,
      sessionId: 'twilio_CA900',
    });
    expect(Messages).toMatchObject([{ Role: 'User', Content: 'Price?' }]);
  });

  it('mask the fields of a stored form', async () => {
    const { businessId, connectionId, send } = await connection();
    await server.admin.putRedaction({ businessId, Categories: ['PHONE', 'NAME'] });
    const [From, CallerName] = ['+4915112345678', 'Ada Lovelace'];
    const call = { CallSid: 'CA7', CallStatus: 'completed', Direction: 'inbound' };
    await send(new URLSearchParams({ ...call, From, CallerName }).toString());
    await server.runJob('assemble-conversations', { businessId });
    const reader = await server.newClient(businessId, {
      Settings: ['Full'],
      'Conversations.ConversationPermissions': ['Full'],
    });
    const here = { businessId, connectionId };
    const { Items } = await server.admin.getConnectionDeliveries(here);
    const deliveryId = Items[0]?.DeliveryId ?? '';
    const { Body } = await reader.getConnectionDelivery({ ...here, deliveryId });
    const shown = Object.fromEntries(new URLSearchParams(Body ?? ''));
    expect(shown).toMatchObject(call);
    expect(shown.From).not.toContain('4915112345678');
    expect(shown.CallerName).not.toMatch(/Ada|Lovelace/);
  });

  it.each(['outbound', 'recording-first', 'other-legs', 'voicemail', 'intelligence'])(
    'of the fixture %s give the same conversation for any order, with repeats',
    async (name) => {
      const { CallId, Deliveries, Conversation } = await fixture(name);
      const received = Deliveries.map(({ Headers, Body, ReceivedAt }, at) => ({
        report: twilio.translate({ headers: Headers, body: Buffer.from(textOf(Body)) }),
        receivedAt: Date.parse(ReceivedAt),
        bodyHash: String(at),
      }));
      fc.assert(
        fc.property(
          fc.shuffledSubarray(received, { minLength: received.length }),
          fc.array(fc.constantFrom(...received)),
          (permutation, repeats) => {
            const folded = foldReports(twilio, CallId, [...permutation, ...repeats]);
            expect(JSON.parse(JSON.stringify(folded.conversation))).toEqual(Conversation);
          },
        ),
      );
    },
  );
});
