import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCsv } from '../packages/console/src/queues/csv-check.ts';
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
  const { bad, problem } = checkCsv(bytes(text), false);
  expect(problem).toBeNull();
  const input = { businessId, NumberId: 'number_1', csv: bytes(text) };
  const { Rejected } = await house.admin.initiateCall(input);
  return {
    announced: bad.map(({ line }) => line),
    refused: Rejected.map(({ Line }) => Line ?? 0),
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
  ])('names the rows that the server refuses: %s', async (_name, text, lines) => {
    expect(await bothSay(text)).toEqual({ announced: lines, refused: lines });
  });

  test('stops at what would be sent as other letters than it stands for', () => {
    const latin1 = Buffer.from('RecipientNumber,name\n+14155550120,Jos\u00e9\n', 'latin1');
    expect(checkCsv(latin1, false).problem).toMatch(/not text in UTF-8/);
  });

  test('names what is wrong with a file as a whole', () => {
    const problems = ['', 'number\n1\n', 'RecipientNumber\n', 'RecipientNumber,a,a\n+1,2,3\n'];
    expect(problems.map((text) => checkCsv(bytes(text), false).problem)).toEqual([
      expect.stringMatching(/no column RecipientNumber/),
      expect.stringMatching(/no column RecipientNumber/),
      'There are no rows below the line of the columns.',
      'The column a comes twice.',
    ]);
    const alike = ['RecipientNumber;name\n', 'RecipientNumber\tname\n', 'recipientnumber,name\n'];
    expect(alike.map((text) => checkCsv(bytes(`${text}+14155550130,x\n`), false).problem)).toEqual([
      expect.stringMatching(/parted by semicolons/),
      expect.stringMatching(/parted by tabs/),
      expect.stringMatching(/recipientnumber is another one/),
    ]);
  });
});
