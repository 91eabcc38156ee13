import { ColloquyError } from '@colloquy/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const put = (businessId: number, sessionId: string, name: string) =>
  server.admin.putConversation({
    businessId,
    sessionId,
    Status: 'Active',
    StartTime: '2026-01-01T00:00:00Z',
    InitiationType: 'Web',
    Metadata: { name },
  });

it('batched reads of two businesses each get their own answer', async () => {
  const businesses: number[] = [];
  for (const Name of ['One', 'Other']) {
    businesses.push((await server.admin.createBusiness({ Name })).BusinessId);
  }
  const ids = Array.from({ length: 20 }, (_, index) => `call-${index}`);
  for (const businessId of businesses) {
    for (const id of ids) await put(businessId, id, `${businessId} ${id}`);
    await server.admin.deleteConversation({ businessId, sessionId: 'call-7' });
  }
  const requests = businesses.flatMap((businessId) =>
    [...ids, ...ids, 'nobody'].map((sessionId) => ({ businessId, sessionId })),
  );
  const answers = await Promise.all(
    requests.map(({ businessId, sessionId }) =>
      server.admin.getConversation({ businessId, sessionId }).then(
        ({ Id, Metadata }) => ({ Id, ...Metadata }),
        (error: unknown) => (error instanceof ColloquyError ? error.reason : error),
      ),
    ),
  );
  expect(answers).toEqual(
    requests.map(({ businessId, sessionId }) => {
      if (sessionId === 'nobody') return 'NOT_FOUND';
      if (sessionId === 'call-7') return 'GONE';
      return { Id: sessionId, name: `${businessId} ${sessionId}` };
    }),
  );
});
