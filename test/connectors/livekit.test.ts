import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldReports } from '../../packages/server/src/connectors/assembly/fold.ts';
import { livekit } from '../../packages/server/src/connectors/sources/livekit/livekit.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const FIXTURES = new URL(
  '../../packages/server/src/connectors/sources/livekit/fixtures/',
  import.meta.url,
);
const SECRETS = { ApiKey: 'APIxyz', ApiSecret: '0123456789abcdef0123456789abcdef' };

interface Fixture {
  readonly Deliveries: readonly {
    readonly Headers: Record<string, string>;
    readonly Body: object;
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

async function connection() {
  const businessId = await server.newBusiness();
  const { Url } = await server.admin.createConnection({
    ...{ businessId, Source: 'livekit', Name: 'LiveKit', Secrets: SECRETS },
  });
  const send = async (event: object, secret = SECRETS.ApiSecret) => {
    const body = JSON.stringify(event);
    const at = Math.floor(server.clock.now() / 1000);
    const sha256 = createHash('sha256').update(body).digest('base64');
    const token = await new SignJWT({ sha256 })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(SECRETS.ApiKey)
      .setExpirationTime(at + 300)
      .sign(new TextEncoder().encode(secret));
    const response = await fetch(server.url + new URL(Url).pathname, {
      method: 'POST',
      headers: { 'Content-Type': 'application/webhook+json', Authorization: token },
      body,
    });
    return response.status;
  };
  return { businessId, send };
}

describe('calls of LiveKit', () => {
  it('become one conversation', async () => {
    const { Deliveries, Conversation } = await fixture('web-rejoin');
    const { businessId, send } = await connection();
    for (const { Body } of Deliveries) expect(await send(Body)).toBe(200);
    await server.runJob('assemble-conversations', { businessId });
    const read = await server.admin.getConversation({ businessId, sessionId: 'livekit_RM_1' });
    const { Clients, Status, StartTime, EndTime, EndType } = Conversation;
    const expected = { Clients, Status, StartTime, EndTime, EndType };
    expect(JSON.parse(JSON.stringify(read))).toMatchObject(expected);
  });

  it('are refused with another secret', async () => {
    const { send } = await connection();
    expect(await send({ event: 'room_started' }, 'another secret of thirty-two chars')).toBe(401);
  });

  it.each(['call', 'web-rejoin', 'no-answer', 'failures', 'handoff'])(
    'of the fixture %s give the same conversation for any order, with repeats',
    async (name) => {
      const { Deliveries, Conversation } = await fixture(name);
      const received = Deliveries.map(({ Headers, Body, ReceivedAt }, at) => ({
        report: livekit.translate({ headers: Headers, body: Buffer.from(JSON.stringify(Body)) }),
        receivedAt: Date.parse(ReceivedAt),
        bodyHash: String(at),
      }));
      fc.assert(
        fc.property(
          fc.shuffledSubarray(received, { minLength: received.length }),
          fc.array(fc.constantFrom(...received)),
          (permutation, repeats) => {
            const folded = foldReports(livekit, 'RM_1', [...permutation, ...repeats]);
            expect(JSON.parse(JSON.stringify(folded.conversation))).toEqual(Conversation);
          },
        ),
      );
    },
  );
});
