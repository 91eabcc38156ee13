import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { barriersOf, DEMO_BUSINESS, openVisit, type Visit } from './browser.ts';
import { browserPath } from './chromium.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const businessId = DEMO_BUSINESS;
const OUTBOUND = `/b/${DEMO_BUSINESS}/outbound`;
let visit: Visit;

const CSV = [
  'RecipientNumber,name',
  '+14155550100,Ada',
  '0151 2345,Bert',
  '+14155550101,"Chen, the second"',
  '+14155550102',
].join('\n');

describe.skipIf(browserPath() === null)('the queues', () => {
  beforeAll(async () => {
    visit = await openVisit();
  });
  afterAll(() => visit?.[Symbol.asyncDispose]());

  test('take rows of CSV, looked at before they are sent', async () => {
    await using page = await visit.open(OUTBOUND);
    await page.getByRole('button', { name: 'New calls' }).click();
    await page.getByRole('tab', { name: 'Many, from a CSV file' }).click();
    const file = { name: 'calls.csv', mimeType: 'text/csv', buffer: Buffer.from('number\n1\n') };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByText('There is no column RecipientNumber').waitFor();
    await page.locator('input[type=file]').setInputFiles({ ...file, buffer: Buffer.from(CSV) });
    await page.getByText('2 of them will be refused; the others go in.').waitFor();
    const refused = page.getByRole('list', { name: 'Refused rows' });
    expect(await refused.getByRole('listitem').allTextContents()).toEqual([
      'Line 3: The number has no country: begin it with +, or name a country. 0151 2345, Bert',
      'Line 5: It has 1 values for 2 columns. +14155550102',
    ]);
    expect(await barriersOf(page)).toEqual([]);
    await page.getByLabel('Call from').fill('number_1');
    // Half a country is none, and is not sent.
    const country = page.getByLabel('Country');
    await country.fill('D');
    await page.getByText('2 of them will be refused; the others go in.').waitFor();
    await page.getByRole('button', { name: 'Put 2 calls into the queue' }).click();
    expect(await country.evaluate((field) => field.matches(':invalid:focus'))).toBe(true);
    await country.fill('DE');
    await page.getByText('1 of them will be refused; the others go in.').waitFor();
    await country.fill('');
    await page.getByRole('button', { name: 'Put 2 calls into the queue' }).click();
    await page.getByText('2 calls are in the queue.').waitFor();
    // What the server says of them, row by row.
    await refused.getByText('Line 3:').waitFor();
    await refused.getByText('Line 5:').waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Refused rows' }).click();
    expect(await readFile(await (await saving).path(), 'utf8')).toMatch(
      /^Line,Why,RecipientNumber,name\r\n3,.*,0151 2345,Bert\r\n5,/,
    );
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('+14155550101').waitFor();
    const { Items } = await visit.admin.getOutboundQueues({
      businessId,
      Filter: { RecipientNumbers: ['+14155550101'] },
    });
    expect(Items[0]?.DynamicVariables).toEqual({ name: 'Chen, the second' });
  });

  test('take one call, tell what it waits for, and let it go', async () => {
    await using page = await visit.open(OUTBOUND);
    await page.getByRole('button', { name: 'New calls' }).click();
    await page.getByLabel('Number to call').fill('0151 2345');
    await page.getByLabel('Call from').fill('number_1');
    await page.getByText('The number has no country').waitFor();
    await page.getByLabel('Number to call').fill('+14155550177');
    await page.getByLabel('Not before').fill('2030-01-01T09:00');
    await page.getByLabel('Not after').fill('2030-01-01T08:00');
    await page.getByRole('button', { name: 'Put into the queue' }).click();
    await page.getByText('This is before the call is due.').waitFor();
    await page.getByLabel('Not after').fill('2030-01-02T09:00');
    await page.getByRole('button', { name: 'Add a variable' }).click();
    await page.getByLabel('Name of the variable').fill('order');
    await page.getByLabel('Value of the variable').fill('17');
    await page.getByRole('button', { name: 'Put into the queue' }).click();
    await page.getByRole('heading', { name: '+14155550177' }).waitFor();
    await page.getByText('Scheduled for later').waitFor();
    await page.getByText('Enqueued', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Reschedule' }).click();
    await page.getByLabel('Not before').fill('');
    await page.getByRole('dialog').getByRole('button', { name: 'Reschedule' }).click();
    await page.getByText('Due: waits for a worker').waitFor();
    await page.getByRole('button', { name: 'Cancel call' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel call' }).click();
    await page.getByText('Canceled', { exact: true }).first().waitFor();
  });

  test('have campaigns, which are paused and simulated', async () => {
    await using page = await visit.open(`/b/${DEMO_BUSINESS}/campaigns`);
    await page.getByRole('button', { name: 'New campaign' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Check-up');
    await page.getByLabel('Id', { exact: true }).fill('check-up');
    await page.getByLabel('Calls at once').fill('2');
    await page.getByRole('button', { name: 'Save campaign' }).click();
    await page.getByRole('heading', { name: 'Check-up' }).waitFor();
    const Recipients = Array.from({ length: 12 }, (_, index) => ({
      RecipientNumber: `+141555503${String(index).padStart(2, '0')}`,
    }));
    await visit.admin.initiateCall({
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
    await page.getByText('12 that would not be made').click();
    await page.getByText('The campaign is paused').first().waitFor();
    await page.getByRole('link', { name: '12 Queued' }).click();
    await page.getByText('Campaign: check-up').waitFor();
    expect(new URL(page.url()).search).toBe('?campaign=check-up&status=Queued');
    const why = page.getByRole('region', { name: 'Why calls wait' });
    await why.getByText('12 in a paused campaign').waitFor();
    // What narrows the list, from the address and back into it.
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    expect(await page.getByLabel('Campaign', { exact: true }).inputValue()).toBe('check-up');
    await page.getByLabel('Enqueued from').fill('2030-01-01T09:00');
    await page.getByLabel('Enqueued until').fill('2030-01-01T08:00');
    await page.getByText('This is before the other one.').waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await page.getByLabel('Enqueued until').fill('2030-01-02T08:00');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('No call is like that').waitFor();
    expect(await why.count()).toBe(0);
    await page.getByRole('button', { name: 'Remove the filter Enqueued' }).click();
    await page.getByText('+14155550300').waitFor();
  });
});
