import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BrowserSession,
  DEMO_BUSINESS,
  findBarriers,
  openBrowserSession,
  type SessionPage,
} from './browser.ts';
import { browserPath } from './chromium.ts';

let session: BrowserSession;
const LIST = `/b/${DEMO_BUSINESS}/conversations`;
const rowsOf = (page: SessionPage) =>
  page
    .locator('[data-row-link]')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')));

describe.skipIf(browserPath() === null)('the list of conversations', () => {
  beforeAll(async () => {
    session = await openBrowserSession();
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  test('filters are shown as chips and are part of the URL', async () => {
    await using page = await session.open(LIST);
    const { admin } = session;
    const all = (await admin.getConversations({ businessId: DEMO_BUSINESS })).TotalCount;
    await page.getByText(`${all} in total`).waitFor();

    await page.keyboard.press('/');
    await page.keyboard.type('voicemail');
    await page.keyboard.press('Enter');
    const filter = { SessionEndTypes: ['VoicemailDetected' as const] };
    const found = await admin.getConversations({ businessId: DEMO_BUSINESS, Filter: filter });
    await page.getByText(`${found.TotalCount} match`).waitFor();
    expect(new URL(page.url()).search).toBe('?outcome=VoicemailDetected');

    // A colleague who follows the link sees the same.
    await using other = await session.open(page.url());
    await other.getByText('Outcome: Voicemail').waitFor();
    await other.getByText(`${found.TotalCount} match`).waitFor();
    expect(await rowsOf(other)).toEqual(found.Items.map(({ Id }) => expect.stringContaining(Id)));

    await page.getByRole('button', { name: 'Remove the filter Outcome' }).click();
    await page.getByText(`${all} in total`).waitFor();
    expect(new URL(page.url()).search).toBe('');
    await page.goBack();
    await page.getByText(`${found.TotalCount} match`).waitFor();
  });

  test('the filter box opens a conversation by id and explains that names are not searchable', async () => {
    await using page = await session.open(LIST);
    await page.locator('[data-row-link]').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('Keisha');
    await page.getByText("Names, phone numbers and transcripts can't be searched").waitFor();
    expect(await page.getByRole('option').count()).toBe(0);
    await page.keyboard.press('Enter');
    const first = ((await rowsOf(page))[0] ?? '').split('/').at(-1) ?? '';
    await page.getByPlaceholder('Status, outcome, time').fill(first);
    expect(await page.getByRole('option').allTextContents()).toEqual([`Open ${first}`]);
    // Filters come before ids.
    await page.getByPlaceholder('Status, outcome, time').fill('120');
    const offered = page.getByRole('option');
    await expect.poll(() => offered.allTextContents()).toEqual(['2 to 5 min', 'Open 120']);
    await page.getByPlaceholder('Status, outcome, time').fill(first);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${LIST}/${first}`);
  });

  test('the list fits into its window, even with long names', async () => {
    const StartTime = new Date().toISOString();
    const sessionId = 'session_odd_names';
    await session.admin.putConversation({
      businessId: DEMO_BUSINESS,
      sessionId,
      Status: 'Completed',
      StartTime,
      EndTime: StartTime,
      EndType: 'UserDeclinedOrBusy',
      InitiationType: 'Inbound',
      Clients: [
        {
          ClientId: 'c',
          ClientType: 'Phone',
          JoinedAt: StartTime,
          Name: '   ',
          PhoneNumber: '+15550100',
        },
        { ClientId: 'd', ClientType: 'Phone', JoinedAt: StartTime, Name: 'A long name '.repeat(9) },
      ],
      Agents: [{ AgentId: 'a', AgentType: 'AI', JoinedAt: StartTime, Name: 'نورا' }],
      Messages: [],
      Logs: [],
      Metadata: {},
    });
    await using page = await session.open(`${LIST}?outcome=UserDeclinedOrBusy`, {
      viewport: { width: 1024, height: 768 },
    });
    const row = page.getByRole('row', { name: '+15550100, A long name' });
    await row.waitFor();
    const hidden = await page
      .locator('.overflow-x-auto')
      .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    expect(hidden).toBe(0);
    const icon = await row.getByRole('img', { name: 'Inbound' }).boundingBox();
    expect(icon?.width).toBe(15);
    // A name written from right to left starts at the edge of its column.
    const agent = await row.getByText('نورا').boundingBox();
    const head = await page.getByRole('columnheader', { name: 'Agent' }).boundingBox();
    expect((agent?.x ?? 0) - (head?.x ?? 0)).toBeLessThan(24);
    await row.hover();
    await row.getByRole('button', { name: 'Copy' }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(/^\+15550100, A long name/);
    await page.setViewportSize({ width: 360, height: 640 });
    await page.getByRole('button', { name: 'View', exact: true }).click();
    await page.getByText('Rows per page').waitFor();
    expect(await page.getByRole('menuitemcheckbox').count()).toBe(0);
    await session.admin.deleteConversation({ businessId: DEMO_BUSINESS, sessionId });
  });

  test('paging to the end and back shows the same pages', async () => {
    await using page = await session.open(`${LIST}?status=Completed,Failed`);
    const { admin } = session;
    const filter = { SessionStates: ['Completed' as const, 'Failed' as const] };
    const ids = await Array.fromAsync(
      admin.items('getConversations', { businessId: DEMO_BUSINESS, Limit: 100, Filter: filter }),
      ({ Id }) => Id,
    );
    const status = page.getByRole('status');
    const pages: (string | null)[][] = [];
    for (let from = 1; ; from += 25) {
      const to = Math.min(from + 24, ids.length);
      await status.getByText(`${from} to ${to} of ${ids.length}`).waitFor();
      pages.push(await rowsOf(page));
      if (to === ids.length) break;
      await page.getByRole('button', { name: 'Next' }).click();
    }
    expect(pages.flat()).toEqual(ids.map((id) => expect.stringContaining(`/${id}`)));
    expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    for (const [index, rows] of [...pages.entries()].reverse().slice(1)) {
      await page.keyboard.press('[');
      await status.getByText(`${index * 25 + 1} to`).waitFor();
      expect(await rowsOf(page)).toEqual(rows);
    }
    expect(await page.getByRole('button', { name: 'Previous' }).isDisabled()).toBe(true);
    await expect.poll(() => new URL(page.url()).search).toBe('?status=Completed%2CFailed');
  });

  test('the position in the list is right even if new rows arrive', async () => {
    await using page = await session.open(`${LIST}?status=Completed`);
    const status = page.getByRole('status');
    await status.getByText('1 to 25 of').waitFor();
    const first = await rowsOf(page);
    await page.keyboard.press(']');
    await status.getByText('26 to 50 of').waitFor();
    const StartTime = new Date().toISOString();
    const sessionId = 'session_meanwhile';
    await session.admin.putConversation({
      businessId: DEMO_BUSINESS,
      sessionId,
      Status: 'Completed',
      StartTime,
      EndTime: StartTime,
      EndType: 'Normal',
      InitiationType: 'Web',
      Clients: [],
      Agents: [],
      Messages: [],
      Logs: [],
      Metadata: {},
    });
    // The rows of the first page are no longer the first ones.
    await page.keyboard.press('[');
    await status.getByText(/^25 of/).waitFor();
    expect(await rowsOf(page)).toEqual(first);
    await page.keyboard.press('[');
    await status.getByText('1 to 25 of').waitFor();
    await expect.poll(() => new URL(page.url()).search).toBe('?status=Completed');
    await expect.poll(async () => (await rowsOf(page))[0]).toContain(sessionId);
    await session.admin.deleteConversation({ businessId: DEMO_BUSINESS, sessionId });
  });

  test('the next page is prefetched only for users who are paging', async () => {
    const options = { isWithoutStream: true };
    await using page = await session.open(`/b/${DEMO_BUSINESS}/overview`, options);
    const cursors = new Set<string>();
    page.on('request', (request) => {
      if (!request.url().endsWith('/conversations') || request.method() !== 'POST') return;
      const cursor = /"NextCursor":"([^"]+)"/.exec(request.postData() ?? '')?.[1];
      if (cursor !== undefined) cursors.add(cursor);
    });
    await page.goto(`${LIST}?status=Completed`);
    await page.getByRole('status').getByText('1 to 25 of').waitFor();
    await page.waitForLoadState('networkidle');
    expect(cursors.size).toBe(0);
    await page.getByRole('button', { name: 'Next' }).hover();
    await expect.poll(() => cursors.size).toBe(1);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('status').getByText('26 to 50 of').waitFor();
    await expect.poll(() => cursors.size).toBe(2);
  });

  test('a time range can be set with the keyboard alone', async () => {
    await using page = await session.open(`${LIST}?to=2099-01-01T00:00:59.999Z`);
    const openRange = async () => {
      await page.keyboard.press('/');
      await page.keyboard.type('between two');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Started between' }).waitFor();
    };
    await page.getByRole('button', { name: 'Remove the filter Started' }).waitFor();
    await openRange();
    const from = page.getByLabel('From');
    await from.fill('2020-01-01T10:00');
    await from.press('ArrowUp');
    const stepped = await from.inputValue();
    expect(stepped).not.toBe('2020-01-01T10:00');
    await from.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const wanted = new Date(stepped).toISOString();
    const { searchParams } = new URL(page.url());
    // Unchanged times keep their milliseconds.
    expect(Object.fromEntries(searchParams)).toEqual({
      from: wanted,
      to: '2099-01-01T00:00:59.999Z',
    });
    await page.goBack();
    await expect.poll(() => new URL(page.url()).searchParams.has('from')).toBe(false);
    await page.locator('h1').click();
    await openRange();
    expect(await from.inputValue()).toBe('');
    await page.getByRole('button', { name: 'Cancel' }).press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('placeholder'));
    await expect.poll(focused).toBe('Status, outcome, time, or an id');
  });

  test('live conversations are on top and new ones appear without a reload', async () => {
    await using page = await session.open(LIST);
    await page.getByText('Live now').waitFor();
    const now = new Date().toISOString();
    await session.admin.appendConversationEvents({
      businessId: DEMO_BUSINESS,
      sessionId: 'session_just_now',
      Events: [
        { EventId: '1', Type: 'SessionStarted', Timestamp: now, InitiationType: 'Web' },
        {
          EventId: '2',
          Type: 'ClientJoined',
          Timestamp: now,
          ClientId: 'c',
          ClientType: 'Web',
          Name: 'Noor',
        },
      ],
    });
    await page.getByRole('link', { name: 'Noor' }).waitFor();
    const [first] = await rowsOf(page);
    expect(first).toContain('session_just_now');
    await session.admin.deleteConversation({
      businessId: DEMO_BUSINESS,
      sessionId: 'session_just_now',
    });
  });

  test('keys move through the list and open conversations', async () => {
    await using page = await session.open(`${LIST}?status=Completed`);
    const [first, second] = await (async () => {
      await page.locator('[data-row-link]').first().waitFor();
      return rowsOf(page);
    })();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('href'));
    await page.keyboard.press('j');
    expect(await focused()).toBe(first);
    const outlines = () =>
      page
        .locator('tbody tr')
        .evaluateAll((rows) => rows.map((row) => getComputedStyle(row).outlineStyle));
    expect((await outlines()).filter((style) => style === 'solid')).toHaveLength(1);
    await page.keyboard.press('j');
    expect(await focused()).toBe(second);
    await page.keyboard.press('k');
    expect(await focused()).toBe(first);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${new URL(first ?? '', session.server.url).pathname}`);
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.waitForURL(`**${LIST}`);
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('A page, setting').waitFor();
    await page.keyboard.type('campaigns');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/campaigns');
  });

  test('chosen columns, times and saved views are remembered per user', async () => {
    await using page = await session.open(LIST);
    await page.getByRole('button', { name: 'View', exact: true }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Id' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Agent' }).click();
    await page.keyboard.press('Escape');
    const heads = () => page.getByRole('columnheader').allTextContents();
    expect(await heads()).toEqual(expect.arrayContaining(['Client', 'Id']));
    expect(await heads()).not.toContain('Agent');
    await page.reload();
    await page.getByRole('columnheader', { name: 'Id' }).waitFor();

    await page.keyboard.press('/');
    await page.keyboard.type('failed');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByLabel('Name of this view').fill('Went wrong');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Clear all' }).click();
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByRole('button', { name: 'Went wrong', exact: true }).click();
    await page.getByText('Status: Failed').waitFor();
    // Another user of this browser has their own views.
    const keys = await page.evaluate(() => Object.keys(localStorage));
    const views = keys.filter((key) => key.startsWith('colloquy.conversations.views.'));
    expect(views.map((key) => key.split('.')[3])).toEqual([String(DEMO_BUSINESS)]);
    expect(views[0]?.split('.')[4]).toMatch(/^user_/);
  });

  test('the palette keeps text typed while it is loading', async () => {
    await using page = await session.open(LIST);
    const typed = Promise.withResolvers<void>();
    await page.route(/assets\/command-palette/, async (route) => {
      await typed.promise;
      await route.continue();
    });
    await page.getByRole('heading', { name: 'Conversations' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('settings');
    typed.resolve();
    await page.getByRole('option', { name: 'Settings g s' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Business' }).waitFor();
  });

  test('returning to the list continues from the visited row', async () => {
    await using page = await session.open(`${LIST}?status=Completed`);
    await page.locator('[data-row-link]').first().waitFor();
    const rows = await rowsOf(page);
    for (const _ of [1, 2, 3]) await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByLabel('Find in this conversation').waitFor();
    // From one conversation to the next, then back to the list.
    await page.keyboard.press('j');
    await page.waitForURL(`**${rows[3]}`);
    await page.getByRole('button', { name: 'Previous conversation' }).click();
    await page.waitForURL(`**${rows[2]}`);
    await page.goBack();
    await page.locator('[data-row-link]').first().waitFor();
    await page.keyboard.press('j');
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('href'));
    expect(focused).toBe(rows[3]);
  });

  test('an expired page URL offers the first page', async () => {
    await using page = await session.open(`${LIST}?status=Failed&next=of-long-ago&at=50`);
    await page.getByText('This page of the list is no longer available.').waitFor();
    await page.getByRole('button', { name: 'To the first page' }).click();
    await page.getByText(' match').waitFor();
    expect(new URL(page.url()).search).toBe('?status=Failed');
    await page.goto(`/b/${DEMO_BUSINESS}/nothing/here`);
    await page.getByText('There is no page at this address').waitFor();
    expect(await findBarriers(page)).toEqual([]);
  });

  test('an empty result explains what to do', async () => {
    await using page = await session.open(
      `${LIST}?from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z`,
    );
    await page.getByText('No matching conversations').waitFor();
    await page.getByRole('button', { name: 'Clear all filters' }).click();
    await page.locator('[data-row-link]').first().waitFor();
  });
});
