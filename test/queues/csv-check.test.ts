import type { CountryCode } from '@colloquy/phone-numbers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCsv, withDoNotCall } from '../../packages/console/src/queues/enqueue/csv-check.ts';
import {
  checkNumbers,
  NO_COLUMN,
} from '../../packages/console/src/settings/do-not-call/number-check.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const businessId = 12345;
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ demo: true });
});
afterAll(() => server[Symbol.asyncDispose]());

const bytes = (text: string) => new TextEncoder().encode(text);

/** The lines that the console reports as bad, and those that the server then refuses. */
async function compareChecks(text: string): Promise<{ announced: number[]; refused: number[] }> {
  const { bad, problem, lines, rewritten } = await checkCsv(bytes(text), null);
  expect(problem).toBeNull();
  const input = { businessId, NumberId: 'number_1', csv: rewritten ?? bytes(text) };
  const { Rejected } = await server.admin.initiateCall(input);
  return {
    announced: bad.map(({ line }) => line),
    refused: Rejected.map(({ Index }) => lines[Index] ?? 0),
  };
}

describe("the console's check of CSV rows", () => {
  test.each([
    ['values that are missing', 'RecipientNumber,name\n+14155550101,Ada\n+14155550102\n', [3]],
    ['no country', 'RecipientNumber\n+14155550103\n4155550104\n', [3]],
    ['a number twice', 'RecipientNumber\n+14155550105\n+1 (415) 555-0105\n+14155550106\n', [3]],
    ['a stray quote', 'RecipientNumber,name\n+14155550107,the 6" one\nx,y\n+14155550108,z\n', [3]],
    [
      'values over several lines, and empty lines',
      'RecipientNumber,note\n\n+14155550109,"one\ntwo\nthree"\n\nx,"a\nb"\n+14155550110,c\ny,d\n',
      [7, 10],
    ],
    ['a space before a quote', 'RecipientNumber,note\n+14155550111, "a, b"\n+14155550112,c\n', [2]],
    [
      'a byte order mark and spaces',
      '\uFEFFRecipientNumber , name\n +14155550113,x\n+14155550116 , y\n',
      [],
    ],
    [
      'a row too long',
      `RecipientNumber,x\n+14155550114,${'x'.repeat(70_000)}\n+14155550115,y\n`,
      [2],
    ],
    [
      'semicolons, as spreadsheets of many countries write them',
      'RecipientNumber;note\n\n+14155550131;"a;b, c"\n4155550132;d\n+14155550133\n',
      [4, 5],
    ],
    ['tabs, and another name', 'Phone number\tnote\n+14155550134\tx\nx\ty\n', [3]],
    ['a column that is empty', 'phone\n""\n+14155550135\nx\n', [4]],
    ['unnamed columns', 'phone,,\n+14155550141,,\n+14155550142,,x\n', [3]],
    [
      'keys of a recipient',
      'phone,TimeZone,Metadata\n+14155550143,Europe/Berlin,{}\n+14155550144,Mars,\n+14155550145,,[]\n',
      [3, 4],
    ],
    ['mixed line endings', 'phone\n+14155550146\r\nx\r"+14155550147"\r\ny\n', [3, 5]],
    ['quoted line endings', 'phone,note\r\n+14155550148,"a\r\nb"\r\nx,c\r\n', [4]],
    [
      'numbers alone',
      '+14155550152\n+14155550153,\nx\n+1 415 555 0152\n+14155550154,y\n',
      [3, 4, 5],
    ],
    ['numbers with decimals', 'Phone\n+493023125001.0\n4.93E+11\n+14155550155\n', [2, 3]],
    [
      'rows that were refused before',
      'Line,Why,RecipientNumber,name\r\n3,"No, bad",+14155550136,Ada\r\n5,Bad,x,Bert\r\n',
      [3],
    ],
  ])('the console reports the rows that the server refuses for %s', async (_name, text, lines) => {
    expect(await compareChecks(text)).toEqual({ announced: lines, refused: lines });
  });

  test('the console refuses a file with characters of another encoding', async () => {
    const latin1 = Buffer.from('RecipientNumber,name\n+14155550120,Jos\u00e9\n', 'latin1');
    expect((await checkCsv(latin1, null)).problem).toBe(
      'Line 2, column 2 is not text in UTF-8. Save the file as "CSV UTF-8" and send it again.',
    );
  });

  test('the console names an unnamed column with a value by its position', async () => {
    const { bad } = await checkCsv(bytes('phone;name;;\n+14155550151;x;;note\n'), null);
    expect(bad).toEqual([
      {
        line: 2,
        text: '+14155550151, x, , note',
        why: 'Column 4 has no name, but has a value here; name it in the first line, or remove the value.',
      },
    ]);
  });

  test('the console reports problems of a whole file', async () => {
    const two = 'Phone,Mobile\n+14155550101,+14155550102\n';
    const texts = ['', 'id\n1\n', two, 'RecipientNumber\n', 'RecipientNumber,a,a\n+1,2,3\n'];
    const checks = await Promise.all(texts.map((text) => checkCsv(bytes(text), null)));
    expect(checks.map(({ problem }) => problem)).toEqual([
      'The file is empty.',
      'Choose the column that holds the phone numbers.',
      'Choose the column that holds the phone numbers.',
      'There are no rows below the line with the column names.',
      'Line 1 names columns 2 and 3 alike: "a"; rename or remove one of them.',
    ]);
  });

  test('the console rewrites a file for the server only if its columns have other names', async () => {
    const sent = async (text: string, chosen: string | null = null) => {
      const { rewritten } = await checkCsv(bytes(text), null, chosen);
      return rewritten && new TextDecoder().decode(rewritten);
    };
    expect(await sent('RecipientNumber,name\n+14155550137,x\n')).toBeNull();
    expect(await sent('sep=;\nrecipient number;name\n+14155550137;x\n')).toBeNull();
    const plain = 'RecipientNumber,name\r\n+14155550137,"a, b"\r\n';
    expect(await sent('Phone;name\n+14155550137;a, b\n')).toBe(plain);
    expect(await sent('whom,name\n+14155550137,"a, b"\n', 'whom')).toBe(plain);
    expect(await sent('Line,Why,Mobile,name\n2,bad,+14155550137,"a, b"\n')).toBe(plain);
  });

  test('the console reports the rows whose number is on the do-not-call list', async () => {
    const check = await checkCsv(bytes('phone\n+14155550138\nx\n+1 415 555 0139\n'), null);
    const { bad } = withDoNotCall(check, new Set(['+14155550139']), null);
    expect(bad.map(({ line, why }) => [line, why])).toEqual([
      [3, expect.stringMatching(/^This is not a phone number/)],
      [4, 'The number is on the do-not-call list.'],
    ]);
  });
});

