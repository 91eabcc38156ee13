import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLE_CONVERSATION, EXAMPLE_EVENTS, EXAMPLE_PUT } from '@colloquy/wire';
import { type House, openHouse } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

describe('a conversation written whole', () => {
  it('is given back as it was written', async () => {
    const businessId = await house.newBusiness();
    const sessionId = EXAMPLE_CONVERSATION.Id;
    const put = await house.admin.putConversation({ businessId, sessionId, ...(EXAMPLE_PUT as object) } as never);
    expect(put.Id).toBe(sessionId);
    const read = await house.admin.getConversation({ businessId, sessionId });
    expect(read).toEqual(EXAMPLE_CONVERSATION);
    expect(Object.keys(read)).toEqual(Object.keys(EXAMPLE_CONVERSATION));
    const page = await house.admin.getConversations({ businessId });
    expect(page.TotalCount).toBe(1);
    expect(page.Items[0]?.Id).toBe(sessionId);
  });

  it('goes by events too', async () => {
    const businessId = await house.newBusiness();
    const sessionId = 's1';
    const r = await house.admin.appendConversationEvents({ businessId, sessionId, ...(EXAMPLE_EVENTS as object) } as never);
    expect(r).toEqual({ Accepted: 3, Duplicates: 0, Status: 'Active' });
    const again = await house.admin.appendConversationEvents({ businessId, sessionId, ...(EXAMPLE_EVENTS as object) } as never);
    expect(again).toEqual({ Accepted: 0, Duplicates: 3, Status: 'Active' });
    const read = await house.admin.getConversation({ businessId, sessionId });
    expect(read.Messages).toHaveLength(1);
  });
});
