import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldReports } from '../../packages/server/src/connectors/assembly/fold.ts';
import { retell } from '../../packages/server/src/connectors/sources/retell/retell.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const FIXTURES = new URL(
  '../../packages/server/src/connectors/sources/retell/fixtures/',
  import.meta.url,
);
const KEY = 'key_0123456789abcdef';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function fixture(name: string) {
  const text = await readFile(new URL(`${name}.json`, FIXTURES), 'utf8');
  return JSON.parse(text) as {
    Deliveries: { Body: object }[];
    Conversation: Record<string, unknown>;
  };
}

async function connection() {
  const businessId = await server.newBusiness();
  const { Url } = await server.admin.createConnection({
    ...{ businessId, Source: 'retell', Name: 'Retell', Secrets: { ApiKey: KEY } },
  });
  const send = async (call: object) => {
    const body = JSON.stringify(call);
    const at = server.clock.now();
    const digest = createHmac('sha256', KEY).update(`${body}${at}`).digest('hex');
    const headers = { 'X-Retell-Signature': `v=${at},d=${digest}` };
    const url = server.url + new URL(Url).pathname;
    return (await fetch(url, { method: 'POST', headers, body })).status;
  };
  return { businessId, send };
}

describe('calls of Retell', () => {
  it.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 2, 1, 0]]])(
    'become one conversation in the order %j',
    async (order) => {
      const { Deliveries, Conversation } = await fixture('call');
      const { businessId, send } = await connection();
      for (const at of order) {
        expect(await send(Deliveries[at]?.Body ?? {})).toBe(200);
        await server.runJob('assemble-conversations', { businessId });
      }
      const read = await server.admin.getConversation({ businessId, sessionId: 'retell_r1' });
      const { Messages, Logs, Status, EndType, Metadata } = Conversation;
      expect(read).toMatchObject({ Messages, Logs, Status, EndType, Metadata });
    },
  );

  it('give the same conversation for any order, with repeats', async () => {
    const { Deliveries, Conversation } = await fixture('call');
    const received = Deliveries.map(({ Body }, at) => ({
      report: retell.translate({ headers: {}, body: Buffer.from(JSON.stringify(Body)) }),
      receivedAt: at,
      bodyHash: String(at),
    }));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(received, { minLength: received.length }),
        fc.array(fc.constantFrom(...received)),
        (permutation, repeats) => {
          const folded = foldReports(retell, 'r1', [...permutation, ...repeats]);
          expect(JSON.parse(JSON.stringify(folded.conversation))).toEqual(Conversation);
        },
      ),
    );
  });
});
