import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BrowserSession,
  DEMO_BUSINESS,
  findBarriers,
  findOverflow,
  openBrowserSession,
} from './browser.ts';
import { browserPath } from './chromium.ts';
import { after, START } from './written-calls.ts';

const businessId = DEMO_BUSINESS;
const NUMBER = '+493023125060';
const SPELLING = '0049 (30) 231 / 250 60';
const MENTIONS = 7;
const PHONE = { viewport: { width: 390, height: 844 } };

let session: BrowserSession;

const write = (sessionId: string, PhoneNumber: string, Content: string) =>
  session.admin.putConversation({
    ...{ businessId, sessionId, Status: 'Completed', EndType: 'Normal', InitiationType: 'Inbound' },
    StartTime: START,
    EndTime: after(60),
    Clients: [{ ClientId: 'c', ClientType: 'Phone', JoinedAt: START, PhoneNumber }],
    Messages: [{ SenderId: 'c', Role: 'User', Content, Timestamp: after(1) }],
    Metadata: { back: Content },
  });

describe.skipIf(browserPath() === null)('an erasure', () => {
  beforeAll(async () => {
    session = await openBrowserSession();
    await write('session_own', NUMBER, 'hello');
    for (let n = 1; n <= MENTIONS; n += 1) {
      await write(`session_mention_${n}`, '+15551234567', `call ${NUMBER}`);
    }
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  test('an erasure by a phone number in another format is previewed, confirmed and certified', async () => {
    await using page = await session.open(`/b/${businessId}/settings/erasures`, PHONE);
    const shoot = async (name: string) => {
      if (process.env.SCREENSHOT)
        await page.screenshot({ path: `${process.env.SCREENSHOT}-${name}.png` });
    };
    await page.getByRole('button', { name: 'Erase a person', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Erase a person' });
    const number = dialog.getByLabel('Phone number', { exact: true });
    const preview = dialog.getByRole('button', { name: 'Preview', exact: true });
    expect(await preview.isDisabled()).toBe(true);

    await number.fill('030 12');
    await preview.click();
    await dialog
      .getByRole('alert')
      .getByText(/^PhoneNumber: /)
      .waitFor();
    await shoot('refused');

    await number.fill(SPELLING);
    expect(await dialog.getByRole('alert').count()).toBe(0);
    await preview.click();
    await dialog.getByText('1 conversation, 0 recordings, 0 queued calls').waitFor();
    await dialog.getByText('7 other conversations mention the number').waitFor();
    const mentions = dialog.getByRole('list', { name: 'Conversations that mention the number' });
    expect(await mentions.getByRole('listitem').count()).toBe(5);
    await mentions.getByText('in messages, metadata or names').first().waitFor();
    await dialog.getByText('mention the number and stay as they are').waitFor();
    await dialog.getByLabel(/^Also remove the number .* \(7 conversations\)/).check();
    await dialog.getByText('mention the number, which is replaced there').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(await findOverflow(page)).toEqual([]);
    await shoot('phone');
    await page.setViewportSize({ width: 1280, height: 800 });
    await shoot('desktop');
    await dialog.getByRole('button', { name: 'Show 2 more' }).click();
    expect(await mentions.getByRole('listitem').count()).toBe(MENTIONS);
    const link = mentions.getByRole('link', { name: 'session_mention_7' });
    expect(await link.getAttribute('href')).toMatch(/conversations\/session_mention_7$/);
    await session.admin.getConversation({ businessId, sessionId: 'session_own' });

    await dialog.getByLabel('Reason').fill('Ticket 4711');
    await dialog.getByLabel(/Repeat the number/).fill(SPELLING);
    await dialog.getByRole('button', { name: 'Erase this person' }).click();
    await page.getByRole('button', { name: /Certificate of/ }).click();
    const certificate = page.getByRole('dialog', { name: 'Erasure certificate' });
    await certificate
      .getByText(
        'participants of conversations, outbound queue, inbound queue, texts of other conversations',
      )
      .waitFor();
    await certificate.getByText('replaced in 7 conversations', { exact: true }).waitFor();
    await certificate.getByText('the phone number in every spelling').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await shoot('certificate');
    await expect(
      session.admin.getConversation({ businessId, sessionId: 'session_own' }),
    ).rejects.toMatchObject({ reason: 'GONE' });
    await certificate.getByRole('button', { name: 'Close' }).click();
    await page.getByText('number replaced in 7 conversations').waitFor();
    await shoot('list');
    const { Messages, Metadata } = await session.admin.getConversation({
      ...{ businessId, sessionId: 'session_mention_1' },
    });
    expect(Messages[0]?.Content).toBe('call [ERASED]');
    expect(Metadata).toEqual({ back: 'call [ERASED]' });
  });
});
