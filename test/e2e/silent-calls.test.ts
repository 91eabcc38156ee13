import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../servers/server-process.ts';
import { type BrowserSession, findBarriers, findOverflow, openBrowserSession } from './browser.ts';
import { browserPath } from './chromium.ts';

let session: BrowserSession;
let businessId: number;

describe.skipIf(browserPath() === null)('a call whose worker died', () => {
  beforeAll(async () => {
    session = await openBrowserSession();
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  /** A campaign whose only slot is occupied, and a call that waits for it. */
  async function openCalls() {
    businessId = (await session.admin.createBusiness({ Name: 'Stuck calls' })).BusinessId;
    const campaign = { businessId, campaignId: 'renewals', Name: 'Renewals', MaxConcurrent: 1 };
    await session.admin.putCampaign(campaign);
    const [stuck, waiting] = [await enqueue('+14155550401'), await enqueue('+14155550402')];
    await lease();
    const Events = [
      {
        EventId: 'start',
        Type: 'SessionStarted' as const,
        Timestamp: new Date().toISOString(),
        InitiationType: 'Outbound' as const,
        QueueId: stuck,
      },
    ];
    await session.admin.appendConversationEvents({ businessId, sessionId: 'session_1', Events });
    await until(async () => (await read(stuck)).SessionId === 'session_1');
    await lease();
    return { stuck, waiting };
  }
  async function enqueue(RecipientNumber: string): Promise<string> {
    const call = { businessId, NumberId: 'number_1', CampaignId: 'renewals', RecipientNumber };
    return (await session.admin.initiateCall(call)).QueueIds[0] ?? '';
  }
  const lease = () =>
    session.admin.leaseOutboundCalls({
      businessId,
      WorkerId: 'dialer-1',
      Max: 1,
      LeaseSeconds: 60,
    });
  const read = (queueId: string) => session.admin.getOutboundQueue({ businessId, queueId });

  test('a silent call is shown as the occupant of its slot and force-canceled from there', async () => {
    const { stuck, waiting } = await openCalls();
    await using page = await session.open(`/b/${businessId}/campaigns/renewals`);
    await page.getByText('The slot is occupied by').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.goto(`/b/${businessId}/outbound/${waiting}`);
    await page.getByText('The slot is occupied by').getByRole('link', { name: stuck }).click();
    await page.getByRole('heading', { level: 1, name: '+14155550401' }).waitFor();
    await page.getByRole('button', { name: 'Force cancel' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Its slot is free at once').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(await findOverflow(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Keep call' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect((await read(stuck)).Status).toBe('Processing');
    await page.getByRole('button', { name: 'Force cancel' }).click();
    await page.getByLabel('Reason').fill('the dialer died');
    await dialog.getByRole('button', { name: 'Force cancel' }).click();
    await page
      .getByText('Canceled by force with conversation session_1: the dialer died')
      .waitFor();
    await page.getByText('Canceled', { exact: true }).first().waitFor();
    expect(await page.getByRole('button', { name: 'Force cancel' }).count()).toBe(0);
    expect(await read(stuck)).toMatchObject({ Status: 'Canceled' });
    const sessionId = 'session_1';
    expect(await session.admin.getConversation({ businessId, sessionId })).toMatchObject({
      EndType: 'MidSessionFailure',
    });
    expect((await lease()).Calls.map(({ QueueId }) => QueueId)).toEqual([waiting]);
  });

  test('a silent call is force-canceled from its row; canceling a call that has ended is refused with the reason', async () => {
    const { stuck } = await openCalls();
    await using page = await session.open(`/b/${businessId}/outbound?status=Processing`);
    await page.getByRole('button', { name: 'Change the call to +14155550401' }).click();
    await page.getByRole('menuitem', { name: 'Force cancel' }).click();
    const end = {
      EventId: 'end',
      Type: 'SessionEnded' as const,
      Timestamp: new Date().toISOString(),
      EndType: 'Normal' as const,
    };
    await session.admin.appendConversationEvents({
      businessId,
      sessionId: 'session_1',
      Events: [end],
    });
    await until(async () => (await read(stuck)).Status === 'Completed');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Force cancel' }).click();
    await dialog.getByText('The call is already Completed.').waitFor();
    expect(await read(stuck)).toMatchObject({ Status: 'Completed' });
  });

  test('a silent call ends after the seconds of its campaign, which are shown, editable and limited', async () => {
    await openCalls();
    await using page = await session.open(`/b/${businessId}/campaigns/renewals`);
    await page.getByText('900 s').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    const field = page.getByLabel('End silent calls after (seconds)');
    await field.fill('86401');
    await page.getByRole('button', { name: 'Save campaign' }).click();
    expect(await field.evaluate((one: HTMLInputElement) => one.validity.rangeOverflow)).toBe(true);
    await field.fill('120');
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save campaign' }).click();
    await page.getByText('120 s').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    await field.fill('');
    await page.getByRole('button', { name: 'Save campaign' }).click();
    await page.getByText('900 s').waitFor();
    const campaign = await session.admin.getCampaign({ businessId, campaignId: 'renewals' });
    expect(campaign).toMatchObject({ AbandonAfterSeconds: 900, MaxConcurrent: 1 });
  });
});
