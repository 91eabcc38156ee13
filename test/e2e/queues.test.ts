import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BrowserSession,
  DEMO_BUSINESS,
  findBarriers,
  findOverflow,
  openBrowserSession,
} from './browser.ts';
import { browserPath } from './chromium.ts';

const businessId = DEMO_BUSINESS;
const OUTBOUND = `/b/${DEMO_BUSINESS}/outbound`;
let session: BrowserSession;

const CSV = [
  'RecipientNumber,name',
  '+14155550100,Ada',
  '0151 2345,Bert',
  '+14155550101,"Chen, the second"',
  '+14155550102',
].join('\n');

describe.skipIf(browserPath() === null)('the queues', () => {
  beforeAll(async () => {
    session = await openBrowserSession();
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  test('rows of CSV are checked before they are sent', async () => {
    await using page = await session.open(OUTBOUND);
    await page.getByRole('button', { name: 'New calls' }).click();
    await page.getByRole('tab', { name: 'Many, from a CSV file' }).click();
    const file = { name: 'calls.csv', mimeType: 'text/csv', buffer: Buffer.from('who\n1\n') };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByText('Choose the column that holds the phone numbers.').waitFor();
    await page.locator('input[type=file]').setInputFiles({ ...file, buffer: Buffer.from(CSV) });
    await page.getByText('At least 2 of them will be refused.').waitFor();
    const refused = page.getByRole('list', { name: 'Refused rows' });
    expect(await refused.getByRole('listitem').allTextContents()).toEqual([
      'Line 3: This is not a possible phone number without its country code; begin it with + and the code, or give a country. 0151 2345, Bert',
      'Line 5: The row has 1 value for 2 columns. +14155550102',
    ]);
    expect(await findBarriers(page)).toEqual([]);
    await page.getByLabel('Call from').fill('number_1');
    // An incomplete country code is not sent.
    const country = page.getByLabel('Country');
    await country.fill('D');
    await page.getByText('At least 2 of them will be refused.').waitFor();
    await page.getByRole('button', { name: 'Add 2 calls to the queue' }).click();
    expect(await country.evaluate((field) => field.matches(':invalid:focus'))).toBe(true);
    await country.fill('DE');
    await page.getByText('At least 1 of them will be refused.').waitFor();
    await country.fill('');
    await page.getByRole('button', { name: 'Add 2 calls to the queue' }).click();
    await page.getByText('2 calls added to the queue.').waitFor();
    // Rows that the server has rejected.
    await refused.getByText('Line 3:').waitFor();
    await refused.getByText('Line 5:').waitFor();
    await refused.getByText('begin it with + and the code, or give a country').waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Refused rows' }).click();
    expect(await readFile(await (await saving).path(), 'utf8')).toMatch(
      /^Line,Why,RecipientNumber,name\r\n3,.*,0151 2345,Bert\r\n5,/,
    );
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('+14155550101').waitFor();
    const { Items } = await session.admin.getOutboundQueues({
      businessId,
      Filter: { RecipientNumbers: ['+14155550101'] },
    });
    expect(Items[0]?.DynamicVariables).toEqual({ name: 'Chen, the second' });
  });

  test('a spreadsheet file with other column names is accepted, and closing its form asks first', async () => {
    await session.admin.addDoNotCall({ businessId, Numbers: ['+14155550142'] });
    await using page = await session.open(OUTBOUND);
    await page.getByRole('button', { name: 'New calls' }).click();
    await page.getByRole('tab', { name: 'Many, from a CSV file' }).click();
    const rows = 'who;name\n+14155550140;Ada\n+14155550141;Bert\n+14155550142;Chen\n';
    const file = { name: 'calls.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByLabel('Column with the phone numbers').selectOption('who');
    await page.getByText('At least 1 of them will be refused.').waitFor();
    await page.getByText('The number is on the do-not-call list.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Keep editing' }).click();
    await page.getByLabel('Call from').fill('number_1');
    // The file survives a look at the other form.
    await page.getByRole('tab', { name: 'One call' }).click();
    await page.getByRole('tab', { name: 'Many, from a CSV file' }).click();
    await page.getByLabel('Column with the phone numbers').selectOption('who');
    await page.getByLabel('Call from').fill('number_1');
    await page.getByRole('button', { name: 'Add 2 calls to the queue' }).click();
    await page.getByText('2 calls added to the queue.').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const Filter = { RecipientNumbers: ['+14155550141'] };
    const { Items } = await session.admin.getOutboundQueues({ businessId, Filter });
    expect(Items[0]?.DynamicVariables).toEqual({ name: 'Bert' });
  });

  test('the queue pages fit a narrow screen, even with long names', async () => {
    const long = (length: number) => 'x'.repeat(length);
    const campaignId = long(128);
    const Name = long(1024);
    await session.admin.putCampaign({ businessId, campaignId, Name, IsPaused: true });
    const { QueueIds } = await session.admin.initiateCall({
      businessId,
      CampaignId: campaignId,
      NumberId: long(128),
      RecipientNumber: '+14155550150',
      DynamicVariables: { [long(100)]: long(1000) },
      Metadata: { note: long(1000) },
    });
    await using page = await session.open(`/b/${DEMO_BUSINESS}/campaigns`, {
      viewport: { width: 360, height: 740 },
    });
    await page.getByRole('link', { name: Name }).waitFor();
    expect(await findOverflow(page)).toEqual([]);
    for (const [path, text] of [
      [`campaigns/${campaignId}`, 'Paused: resume it to make 1 call.'],
      [`outbound/${QueueIds[0]}`, '+14155550150'],
      ['outbound?number=%2B14155550150', '+14155550150'],
    ] as const) {
      await page.goto(`/b/${DEMO_BUSINESS}/${path}`);
      await page.getByText(text).first().waitFor();
      expect(await findOverflow(page)).toEqual([]);
      // Scrolling areas must not fill the page.
    }
    await page.getByRole('button', { name: 'New calls' }).click();
    await page.getByLabel('Call from').waitFor();
    expect(await findOverflow(page)).toEqual([]);
  });

  test('a single call is added, shows why it waits, and is canceled', async () => {
    await using page = await session.open(OUTBOUND);
    await page.getByRole('button', { name: 'New calls' }).click();
    await page.getByLabel('Number to call').fill('0151 2345');
    await page.getByLabel('Call from').fill('number_1');
    await page.getByText('without its country code').waitFor();
    await page.getByLabel('Number to call').fill('+14155550177');
    await page.getByLabel('Not before').fill('2030-01-01T09:00');
    await page.getByLabel('Not after').fill('2030-01-01T08:00');
    await page.getByRole('button', { name: 'Add to queue' }).click();
    await page.getByText('The call would expire before it is due.').waitFor();
    await page.getByLabel('Not after').fill('2030-01-02T09:00');
    await page.getByRole('button', { name: 'Add a variable' }).click();
    await page.getByLabel('Name of the variable').fill('order');
    await page.getByLabel('Value of the variable').fill('17');
    await page.getByRole('button', { name: 'Add to queue' }).click();
    await page.getByRole('heading', { name: '+14155550177' }).waitFor();
    await page.getByText('Scheduled for later').waitFor();
    await page.getByText('Enqueued', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Reschedule' }).click();
    await page.getByLabel('Not before').fill('');
    await page.getByRole('dialog').getByRole('button', { name: 'Reschedule' }).click();
    await page.getByText('Due: waiting for a worker').waitFor();
    await page.getByRole('button', { name: 'Cancel call' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel call' }).click();
    await page.getByText('Canceled', { exact: true }).first().waitFor();
  });

  test('a campaign is paused, resumed and simulated', async () => {
    await using page = await session.open(`/b/${DEMO_BUSINESS}/campaigns`);
    await page.getByRole('button', { name: 'New campaign' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Check-up');
    await page.getByLabel('Id', { exact: true }).fill('check-up');
    await page.getByLabel('Concurrent calls').fill('2');
    await page.getByRole('button', { name: 'Save campaign' }).click();
    await page.getByRole('heading', { name: 'Check-up' }).waitFor();
    const Recipients = Array.from({ length: 12 }, (_, index) => ({
      RecipientNumber: `+141555503${String(index).padStart(2, '0')}`,
    }));
    await session.admin.initiateCall({
      businessId,
      CampaignId: 'check-up',
      NumberId: 'n',
      Recipients,
    });
    await page.reload();
    await page.getByText('In the next 24 hours 12 calls would be made').waitFor();
    await page.getByRole('button', { name: 'Show as table' }).click();
    await page.getByRole('cell', { name: '12', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('12 would not').waitFor();
    await page.getByText('Paused: resume it to make 12 calls.').waitFor();
    await page.getByText('12 calls that would not be made').click();
    await page.getByText('The campaign is paused').first().waitFor();
    await page.getByRole('link', { name: '12 Queued' }).click();
    await page.getByText('Campaign: check-up').waitFor();
    expect(new URL(page.url()).search).toBe('?campaign=check-up&status=Queued');
    const why = page.getByRole('region', { name: 'Why calls wait' });
    await why.getByText('12 in a paused campaign').waitFor();
    // Filters come from the address and return to it.
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    expect(await page.getByLabel('Campaign', { exact: true }).inputValue()).toBe('check-up');
    await page.getByLabel('Enqueued from').fill('2030-01-01T09:00');
    await page.getByLabel('Enqueued until').fill('2030-01-01T08:00');
    await page.getByText('The end is before the start.').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.getByLabel('Enqueued until').fill('2030-01-02T08:00');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('No matching calls').waitFor();
    expect(await why.count()).toBe(0);
    await page.getByRole('button', { name: 'Remove the filter Enqueued' }).click();
    await page.getByText('+14155550300').waitFor();
  });
});
