import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCsv, withDoNotCall } from '../packages/console/src/queues/csv-check.ts';
import { type House, openHouse } from './house.ts';

const businessId = 12345;
let house: House;
beforeAll(async () => {
  house = await openHouse({ demo: true });
});
afterAll(() => house[Symbol.asyncDispose]());

const bytes = (text: string) => new TextEncoder().encode(text);

/** The lines that the console announces as refused, and those that the server then refuses. */
async function bothSay(text: string): Promise<{ announced: number[]; refused: number[] }> {
  const { bad, problem, lines, rewritten } = checkCsv(bytes(text), false);
  expect(problem).toBeNull();
  const input = { businessId, NumberId: 'number_1', csv: rewritten ?? bytes(text) };
  const { Rejected } = await house.admin.initiateCall(input);
  return {
    announced: bad.map(({ line }) => line),
    refused: Rejected.map(({ Index }) => lines[Index] ?? 0),
  };
}

describe('the check of rows before they are sent', () => {
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
      [2],
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
    ['a column that is empty', 'phone\n""\n+14155550135\nx\n', [2, 4]],
    [
      'rows that were refused before',
      'Line,Why,RecipientNumber,name\r\n3,"No, bad",+14155550136,Ada\r\n5,Bad,x,Bert\r\n',
      [3],
    ],
  ])('names the rows that the server refuses: %s', async (_name, text, lines) => {
    expect(await bothSay(text)).toEqual({ announced: lines, refused: lines });
  });

  test('stops at what would be sent as other letters than it stands for', () => {
    const latin1 = Buffer.from('RecipientNumber,name\n+14155550120,Jos\u00e9\n', 'latin1');
    expect(checkCsv(latin1, false).problem).toMatch(/not text in UTF-8/);
  });

  test('names what is wrong with a file as a whole', () => {
    const texts = ['', 'id\n1\n', 'RecipientNumber\n', 'RecipientNumber,a,a\n+1,2,3\n'];
    expect(texts.map((text) => checkCsv(bytes(text), false).problem)).toEqual([
      'The file is empty.',
      'Choose the column that holds the phone numbers.',
      'There are no rows below the line with the column names.',
      'The column a appears twice.',
    ]);
  });

  test('sends what is written in another way as the server takes it', () => {
    const sent = (text: string, chosen: string | null = null) => {
      const { rewritten } = checkCsv(bytes(text), false, chosen);
      return rewritten && new TextDecoder().decode(rewritten);
    };
    expect(sent('RecipientNumber,name\n+14155550137,x\n')).toBeNull();
    const plain = 'RecipientNumber,name\r\n+14155550137,"a, b"\r\n';
    expect(sent('RecipientNumber;name\n+14155550137;a, b\n')).toBe(plain);
    expect(sent('recipientnumber,name\n+14155550137,"a, b"\n')).toBe(plain);
    expect(sent('whom,name\n+14155550137,"a, b"\n', 'whom')).toBe(plain);
    expect(sent('Line,Why,Mobile,name\n2,bad,+14155550137,"a, b"\n')).toBe(plain);
  });

  test('names the rows whose number is not to be called', () => {
    const check = checkCsv(bytes('phone\n+14155550138\nx\n+1 415 555 0139\n'), false);
    const { bad } = withDoNotCall(check, new Set(['+14155550139']));
    expect(bad.map(({ line, why }) => [line, why])).toEqual([
      [3, 'Not a valid phone number.'],
      [4, 'The number is on the do-not-call list.'],
    ]);
  });
});
