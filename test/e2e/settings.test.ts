import { createClient } from '@colloquy/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BrowserSession,
  DEMO_BUSINESS,
  findBarriers,
  intercept,
  openBrowserSession,
  type SessionPage,
} from './browser.ts';
import { browserPath } from './chromium.ts';

const businessId = DEMO_BUSINESS;
const HERE = `/b/${businessId}/settings`;
let session: BrowserSession;

const settled = (page: SessionPage) =>
  page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished)));
const press = (page: SessionPage, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).click();

describe.skipIf(browserPath() === null)('the settings', () => {
  beforeAll(async () => {
    session = await openBrowserSession();
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  test('the name and time zone of a business are changed, and an invalid zone is reported', async () => {
    await using page = await session.open(HERE);
    await page.waitForURL(/\/settings\/business$/);
    const zone = page.getByRole('combobox', { name: 'Time zone' });
    await zone.fill('Mars/Olympus');
    await zone.blur();
    await page.getByText('Not a known time zone.').waitFor();
    await zone.fill('berlin');
    await zone.blur();
    expect(await zone.inputValue()).toBe('Europe/Berlin');
    await page.getByLabel('Name', { exact: true }).fill('Larkspur & Co.');
    await press(page, 'Save');
    await page.getByText('Saved.', { exact: true }).waitFor();
    expect(await session.admin.getBusiness({ businessId })).toMatchObject({
      Name: 'Larkspur & Co.',
      TimeZone: 'Europe/Berlin',
    });
  });

  test('the progress of backfills is shown', async () => {
    await using page = await session.open(`${HERE}/business`);
    const updates = page.getByRole('list', { name: 'Data updates' });
    await updates.getByText('Finished').first().waitFor();
    const { Items } = await session.admin.getBackfills({ businessId });
    expect(await updates.getByRole('listitem').count()).toBe(Items.length);
  });

  test('admins of the installation manage its businesses and users', async () => {
    const { BusinessId } = await session.admin.createBusiness({ Name: 'Second' });
    const { UserId } = await session.admin.createUser({ Email: 'tim@example.com', Name: 'Tim' });
    await using page = await session.open(`${HERE}/business`);
    const second = page.getByRole('listitem').filter({ hasText: String(BusinessId) });
    expect(await second.getByRole('link', { name: 'Open Second' }).getAttribute('href')).toMatch(
      new RegExp(`b/${BusinessId}/overview$`),
    );
    await second.getByRole('button', { name: 'Switch editing off' }).click();
    await page.getByText('Every request of users, API keys and workers is refused').waitFor();
    await press(page, 'Switch off');
    await second.getByText('Editing off').waitFor();
    await second.getByRole('button', { name: 'Disable' }).click();
    await press(page, 'Disable business');
    await second.getByText('Disabled').waitFor();
    const { Items } = await session.admin.listBusinesses({});
    expect(Items.find((one) => one.BusinessId === BusinessId)).toMatchObject({
      IsDisabled: true,
      IsEditingEnabled: false,
    });
    await press(page, 'Change… Tim');
    await page.getByRole('menuitem', { name: 'Create a password link' }).click();
    const dialog = page.getByRole('dialog', { name: 'Password link for Tim' });
    await dialog.getByText(/\/join#/).waitFor();
    await settled(page);
    expect(await findBarriers(page)).toEqual([]);
    await press(page, 'Done');
    await press(page, 'Change… Tim');
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await press(page, 'Disable user');
    await page
      .getByRole('listitem')
      .filter({ hasText: 'tim@example.com' })
      .getByText('Disabled')
      .waitFor();
    const users = await session.admin.listUsers({});
    expect(users.Items.find((one) => one.UserId === UserId)?.IsDisabled).toBe(true);
  });

  test('people are invited, see what their role permits, and are removed', async () => {
    await using page = await session.open(`${HERE}/people`);
    await press(page, 'Invite someone');
    await page.getByLabel('Their e-mail').fill('grace@example.com');
    await page.getByLabel('Role', { exact: true }).selectOption('Viewer');
    await press(page, 'Create invitation link');
    const link =
      (await page
        .getByRole('dialog')
        .getByText(/\/join#/)
        .textContent()) ?? '';
    await press(page, 'Done');
    await page.getByRole('list', { name: 'Invitations' }).getByText('grace@example.com').waitFor();

    await using grace = await session.open(new URL(link).pathname + new URL(link).hash, {
      isStranger: true,
    });
    await grace.getByLabel('Your name').fill('Grace');
    await grace.getByLabel('Password').fill('a long enough password');
    await press(grace, 'Join');
    await grace.getByRole('heading', { name: 'Overview' }).waitFor();
    await grace.goto(`${HERE}/business`);
    const parts = grace.getByRole('navigation', { name: 'Settings' }).getByRole('link');
    await expect.poll(() => parts.allTextContents()).toEqual(['Business']);
    expect(await grace.getByLabel('Name', { exact: true }).isDisabled()).toBe(true);
    await grace.goto(`${HERE}/keys`);
    await grace.getByText('Your role may not see this').waitFor();

    await page.reload();
    // Moving through options by keys changes nothing, and the focus stays.
    const role = page.getByRole('button', { name: 'Role of Grace' });
    await role.focus();
    for (const [key, name] of [
      ['Enter', 'Viewer'],
      ['End', 'Owner'],
      ['ArrowUp', 'Admin'],
    ] as const) {
      await page.keyboard.press(key);
      await page.locator('[role=menuitemradio]:focus', { hasText: name }).waitFor();
    }
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Role of Grace: Admin' }).waitFor();
    expect(await role.evaluate((button) => button === document.activeElement)).toBe(true);
    await expect
      .poll(async () => (await session.admin.getMembers({ businessId })).Items[0]?.Role)
      .toBe('Admin');
    const given = (await session.admin.getAudit({ businessId })).Items.filter(
      ({ Action }) => Action === 'MemberChanged',
    );
    expect(given).toHaveLength(1);
    await grace.goto(`${HERE}/erasures`);
    await grace.getByText(/As Admin you may view/).waitFor();
    expect(await parts.allTextContents()).not.toContain('People');
    expect(await parts.allTextContents()).toContain('Retention');
    expect(await grace.getByRole('button', { name: 'Erase a person' }).count()).toBe(0);

    // Changing one's own role asks for confirmation.
    const [{ UserId } = { UserId: '' }] = (await session.admin.getMembers({ businessId })).Items;
    const other = await session.admin.createUser({ Email: 'edith@example.com', Name: 'Edith' });
    for (const id of [UserId, other.UserId]) {
      await session.admin.putMember({ businessId, UserId: id, Role: 'Owner' });
    }
    await grace.goto(`${HERE}/people`);
    const own = grace.getByRole('button', { name: 'Role of Grace' });
    for (const answer of ['Cancel', 'Change my role']) {
      await own.click();
      await grace.getByRole('menuitemradio', { name: 'Viewer' }).click();
      await press(grace, answer);
      await grace.getByRole('dialog').waitFor({ state: 'detached' });
      // The focus returns to the control if it still exists.
      if (answer === 'Cancel') await grace.locator('[aria-label^="Role of Grace"]:focus').waitFor();
      const now = (await session.admin.getMembers({ businessId })).Items;
      expect(now.find((one) => one.UserId === UserId)?.Role).toBe(
        answer === 'Cancel' ? 'Owner' : 'Viewer',
      );
    }

    await press(page, 'Remove Grace');
    await press(page, 'Remove member');
    const members = page.getByRole('list', { name: 'Members' });
    await expect
      .poll(() => members.getByRole('listitem').allTextContents())
      .toEqual([expect.stringContaining('Edith')]);
    const left = (await session.admin.getMembers({ businessId })).Items;
    expect(left.map(({ Name }) => Name)).toEqual(['Edith']);
  });

  test('a new key is shown once with its chosen permissions and can be revoked', async () => {
    await using page = await session.open(`${HERE}/keys`);
    await press(page, 'New key');
    await page.getByLabel('Name').fill('reporting');
    await page.getByLabel('Only these:').check();
    await settled(page);
    expect(await findBarriers(page)).toEqual([]);
    await press(page, 'Create key');
    const dialog = page.getByRole('dialog', { name: 'API key reporting' });
    await dialog.getByRole('button', { name: 'Copy' }).first().click();
    const apiKey = await page.evaluate(() => navigator.clipboard.readText());
    await dialog.getByText(`curl -H 'Authorization: Token ${apiKey}'`).waitFor();
    // Neither keys nor clicks close a dialog that shows a secret.
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 5);
    await dialog.getByText(apiKey, { exact: true }).waitFor();
    await press(page, 'Done');
    const client = createClient({ baseUrl: session.server.url, apiKey });
    expect((await client.getBusiness({ businessId })).Permissions).toEqual({
      'Conversations.ConversationPermissions': ['Retrieving'],
    });
    await page.getByText('Conversations, recordings and queues: read').waitFor();
    // A previous error is not shown when the dialog opens again.
    const keys = /\/api-keys\//;
    const answer = await intercept(page, keys, (route) => route.fulfill({ status: 429, json: {} }));
    await press(page, 'Revoke reporting');
    await press(page, 'Revoke key');
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await press(page, 'Cancel');
    answer();
    await press(page, 'Revoke reporting');
    expect(await page.getByRole('dialog').getByRole('alert').count()).toBe(0);
    await press(page, 'Revoke key');
    await page.getByLabel('Show revoked (1)').check();
    await page.getByText('Revoked', { exact: true }).waitFor();
    await expect(client.getBusiness({ businessId })).rejects.toMatchObject({
      reason: 'API_KEY_INVALID',
    });
  });

  test('people are shown by name, even if they do not fit on one page', async () => {
    const { BusinessId } = await session.admin.createBusiness({ Name: 'Many people' });
    for (let at = 1; at <= 101; at += 1) {
      const person = { Email: `member-${at}@example.com`, Name: `Member ${at}` };
      const { UserId } = await session.admin.createUser(person);
      await session.admin.putMember({ businessId: BusinessId, UserId, Role: 'Viewer' });
    }
    const owner = await session.admin.createUser({ Email: 'edward@example.com', Name: 'Edward' });
    const businessId = BusinessId;
    await session.admin.putMember({ businessId, UserId: owner.UserId, Role: 'Owner' });
    await using page = await session.open(`/b/${BusinessId}/settings/keys`);
    await press(page, 'New key');
    const users = page.getByLabel('User', { exact: true }).locator('option');
    // Other Owners create their own keys.
    await expect.poll(() => users.count()).toBe(102);
    expect(await users.allTextContents()).not.toContain('Edward (Owner)');
    expect(await users.allTextContents()).toContain('Member 101 (Viewer)');
    await page.goto(`/b/${BusinessId}/settings/audit`);
    const entries = page.getByRole('list', { name: 'Audit log' });
    await entries.getByText('Member 101', { exact: true }).waitFor();
    const who = page.getByLabel('Who', { exact: true });
    for (const [text, fault] of [
      ['Nobody Here', 'Nobody matches this name or e-mail address.'],
      ['ember 10', '3 people match: choose one from the list.'],
    ] as const) {
      await who.fill(text);
      await press(page, 'Filter');
      await page.getByText(fault).waitFor();
    }
    await who.fill('ada@example.com');
    await press(page, 'Filter');
    await page.waitForURL(/who=user_/);
    await expect.poll(() => who.inputValue()).toBe('Ada Lovelace (ada@example.com)');
    await entries.getByText('Ada Lovelace').first().waitFor();
    await who.fill('');
    await press(page, 'Filter');
    await page.waitForURL(/audit$/);
  });

  test('retention rules are previewed before they are saved', async () => {
    await using page = await session.open(`${HERE}/retention`);
    for (const [name, recordings] of [
      ['All others', '2'],
      ['Nobody there', '0'],
    ] as const) {
      await press(page, 'Add a rule');
      expect(await page.getByText('Enter a name.').count()).toBe(0);
      await page.getByLabel('Name').fill(name);
      await page.getByLabel('Recordings').fill(recordings);
    }
    await page.getByLabel('No answer').check();
    await page.getByLabel('Metadata contains').fill('{');
    await page.getByText('Enter a JSON object').waitFor();
    expect(await page.getByRole('button', { name: 'Preview' }).isDisabled()).toBe(true);
    await page.getByLabel('Metadata contains').fill('');
    await press(page, 'Nobody there: up');
    // A click elsewhere does not lose unsaved changes.
    await page.getByRole('link', { name: 'Legal holds' }).click();
    await page.getByText('Leave without saving?').waitFor();
    await press(page, 'Cancel');
    expect(await page.getByRole('button', { name: 'Save these rules' }).isDisabled()).toBe(true);
    await press(page, 'Preview');
    const Rules = [
      { Name: 'Nobody there', Match: { SessionEndTypes: ['UserNoAnswer'] }, RecordingDays: 0 },
      { Name: 'All others', RecordingDays: 2 },
    ];
    const { Now } = await session.admin.previewRetention({ businessId, Rules: Rules as never });
    const row = page.getByRole('row', { name: /^Recordings/ });
    await row.getByText(String(Now.Recordings), { exact: true }).waitFor();
    expect(Now.Recordings).toBeGreaterThan(0);
    await settled(page);
    expect(await findBarriers(page)).toEqual([]);
    await press(page, 'Save these rules');
    await press(page, 'Save and delete');
    await page.getByText('Saved.', { exact: true }).waitFor();
    const saved = await session.admin.getRetention({ businessId });
    expect(saved.Rules.map(({ Name, RecordingDays }) => [Name, RecordingDays])).toEqual([
      ['Nobody there', 0],
      ['All others', 2],
    ]);
    await press(page, 'Pause');
    await page.getByText('Rules are paused').waitFor();
    expect((await session.admin.getRetention({ businessId })).IsPaused).toBe(true);
  });

  test('a hold by filter counts its conversations and is lifted', async () => {
    const filter = { SessionEndTypes: ['Transferred' as const] };
    const { TotalCount } = await session.admin.getConversations({ businessId, Filter: filter });
    const SessionIds = ['session_demo_011', 'session_demo_012'];
    await session.admin.createHold({ businessId, Name: 'By id', Reason: 'Case 16', SessionIds });
    await using page = await session.open(`${HERE}/holds`);
    const byId = page.getByRole('listitem').filter({ hasText: 'By id' });
    await byId.getByText('2 conversations:').waitFor();
    expect(await byId.getByRole('link').allTextContents()).toEqual(SessionIds);
    await press(page, 'Lift By id');
    await press(page, 'Lift hold');
    await byId.getByText('Conversations selected by id.').waitFor();
    await press(page, 'New hold');
    await page.getByLabel('Name').fill('Case 17');
    await page.getByLabel('Reason').fill('Asked for by counsel');
    await page.getByLabel('Transferred').check();
    await page.getByText(`Would hold ${TotalCount} now.`).waitFor();
    await settled(page);
    expect(await findBarriers(page)).toEqual([]);
    await press(page, 'Hold');
    await press(page, 'Done');
    await page.getByText('In force').waitFor();
    await page.getByRole('link', { name: 'View conversations' }).click();
    await page.waitForURL(/\/conversations\?outcome=Transferred$/);
    await page.goBack();
    await press(page, 'Lift Case 17');
    await press(page, 'Lift hold');
    await expect
      .poll(async () =>
        (await session.admin.getHolds({ businessId })).Items.map((one) => one.LiftedAt),
      )
      .not.toContain(null);
    await expect.poll(() => page.getByText('Lifted', { exact: true }).count()).toBe(2);
  });

  test('an erasure needs the person typed twice and gives a certificate', async () => {
    const found = await session.admin.getConversation({
      businessId,
      sessionId: 'session_demo_010',
    });
    const number = String(found.Clients[0]?.PhoneNumber);
    await using page = await session.open(`${HERE}/erasures`);
    await press(page, 'Erase a person');
    await page.getByLabel('Phone number', { exact: true }).fill(number);
    await page.getByLabel('Reason').fill('Ticket 4711');
    await page.getByLabel(/Repeat the number/).fill(`${number}0`);
    await page.getByText('Does not match.').waitFor();
    expect(await page.getByRole('button', { name: 'Erase this person' }).isDisabled()).toBe(true);
    await page.getByLabel(/Repeat the number/).fill(number);
    await settled(page);
    expect(await findBarriers(page)).toEqual([]);
    await press(page, 'Erase this person');
    await page.getByRole('button', { name: /Certificate of/ }).click();
    await page.waitForURL(/erasure=erasure_/);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/^erasure_\w+\.jws$/);
    await settled(page);
    expect(await findBarriers(page)).toEqual([]);
    await expect(
      session.admin.getConversation({ businessId, sessionId: 'session_demo_010' }),
    ).rejects.toMatchObject({ reason: 'GONE' });
  });

  test('changes of redaction and the do-not-call list are in the audit log', async () => {
    await using page = await session.open(`${HERE}/redaction`);
    await page.getByLabel(/Payment cards/).check();
    await page.getByText(/Not detected: security codes/).waitFor();
    await page.getByLabel('Country of national phone numbers').fill('us');
    await press(page, 'Save');
    await page.getByText('Saved.', { exact: true }).waitFor();
    expect(await session.admin.getRedaction({ businessId })).toEqual({
      Categories: ['CARD'],
      DefaultCountry: 'US',
    });

    await page.getByRole('link', { name: 'Do not call' }).click();
    await page.getByLabel(/Numbers, one per line/).fill('+15551234567\nabc\n\n0151 2345\n');
    const invalid = page.getByRole('list', { name: 'Invalid numbers' }).getByRole('listitem');
    await invalid.first().waitFor();
    expect(await invalid.allTextContents()).toEqual([
      'Line 2: This is not a phone number; write digits, with + and the country code before them. abc',
      'Line 4: This is not a possible phone number without its country code; begin it with + and the code, or give a country. 0151 2345',
    ]);
    await page.getByText('2 numbers cannot be added; the other is added:').waitFor();
    await page.getByLabel('Country').fill('DE');
    await page.getByText('1 number cannot be added; the others are added:').waitFor();
    await press(page, 'Add 2 numbers');
    await page.getByText('2 numbers added.').waitFor();
    expect(await invalid.allTextContents()).toEqual([
      'Line 2: This is not a phone number; write digits, with + and the country code before them. abc',
    ]);
    await page.getByLabel('Country').fill('');
    const rows = Buffer.from(
      '\ufeffname;phone;added\r\nJö;+493012345678;2026\r\n;;\r\nX;?;\r\n',
      'utf16le',
    );
    const file = { name: 'numbers.csv', mimeType: 'text/csv', buffer: rows };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByText('1 number cannot be added; the other is added:').waitFor();
    const column = page.getByLabel('Column with the phone numbers');
    expect(await column.inputValue()).toBe('1');
    await column.selectOption('name');
    await page.getByText('2 numbers cannot be added:').waitFor();
    await column.selectOption('phone');
    expect(await findBarriers(page)).toEqual([]);
    await press(page, 'Add 1 number');
    await page.getByText('1 number added.').waitFor();
    expect(await invalid.allTextContents()).toEqual([
      'Line 4: This is not a phone number; write digits, with + and the country code before them. ?',
    ]);
    await page.getByText('3 numbers', { exact: true }).waitFor();
    const listed = page.getByRole('list', { name: 'Do-not-call numbers' });
    await page.getByLabel('Find a number').fill('so');
    await press(page, 'Find');
    await page.getByText('Enter digits, such as +49 30.').waitFor();
    await page.getByLabel('Find a number').fill('+49 30 9');
    await press(page, 'Find');
    await page.getByText('No number on the list starts with +49309').waitFor();
    await page.getByLabel('Find a number').fill('1 (555) 123');
    await press(page, 'Find');
    await page.waitForURL(/\?number=%2B1555123$/);
    await listed.getByText('+15551234567').waitFor();
    expect(await listed.getByRole('listitem').count()).toBe(1);
    await press(page, 'Remove +15551234567');
    await press(page, 'Remove number');
    await press(page, 'Show all');
    await listed.getByText('+493012345678').waitFor();
    expect((await session.admin.getDoNotCall({ businessId })).Items).toHaveLength(2);

    await page.getByRole('link', { name: 'Audit log' }).click();
    await press(page, 'All actions');
    await page.getByRole('menuitemcheckbox', { name: 'Redaction changed' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Do-not-call number removed' }).click();
    await page.keyboard.press('Escape');
    await page.waitForURL(/action=RedactionChanged%2CDoNotCallRemoved/);
    const entries = page.getByRole('list', { name: 'Audit log' }).getByRole('listitem');
    await expect.poll(() => entries.count()).toBe(2);
    expect(await entries.first().textContent()).toContain('Do-not-call number removed');
    await page.getByText('Also log who reads what').click();
    await expect
      .poll(async () => (await session.admin.getAuditSettings({ businessId })).LogReads)
      .toBe(true);
  });
});
