import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runHere } from '../../packages/cli/test/run-cli.ts';
import { checkCsv } from '../../packages/console/src/queues/enqueue/csv-check.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
});

const fixturePath = (name: string) => `${import.meta.dirname}/../fixtures/csv/${name}.csv`;
const fixture = (name: string) => readFile(fixturePath(name));
const send = (csv: string | Uint8Array<ArrayBuffer>, more: object = {}) =>
  server.admin.initiateCall({ businessId, NumberId: 'number_1', csv, ...more });
type Sent = Awaited<ReturnType<typeof send>>;
const callsOf = ({ QueueIds }: Sent) =>
  Promise.all(
    QueueIds.filter((id) => id !== null).map((queueId) =>
      server.admin.getOutboundQueue({ businessId, queueId }),
    ),
  );
const variablesOf = async (sent: Sent) =>
  (await callsOf(sent)).map(({ DynamicVariables }) => DynamicVariables);
const rejectedOf = ({ Rejected }: Sent) =>
  Rejected.map(({ Index, Line, Reason }) => [Index, Line, Reason]);

describe('CSV rows of calls', () => {
  test('unnamed empty columns create no variables', async () => {
    const two = await send(await fixture('unnamed-columns'));
    expect(two.Rejected).toEqual([]);
    expect(await variablesOf(two)).toEqual([{ name: 'Bo' }, { name: 'Cy' }]);
    const one = await send(await fixture('unnamed-column'));
    expect(await variablesOf(one)).toEqual([{ name: 'Di' }]);
  });

  test("a row with a value in an unnamed column is rejected with the column's position", async () => {
    const sent = await send('RecipientNumber,name,\n+14155550101,A,\n+14155550102,B,note\n');
    expect(rejectedOf(sent)).toEqual([[1, 3, 'INVALID_ROW']]);
    expect(sent.Rejected[0]?.Message).toMatch(/^Column 3 has no name, but has a value here; /);
    const alone = send('RecipientNumber,\n+14155550103,note\n');
    await expect(alone).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(/^Line 2: Column 2 has no name/),
    });
  });

  test.each(['semicolons', 'tabs', 'sep'])(
    'a file with the dialect %s is read like one with commas',
    async (name) => {
      const sent = await send(await fixture(name));
      expect(sent.Rejected).toEqual([]);
      expect(await variablesOf(sent)).toEqual([{ name: 'Jörg' }]);
    },
  );

  test('a file with mixed line endings is read line by line', async () => {
    const sent = await send(await fixture('mixed-line-endings'));
    expect(rejectedOf(sent)).toEqual([[1, 3, 'INVALID_NUMBER']]);
    expect((await callsOf(sent)).map((call) => call.RecipientNumber)).toEqual([
      '+12125550101',
      '+12125550102',
      '+12125550103',
    ]);
  });

  test('a UTF-16 file is read by its byte order mark or charset', async () => {
    const text = 'RecipientNumber\tname\r\n+14155550110\tJörg\r\n';
    const withMark = Buffer.from(`\ufeff${text}`, 'utf16le');
    expect(await variablesOf(await send(withMark))).toEqual([{ name: 'Jörg' }]);
    const url = `${server.url}/api/v1/business/${businessId}/call/initiate?NumberId=n&CampaignId=c`;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        Authorization: `Token ${ADMIN_KEY}`,
        'Content-Type': 'text/csv; charset=UTF-16BE',
      },
      body: Buffer.from(text, 'utf16le').swap16(),
    });
    expect(response.status).toBe(200);
  });

  test('a row with TimeZone is called within the windows of that zone', async () => {
    server.clock.advance((Date.parse('2026-07-01T18:00:00Z') - server.clock.now()) / 1000);
    const Days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
    const sent = await send(await fixture('time-zones'), {
      TimeZone: 'America/New_York',
      Windows: [{ Days, From: '12:00', To: '17:00' }],
    });
    expect(await variablesOf(sent)).toEqual([{ name: 'Bo' }, { name: 'Kai' }]);
    const { Calls } = await server.admin.leaseOutboundCalls({
      businessId,
      WorkerId: 'w',
      Max: 10,
      LeaseSeconds: 60,
    });
    expect(Calls.map((call) => call.RecipientNumber)).toEqual(['+12125550145']);
    expect((await callsOf(sent))[1]).toMatchObject({ NextAttemptAt: '2026-07-01T22:00:00Z' });
  });

  test('columns set TimeZone, Metadata and JSON variables of each recipient', async () => {
    const rows = [
      'recipient number;Time Zone;METADATA;DynamicVariables;name',
      '+14155550120;;"{""order"":1}";"{""name"":""x"",""tags"":[1]}";Ada',
      '+14155550121;Europe/Berlin;null;;Bo',
      '+14155550122;Mars;;;Cy',
      '+14155550123;+01:00;;;Di',
      '+14155550124;;nonsense;;Ed',
      '+14155550125;;[1];;Fi',
      '+14155550126;;"{""a"":1,""a"":2}";;Gu',
      '+14155550127;;;"{""n"":9007199254740993}";Ha',
    ];
    const sent = await send(rows.join('\n'), {
      Metadata: { source: 'fair', order: 0 },
      DynamicVariables: { product: 'p' },
    });
    expect(
      (await callsOf(sent)).map(({ Metadata, DynamicVariables }) => [Metadata, DynamicVariables]),
    ).toEqual([
      [
        { source: 'fair', order: 1 },
        { product: 'p', name: 'Ada', tags: [1] },
      ],
      [
        { source: 'fair', order: 0 },
        { product: 'p', name: 'Bo' },
      ],
    ]);
    expect(rejectedOf(sent)).toEqual(
      [4, 5, 6, 7, 8, 9].map((line) => [line - 2, line, 'INVALID_ROW']),
    );
    expect(sent.Rejected.map(({ Message }) => Message)).toEqual([
      'TimeZone must be the IANA name of a time zone, such as Europe/Berlin, not "Mars".',
      'TimeZone must be the IANA name of a time zone, such as Europe/Berlin, not "+01:00".',
      'Metadata is not valid JSON.',
      'Metadata must be a JSON object, such as {"source": "fair"}.',
      'Metadata.a occurs twice in its object.',
      expect.stringMatching(/^DynamicVariables\.n is a number/),
    ]);
  });

  test('empty rows are ignored, also with AllOrNothing', async () => {
    const csv =
      'RecipientNumber,name\r\n,\r\n+14155550130,A\r\n\r\n"",""\r\n , \r\n+14155550131,B\r\n,,,\r\n\x1a';
    const sent = await send(csv, { AllOrNothing: true });
    expect(sent.QueueIds).toHaveLength(2);
    expect(sent.Rejected).toEqual([]);
    await expect(send('RecipientNumber,name\n,\n')).rejects.toThrow('The body has no rows.');
  });

  test('a rejected row is named by its line in the file although values have line breaks', async () => {
    const csv = 'RecipientNumber,note\r\n+14155550140,"a\r\nb\r\n"\r\n\r\nx,c\r\n';
    expect(rejectedOf(await send(csv))).toEqual([[1, 6, 'INVALID_NUMBER']]);
  });

  test('numbers with spaces, tabs or brackets before the plus keep their country code', async () => {
    for (const [CampaignId, more] of Object.entries({ none: {}, us: { DefaultCountry: 'US' } })) {
      const sent = await send(await fixture('spaces-and-brackets'), { CampaignId, ...more });
      expect(sent.Rejected).toEqual([]);
      expect((await callsOf(sent)).map((call) => call.RecipientNumber)).toEqual([
        '+14155550136',
        '+14155550137',
        '+442079460958',
        '+493023125001',
      ]);
    }
  });

  test('numbers saved with decimals are rejected by the server and the console', async () => {
    const bytes = await fixture('decimals');
    expect(rejectedOf(await send(bytes))).toEqual([
      [0, 2, 'INVALID_NUMBER'],
      [1, 3, 'INVALID_NUMBER'],
    ]);
    expect((await checkCsv(bytes, null)).bad.map(({ line }) => line)).toEqual([2, 3]);
  });

  test.each([
    'RecipientNumber',
    'recipient_number',
    'Recipient Number',
    'Phone',
    'PHONE NUMBER',
    'phone_number',
    'Mobile',
    'Number',
    'Telefon',
    'Téléphone',
    '電話番号',
    'Номер телефона',
    'Τηλέφωνο',
  ])('the column %s is recognized as the phone number', async (name) => {
    const csv = `id;${name};note\n7;+14155550170;x\n8;nobody;y\n`;
    const sent = await send(csv);
    expect(rejectedOf(sent)).toEqual([[1, 3, 'INVALID_NUMBER']]);
    expect(await callsOf(sent)).toMatchObject([
      { RecipientNumber: '+14155550170', DynamicVariables: { id: '7', note: 'x' } },
    ]);
  });

  test('a column RecipientNumber takes precedence over other names of phone columns', async () => {
    const sent = await send('phone,RecipientNumber\n+14155550171,+14155550172\n');
    expect(await callsOf(sent)).toMatchObject([
      { RecipientNumber: '+14155550172', DynamicVariables: { phone: '+14155550171' } },
    ]);
  });

  test('a file of numbers only needs no header line', async () => {
    const csv = '+1 (415) 555-0173\r\n\r\n415 555 0174,\nnobody\n+14155550175,x\n';
    const sent = await send(csv, { DefaultCountry: 'US' });
    expect(rejectedOf(sent)).toEqual([
      [2, 4, 'INVALID_NUMBER'],
      [3, 5, 'INVALID_ROW'],
    ]);
    expect(await callsOf(sent)).toMatchObject([
      { RecipientNumber: '+14155550173', DynamicVariables: {} },
      { RecipientNumber: '+14155550174', DynamicVariables: {} },
    ]);
    const national = await send('0151\n+14155550176\n');
    expect(rejectedOf(national)).toEqual([[0, 1, 'INVALID_NUMBER']]);
    await expect(send('493023125001.0\n')).rejects.toThrow('is written with decimals');
  });

  test.each([
    [
      'no known column',
      'id,name\n+1,A\n',
      'Line 1 must name the column RecipientNumber, but names "id", "name"; name the column with the phone numbers RecipientNumber.',
    ],
    [
      'two columns of phones',
      'name,Phone,Mobile\nA,+14155550101,+14155550102\n',
      'Line 1 names columns 2 ("Phone") and 3 ("Mobile"), which may both hold the phone numbers; name the one that is to be called RecipientNumber.',
    ],
    [
      'several values and no line of columns',
      '+14155550101,A\n',
      'Line 1 must name the column RecipientNumber, but names "+14155550101", "A"; name the column with the phone numbers RecipientNumber.',
    ],
    [
      'a column twice',
      'RecipientNumber,a,a\n+1,2,3\n',
      'Line 1 names columns 2 and 3 alike: "a"; rename or remove one of them.',
    ],
    [
      'a key twice',
      'RecipientNumber,TimeZone,time zone\n+1,,\n',
      'Line 1 names columns 2 and 3 alike: "TimeZone"; rename or remove one of them.',
    ],
    [
      'bytes that are not text',
      Buffer.from('RecipientNumber;name\n+14155550150;J\xf6rg\n', 'latin1'),
      'Line 2, column 2 is not text in UTF-8. Save the file as "CSV UTF-8" and send it again.',
    ],
    [
      'a NUL character in a name',
      'RecipientNumber,a\0b\n+14155550150,x\n',
      'Line 1, column 2 holds a NUL character. Save the file as "CSV UTF-8" and send it again.',
    ],
    [
      'a workbook',
      Buffer.from('PK\x03\x04'),
      'This is a workbook (such as .xlsx or .ods) or another ZIP archive, not CSV. Save it as "CSV UTF-8" and send it again.',
    ],
  ])('a file with %s is refused with the fix', async (_what, csv, message) => {
    await expect(send(csv)).rejects.toMatchObject({ status: 400, message });
  });

  test.each(['unnamed-columns', 'semicolons', 'tabs', 'sep', 'time-zones'])(
    'API, console and command line read the file %s alike',
    async (name) => {
      const bytes = await fixture(name);
      const { QueueIds } = await send(bytes, { CampaignId: 'api' });
      const check = await checkCsv(bytes, null);
      expect(check.problem).toBeNull();
      expect(check.rows).toHaveLength(QueueIds.length);
      const args = ['--business', String(businessId), '--number', 'n', '--csv', fixturePath(name)];
      const run = await runHere(['initiate-call', ...args], { url: server.url, key: ADMIN_KEY });
      expect(JSON.parse(run.stdout).QueueIds).toHaveLength(QueueIds.length);
    },
  );
});

