import { ColloquyError } from '@colloquy/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, openHouse } from '../servers/test-server.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const put = (businessId: number, sessionId: string, name: string) =>
  house.admin.putConversation({
    businessId,
    sessionId,
    Status: 'Active',
    StartTime: '2026-01-01T00:00:00Z',
    InitiationType: 'Web',
    Metadata: { name },
  });

it('gives each of many reads at once its own answer', async () => {
  const businesses: number[] = [];
  for (const Name of ['One', 'Other']) {
    businesses.push((await house.admin.createBusiness({ Name })).BusinessId);
  }
  const ids = Array.from({ length: 20 }, (_, index) => `call-${index}`);
  for (const businessId of businesses) {
    for (const id of ids) await put(businessId, id, `${businessId} ${id}`);
    await house.admin.deleteConversation({ businessId, sessionId: 'call-7' });
  }
  const asked = businesses.flatMap((businessId) =>
    // Each twice, and one that is not there.
    [...ids, ...ids, 'nobody'].map((sessionId) => ({ businessId, sessionId })),
  );
  const answers = await Promise.all(
    asked.map(({ businessId, sessionId }) =>
      house.admin.getConversation({ businessId, sessionId }).then(
        ({ Id, Metadata }) => ({ Id, ...Metadata }),
        (error: unknown) => (error instanceof ColloquyError ? error.reason : error),
      ),
    ),
  );
  expect(answers).toEqual(
    asked.map(({ businessId, sessionId }) => {
      if (sessionId === 'nobody') return 'NOT_FOUND';
      if (sessionId === 'call-7') return 'GONE';
      return { Id: sessionId, name: `${businessId} ${sessionId}` };
    }),
  );
});
