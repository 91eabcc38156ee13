import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BrowserSession,
  createAccountOnPage,
  DEMO_BUSINESS,
  firstLink,
  openBrowserSession,
  PERSON,
} from './browser.ts';
import { browserPath } from './chromium.ts';

let session: BrowserSession;
const STRANGER = { isStranger: true };

describe.skipIf(browserPath() === null)('signing in', () => {
  beforeAll(async () => {
    session = await openBrowserSession({}, { createAccount: createAccountOnPage });
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  test('the first link works once', async () => {
    await using page = await session.open(firstLink(session.server), STRANGER);
    await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();

    // A user with an incomplete link pastes the full one into the same tab.
    const { Url } = await session.admin.createInvitation({
      businessId: DEMO_BUSINESS,
      Email: 'ida@example.com',
      Role: 'Viewer',
    });
    await page.goto('/join');
    await page.getByText('The link is incomplete').waitFor();
    await page.evaluate((url) => location.assign(url), Url);
    await page.getByText('as Viewer').waitFor();
  });

  test('signing in with a password leads to the requested page', async () => {
    const path = `/b/${DEMO_BUSINESS}/conversations?status=Failed`;
    await using page = await session.open(path, STRANGER);
    await page.getByLabel('E-mail').fill(PERSON.email);
    await page.getByLabel('Password').fill('not the password, but long');
    await page.getByRole('button', { name: 'Sign in' }).click();
    // User errors are not in the log.
    expect(await page.getByRole('alert').textContent()).not.toContain('Request');
    await page.getByLabel('Password').fill(PERSON.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Status: Failed').waitFor();
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(path);

    const cookies = await page.context().cookies();
    expect(cookies).not.toEqual([]);
    for (const { httpOnly, sameSite } of cookies)
      expect([httpOnly, sameSite]).toEqual([true, 'Lax']);

    // After signing out, going back asks for the password.
    await page.getByRole('button', { name: PERSON.email }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(path);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('too many attempts are reported immediately', async () => {
    await using page = await session.open('/sign-in', STRANGER);
    await page.getByLabel('E-mail').fill('somebody@example.com');
    await page.getByLabel('Password').fill('a guess that is long enough');
    for (let guess = 0; guess < 5; guess += 1) {
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('is wrong').waitFor();
      await page.getByLabel('Password').fill(`another guess, number ${guess}`);
    }
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Too many attempts').waitFor();
  });

  test('signing in never redirects to another host', async () => {
    await using page = await session.open('/sign-in?to=//example.com/', STRANGER);
    await page.getByLabel('E-mail').fill(PERSON.email);
    await page.getByLabel('Password').fill(PERSON.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(new URL(page.url()).origin).toBe(session.server.url);
  });

  test('an invitation for another user shows who is signed in', async () => {
    const { Url } = await session.admin.createInvitation({
      businessId: DEMO_BUSINESS,
      Email: 'otto@example.com',
      Role: 'Viewer',
    });
    await using page = await session.open('/sign-in', STRANGER);
    await page.getByLabel('E-mail').fill(PERSON.email);
    await page.getByLabel('Password').fill(PERSON.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.goto(Url);
    await page.getByText(`You are signed in as ${PERSON.email}.`).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect.poll(() => page.getByText('You are signed in').count()).toBe(0);
    await page.getByText('as Viewer').waitFor();
  });

  test('a user invited as Viewer sees only what the role permits', async () => {
    const { Url } = await session.admin.createInvitation({
      businessId: DEMO_BUSINESS,
      Email: 'vera@example.com',
      Role: 'Viewer',
    });
    await using page = await session.open(Url, STRANGER);
    await page.getByText('as Viewer').waitFor();
    await page.getByLabel('Your name').fill('Vera');
    await page.getByLabel('Password').fill('another long password');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('link', { name: 'Outbound calls' }).click();
    await page.getByRole('heading', { name: 'Outbound calls' }).waitFor();
    expect(await page.getByRole('button', { name: 'New calls' }).count()).toBe(0);
    // The server refuses actions that the page does not offer.
    const answer = await page.evaluate(async (businessId) => {
      const session = await (await fetch('/api/v1/session')).json();
      const answer = await fetch(`/api/v1/business/${businessId}/conversations/session_abc123`, {
        method: 'DELETE',
        headers: { 'X-CSRF-Token': session.Data.CsrfToken },
      });
      return (await answer.json()).Code;
    }, DEMO_BUSINESS);
    expect(answer).toBe('DeleteConversation:PERMISSION_DENIED');
  });

  test('a viewer sees masked ids that open, and no search for masked numbers', async () => {
    const { BusinessId: businessId } = await session.admin.createBusiness({
      Name: 'Masked business',
    });
    const number = '+493023125001';
    await session.admin.putConversation({
      businessId,
      sessionId: `call-${number.slice(1)}`,
      Status: 'Completed',
      StartTime: '2026-03-01T12:00:00Z',
      EndTime: '2026-03-01T12:05:00Z',
      EndType: 'UserEndedCall',
      InitiationType: 'Inbound',
      Messages: [
        {
          SenderId: 'caller',
          Role: 'User',
          Content: `Call me at ${number}.`,
          Timestamp: '2026-03-01T12:01:00Z',
        },
      ],
    });
    await session.admin.initiateCall({ businessId, NumberId: 'n', RecipientNumber: number });
    await session.admin.putRedaction({ businessId, Categories: ['PHONE'] });
    const { Url } = await session.admin.createInvitation({
      businessId,
      Email: 'mia@example.com',
      Role: 'Viewer',
    });
    await using page = await session.open(Url, STRANGER);
    await page.getByLabel('Your name').fill('Mia');
    await page.getByLabel('Password').fill('another long password');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('link', { name: 'Conversations', exact: true }).click();
    await page
      .getByRole('link', { name: /masked_/ })
      .first()
      .click();
    await page.waitForURL('**/conversations/masked_*');
    await page.getByText('Call me at [PHONE].').waitFor();
    await page.goto(`/b/${businessId}/outbound`);
    await page.getByRole('heading', { name: 'Outbound calls' }).waitFor();
    await page.getByText('[PHONE]').first().waitFor();
    expect(await page.getByLabel('Find a number').count()).toBe(0);
    expect(await page.content()).not.toContain(number);
  });

  test('an existing user accepts an invitation with their password', async () => {
    const Name = 'Second business';
    const { BusinessId } = await session.admin.createBusiness({ Name });
    const { Url } = await session.admin.createInvitation({
      businessId: BusinessId,
      Email: 'VERA@example.com',
      Role: 'Agent',
    });
    await using page = await session.open(Url, STRANGER);
    await page.getByText('as Agent').waitFor();
    const join = page.getByRole('button', { name: 'Join' });
    await page.getByLabel('Password').fill('not the right password');
    await join.click();
    await page.getByText('The e-mail address or the password is wrong.').waitFor();
    await page.getByLabel('Password').fill('another long password');
    await join.click();
    await page.getByRole('heading', { name: 'Getting started' }).waitFor();
    // A signed-in user needs only their password, no name.
    const { BusinessId: third } = await session.admin.createBusiness({ Name: 'Third business' });
    const again = await session.admin.createInvitation({
      businessId: third,
      Email: 'vera@example.com',
      Role: 'Viewer',
    });
    await page.goto(again.Url);
    await page.getByLabel('Your password').fill('another long password');
    expect(await page.getByLabel('Your name').count()).toBe(0);
    await join.click();
    await page.waitForURL('**/overview');
    const { Items } = await session.admin.getMembers({ businessId: third });
    expect(Items.map(({ Email, Role }) => [Email, Role])).toEqual([['vera@example.com', 'Viewer']]);
  });

  test('changing the password ends all other sessions', async () => {
    await using here = await session.open('/account');
    await using there = await session.open(`/b/${DEMO_BUSINESS}/overview`, STRANGER);
    await there.getByLabel('E-mail').fill(PERSON.email);
    await there.getByLabel('Password').fill(PERSON.password);
    await there.getByRole('button', { name: 'Sign in' }).click();
    await there.getByRole('heading', { name: 'Overview' }).waitFor();
    await here.getByLabel('Current password').fill(PERSON.password);
    await here.getByLabel('New password').fill('a password that is new');
    await here.getByRole('button', { name: 'Change password' }).click();
    await here.getByText('Changed.').waitFor();
    await there.getByRole('link', { name: 'Conversations', exact: true }).click();
    await there.getByText('You were signed out. Sign in to continue.').waitFor();
    await here.reload();
    await here.getByRole('heading', { name: 'Your account' }).waitFor();
  });
});
