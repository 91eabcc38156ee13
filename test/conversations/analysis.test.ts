import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const T = '2026-02-27T12:00:00Z';
const NUMBER = '+4915112345678';
const ANALYSIS = {
  Summary: `Asked to be called at ${NUMBER}.`,
  Success: 'true',
  Structured: { callback: NUMBER, score: 7 },
};
const COST = { Amount: 0.21, Currency: 'USD', Parts: { stt: 0.01, llm: 0.2 } };
const BODY = {
  ...{ Status: 'Completed', StartTime: T, EndTime: T, EndType: 'Normal', InitiationType: 'Web' },
  ...{ Analysis: ANALYSIS, Cost: COST },
} as const;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function written() {
  const here = { businessId: await server.newBusiness(), sessionId: 'a' };
  await server.admin.putConversation({ ...here, ...BODY });
  return { here, read: () => server.admin.getConversation(here) };
}

describe('Analysis and Cost of a conversation', () => {
  it('are returned as they were written, and can be written back', async () => {
    const { here, read } = await written();
    const conversation = await read();
    expect(conversation).toMatchObject({ Analysis: ANALYSIS, Cost: COST });
    await server.admin.putConversation({ ...here, ...conversation } as never);
    expect(await read()).toEqual(conversation);
  });

  it('are kept by a conversation in progress', async () => {
    const here = { businessId: await server.newBusiness(), sessionId: 'a' };
    const live = { ...BODY, Status: 'Active', EndTime: null, EndType: null } as const;
    await server.admin.putConversation({ ...here, ...live });
    expect(await server.admin.getConversation(here)).toMatchObject({ Analysis: ANALYSIS });
  });

  it('are absent without a value', async () => {
    const { here, read } = await written();
    await server.admin.putConversation({ ...here, ...BODY, Analysis: null, Cost: null });
    expect(Object.keys(await read())).not.toContain('Analysis');
    expect(Object.keys(await read())).not.toContain('Cost');
  });

  it('are masked for readers of masked data', async () => {
    const { here } = await written();
    await server.admin.putRedaction({ businessId: here.businessId, Categories: ['PHONE'] });
    const reader = await server.newClient(here.businessId, {
      'Conversations.ConversationPermissions': ['Full'],
    });
    expect(await reader.getConversation(here)).toMatchObject({
      Analysis: {
        Summary: 'Asked to be called at [PHONE].',
        Success: 'true',
        Structured: { callback: '[PHONE]', score: 7 },
      },
      Cost: COST,
    });
  });

  it('a purge of the transcript deletes the analysis, and not the cost', async () => {
    const { here, read } = await written();
    const { businessId } = here;
    await server.admin.putRetention({ businessId, Rules: [{ Name: 'All', TranscriptDays: 1 }] });
    server.clock.advance(3 * 86_400);
    await server.runJob('purge-expired', { businessId });
    const { Analysis, Cost, Purged } = await read();
    expect({ Analysis, Cost, Purged }).toMatchObject({
      ...{ Analysis: undefined, Cost: COST },
      Purged: { Transcript: expect.any(String) },
    });
  });

  it('an erasure of a mentioned number replaces it', async () => {
    const { here, read } = await written();
    const { businessId } = here;
    const person = { PhoneNumber: NUMBER, Mode: 'Erase', Reason: 'GDPR' } as const;
    const erasure = { businessId, ...person, IncludeMentions: true };
    const { ErasureId: erasureId } = await server.admin.createErasure(erasure);
    await server.runJob('erase-person', { businessId, erasureId });
    expect(JSON.stringify(await read())).not.toContain('15112345678');
  });
});