describe('the do-not-call list', () => {
  const add = (input: object) =>
    server.admin.addDoNotCall({ businessId, ...input } as Parameters<
      TestServer['admin']['addDoNotCall']
    >[0]);
  const listed = async () =>
    (await server.admin.getDoNotCall({ businessId })).Items.map((item) => item.Number);

  test('AddDoNotCall adds the valid numbers and reports the others', async () => {
    const Numbers = ['+14155550149', 'nonsense', '', 'x'.repeat(1_000), '+14155550149'];
    const { Added, Rejected } = await add({ Numbers });
    expect(Added).toBe(1);
    expect(Rejected.map(({ Index, Line, Reason }) => [Index, Line, Reason])).toEqual([
      [1, undefined, 'INVALID_NUMBER'],
      [2, undefined, 'INVALID_NUMBER'],
      [3, undefined, 'INVALID_NUMBER'],
    ]);
    expect(Rejected[0]?.Message).toBe(
      '"nonsense" is not a phone number; write digits, with + and the country code before them.',
    );
    expect(await listed()).toEqual(['+14155550149']);
    expect(await add({ Numbers: ['none'] })).toMatchObject({ Added: 0, Rejected: [{ Index: 0 }] });
  });

  test('AddDoNotCall accepts numbers of a default country', async () => {
    expect(await add({ Numbers: ['4155550150'], DefaultCountry: 'US' })).toEqual({
      Added: 1,
      Rejected: [],
    });
    expect(await add({ csv: '(415) 555-0151\n', DefaultCountry: 'US' })).toMatchObject({
      Added: 1,
    });
    expect(await listed()).toEqual(['+14155550150', '+14155550151']);
    const unknown = add({ Numbers: ['1'], DefaultCountry: 'XX' });
    await expect(unknown).rejects.toMatchObject({ reason: 'INVALID_REQUEST' });
  });

  test('AddDoNotCall accepts a file with a header and other columns', async () => {
    const sent = await add({ csv: await fixture('do-not-call') });
    expect(sent).toEqual({
      Added: 2,
      Rejected: [
        {
          Index: 2,
          Line: 4,
          Reason: 'INVALID_NUMBER',
          Message:
            '"4155550151" is not a possible phone number without its country code; begin it with + and the code, or give DefaultCountry.',
        },
      ],
    });
    expect(await listed()).toEqual(['+14155550149', '+14155550150']);
  });

  test('AddDoNotCall accepts files of numbers only, with unknown columns and in other dialects', async () => {
    expect(await add({ csv: '+14155550160\r\n+14155550161\n\n' })).toMatchObject({ Added: 2 });
    expect(await add({ csv: 'Wer;Wann\n+14155550162;heute\n;\n' })).toMatchObject({ Added: 1 });
    const utf16 = Buffer.from('\ufeffName\tHandy\r\nJörg\t+14155550163\r\n', 'utf16le');
    expect(await add({ csv: utf16 })).toEqual({ Added: 1, Rejected: [] });
    const shifted = await add({ csv: 'name,phone\nSmith, John,+14155550164\n' });
    expect(shifted).toMatchObject({ Added: 0, Rejected: [{ Line: 2, Reason: 'INVALID_ROW' }] });
  });

  test('AddDoNotCall answers 200 if no row has a valid number', async () => {
    expect(await add({ csv: 'none\nbad\n' })).toMatchObject({
      Added: 0,
      Rejected: [
        { Index: 0, Line: 1 },
        { Index: 1, Line: 2 },
      ],
    });
  });

  test('AddDoNotCall answers 200 and rejects all rows if the column of the numbers is unknown', async () => {
    const Message = expect.stringMatching(/^No column holds phone numbers: line 1 has "a", "b"/);
    expect(await add({ csv: 'a,b\nc,d\n' })).toEqual({
      Added: 0,
      Rejected: [
        { Index: 0, Line: 1, Reason: 'INVALID_ROW', Message },
        { Index: 1, Line: 2, Reason: 'INVALID_ROW', Message },
      ],
    });
  });

  test.each([
    ['no rows', '\n,\n', /no rows/],
    ['an old workbook', Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), /\.xls.*Save it as "CSV UTF-8"/],
  ])('AddDoNotCall refuses a file with %s', async (_what, csv, message) => {
    await expect(add({ csv })).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(message),
    });
  });

  test('AddDoNotCall accepts more numbers than one transaction adds', async () => {
    const csv = Array.from({ length: 10_050 }, (_, at) => `+141555${String(at).padStart(5, '0')}`);
    const distinct = new Set(csv).size;
    expect(await add({ csv: csv.join('\n') })).toEqual({ Added: distinct, Rejected: [] });
    expect(await add({ csv: csv.join('\n') })).toEqual({ Added: 0, Rejected: [] });
  });

  test('the command line adds numbers of a file', async () => {
    const args = ['add-do-not-call', '--business', String(businessId), '--default-country', 'US'];
    const run = (more: string[]) =>
      runHere([...args, ...more], { url: server.url, key: ADMIN_KEY });
    const { stdout } = await run(['--csv', fixturePath('do-not-call')]);
    expect(JSON.parse(stdout)).toEqual({ Added: 3, Rejected: [] });
  });
});