describe("the console's check of do-not-call numbers", () => {
  const check = (text: string, column: number | null = null, country: CountryCode | null = null) =>
    checkNumbers({ bytes: bytes(text), country, column });

  test('the console finds the same do-not-call numbers as the server and sends only them', async () => {
    const found = await check('name;phone\nA;+14155550161\nB;4155550162\n;\nC;\n');
    expect(found).toMatchObject({ problem: null, columns: ['name', 'phone'], numberColumns: [1] });
    expect(new TextDecoder().decode(found.csv)).toBe(
      'RecipientNumber\r\n+14155550161\r\n4155550162\r\n',
    );
    expect(found.good).toBe(1);
    expect(found.bad.map(({ line, why }) => [line, why])).toEqual([
      [3, expect.stringMatching(/without its country code/)],
      [5, 'The row has no number in column 2.'],
    ]);
    const { Added, Rejected } = await server.admin.addDoNotCall({ businessId, csv: found.csv });
    expect(Added).toBe(1);
    expect(Rejected.map(({ Index }) => found.numbers[Index]?.line)).toEqual([3]);
  });

  test('the console accepts do-not-call numbers of a country and several per line', async () => {
    const found = await check('4155550163, 4155550164\n4155550165', null, 'US');
    expect(found).toMatchObject({ problem: null, columns: [], good: 3, bad: [] });
  });

  test('the console asks for the column if no name is known, and uses the chosen one', async () => {
    const text = 'who,when\nx,1\n+1,2\n';
    expect(await check(text)).toMatchObject({ problem: NO_COLUMN, columns: ['who', 'when'] });
    expect(await check(text, 0)).toMatchObject({ problem: null, numberColumns: [0], good: 0 });
  });

  test('the console explains how to fix a file that is not CSV', async () => {
    expect((await check('PK\x03\x04')).problem).toMatch(/workbook.*"CSV UTF-8"/);
  });
});
