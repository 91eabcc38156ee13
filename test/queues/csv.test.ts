import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CsvReading,
  cellsOf,
  readCsv,
  readNumbers,
  writeCsv,
} from '../../packages/csv/src/index.ts';

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The rows of a file as `line: values`; reading it whole and byte by byte must give the same. */
async function rowsOf(file: string | Uint8Array, options: CsvReading = {}): Promise<string[]> {
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file;
  const read = async (size: number) => {
    try {
      const rows = await Array.fromAsync(readCsv(inChunks(bytes, size), options));
      return rows.map(({ line, values }) => `${line}: ${values.join('|')}`);
    } catch (error) {
      return [`${error}`];
    }
  };
  const whole = await read(bytes.length || 1);
  expect(await read(1)).toEqual(whole);
  return whole;
}

const utf16 = (text: string, isBig = false) => {
  const bytes = Buffer.from(text, 'utf16le');
  return new Uint8Array(isBig ? bytes.swap16() : bytes);
};

describe('readCsv', () => {
  test.each([
    ['commas', 'a,b\n1,2\n', ['1: a|b', '2: 1|2']],
    ['semicolons', 'a;b\r\n1;2,5\r\n', ['1: a|b', '2: 1|2,5']],
    ['tabs', 'a\tb\n1\t"x\ty"\n', ['1: a|b', '2: 1|x\ty']],
    ['vertical bars', 'a|b\n1|2\n', ['1: a|b', '2: 1|2']],
    ['a sep= line', 'sep=;\r\na;b\r\n1;2\r\n', ['2: a|b', '3: 1|2']],
    ['a quoted sep= line with a tab', '"sep=\t"\na\tb\n', ['2: a|b']],
    ['a sep= line of another program', 'SEP=^,,\na^b,c\n', ['2: a|b,c']],
    [
      'semicolons and more commas in the values',
      'a;b\n1;x, y, z\n2;x, y\n',
      ['1: a|b', '2: 1|x, y, z', '3: 2|x, y'],
    ],
    ['commas within quoted names', '"a, x, y";b\n1;2\n', ['1: a, x, y|b', '2: 1|2']],
    [
      'LF, CRLF and CR mixed',
      'a\n1\r\n"2"\r3\n"4"\r\n5',
      ['1: a', '2: 1', '3: 2', '4: 3', '5: 4', '6: 5'],
    ],
    [
      'empty rows and rows of separators',
      '\n,,\na,b,\n , ,\n\n1,2,\n"",""\n',
      ['3: a|b|', '6: 1|2|'],
    ],
    [
      'rows of another separator, without a width or of empty texts',
      'a,b\n;;\n1,2\n\t\t\n\u200b,\u2060\n="",=""\n|\n',
      ['1: a|b', '3: 1|2'],
    ],
    [
      'values over several lines',
      'a,b\r\n1,"x\r\ny\r\nz"\r\n2,"x\ny"\n3,"x\ry"\r4,z',
      ['1: a|b', '2: 1|x\r\ny\r\nz', '5: 2|x\ny', '7: 3|x\ry', '9: 4|z'],
    ],
    ['a byte order mark', '\ufeffa,b\n1,2\n', ['1: a|b', '2: 1|2']],
    ['byte order marks of files put together', '\ufeffa\n1\n\ufeff2\n', ['1: a', '2: 1', '3: 2']],
    ['a final Ctrl-Z', 'a,b\r\n1,2\r\n\x1a', ['1: a|b', '2: 1|2']],
    ['a final Ctrl-Z on the last row', 'a,b\r\n1,2\x1a', ['1: a|b', '2: 1|2']],
    ['values that are kept as text', 'a,b\n="001","=""002"""\n', ['1: a|b', '2: 001|002']],
    ['nothing', '', []],
  ])('readCsv reads a file with %s', async (_what, text, rows) => {
    expect(await rowsOf(text)).toEqual(rows);
    if (text === '') return;
    expect(await rowsOf(utf16(text.replace(/^(?!\ufeff)/, '\ufeff')))).toEqual(rows);
  });

  test.each([
    ['little endian', false],
    ['big endian', true],
  ])('readCsv reads UTF-16 %s with and without a byte order mark', async (_order, isBig) => {
    const text = 'name\tnumber\r\nJörg 😀\t+1415\r\n';
    const rows = ['1: name|number', '2: Jörg 😀|+1415'];
    expect(await rowsOf(utf16(text, isBig))).toEqual(rows);
    expect(await rowsOf(utf16(`\ufeff${text}`, isBig))).toEqual(rows);
  });

  test('readCsv reads UTF-16 without a byte order mark if its charset is given', async () => {
    const japanese = utf16('名前,電話\n東京,1\n', true);
    expect(await rowsOf(japanese, { charset: 'utf-16be' })).toEqual(['1: 名前|電話', '2: 東京|1']);
  });

  test('readCsv chooses the separator that yields a known name', async () => {
    const isKnown = (name: string) => name === 'phone';
    expect(await rowsOf('phone;x, y, z\n1;2\n', { isKnown })).toEqual([
      '1: phone|x, y, z',
      '2: 1|2',
    ]);
    // Each row has two values with either separator.
    expect(
      await rowsOf('phone;Name, Vorname\n+491;Müller, Hans\n+492;Doe, Jane\n', { isKnown }),
    ).toEqual(['1: phone|Name, Vorname', '2: +491|Müller, Hans', '3: +492|Doe, Jane']);
  });

  test.each([
    ['a workbook', Buffer.from('PK\x03\x04....'), /workbook \(such as \.xlsx.*"CSV UTF-8"/],
    ['an old workbook', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), /\(\.xls\).*"CSV UTF-8"/],
    ['a PDF', Buffer.from('%PDF-1.7'), /PDF/],
    ['HTML', Buffer.from('\n<!DOCTYPE html><html>'), /HTML/],
    ['a gzip archive', Buffer.from([0x1f, 0x8b, 8]), /gzip/],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), /UTF-32/],
    [
      'Latin-1',
      Buffer.from('n;m\n1;Ada\n2;Jos\xe9\n', 'latin1'),
      /Line 3, column 2 is not text in UTF-8\. Save the file as "CSV UTF-8"/,
    ],
    ['Latin-1 within quotes', Buffer.from('n,m\n1,"\xe9"\n', 'latin1'), /Line 2, column 2 /],
    ['a character that is cut off', Buffer.from('n,m\n1,\xc3', 'latin1'), /Line 2, column 2 /],
    [
      'an open quote',
      Buffer.from('n,m\r\n1,"a\r\nb"\r\n2,"x\r\n3,y\r\n'),
      /Line 4, column 2 begins with a quotation mark that is never closed/,
    ],
    [
      'an endless value',
      Buffer.from(`n\n1\n"${'x\n'.repeat(600_000)}`),
      /line 3 has more than 1 MiB/,
    ],
  ])('readCsv refuses %s with the place and the fix', async (_what, bytes, message) => {
    const read = Array.fromAsync(readCsv(inChunks(bytes, 60_000)));
    await expect(read).rejects.toThrow(message);
  });

  test('readCsv returns all values and lines for any dialect, encoding and chunk size', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'aé😀"\'+, ;|\t\r\n') });
    const filled = text.map((value) => `x${value}`);
    const row = fc.tuple(filled, text, text);
    const file = fc.record({
      rows: fc.array(row, { maxLength: 20 }),
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      endings: fc.infiniteStream(fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\n,;\r\n')),
      encode: fc.constantFrom(
        (it: string) => new TextEncoder().encode(it),
        (it: string) => utf16(it),
        (it: string) => utf16(`\ufeff${it}`, true),
      ),
      size: fc.integer({ min: 1, max: 99 }),
    });
    await fc.assert(
      fc.asyncProperty(file, async ({ rows, delimiter, endings, encode, size }) => {
        const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
        let content = '';
        const expected: { line: number; values: string[] }[] = [];
        for (const values of [['name', 'b', 'c'], ...rows]) {
          expected.push({ line: content.split(/\r\n?|\n/).length, values });
          const { value: ending } = endings.next();
          content += `${values.map(quoted).join(delimiter)}${ending?.replace(/[,;]+/, delimiter)}`;
        }
        const bytes = encode(content.replace('"name"', 'name'));
        expect(await Array.fromAsync(readCsv(inChunks(bytes, size)))).toEqual(expected);
      }),
      { seed: 20_240_115, numRuns: 300 },
    );
  });

  test('readCsv reads what writeCsv writes', async () => {
    const rows = [
      ['a', 'b'],
      ['', 'x"y'],
      ['1,2', 'p\r\nq'],
      ['', ''],
    ];
    expect(await rowsOf(writeCsv([['a'], [''], ['b']]))).toEqual(['1: a', '3: b']);
    expect(await rowsOf(writeCsv(rows))).toEqual(['1: a|b', '2: |x"y', '3: 1,2|p\r\nq']);
  });
});

describe('readNumbers', () => {
  const isNumber = (text: string) => /^'?\+\d{5,}$/.test(text.trim());
  const numbersOf = async (text: string) => {
    const rows = readCsv(inChunks(new TextEncoder().encode(text), 7));
    const cells = await Array.fromAsync(readNumbers(rows, isNumber));
    return cells.map(
      ({ index, line, text: number, fault }) => `${index}@${line}: ${fault ?? number}`,
    );
  };
  test.each([
    ['one on a line', '+10001\nx\n+10002\n', ['0@1: +10001', '1@2: x', '2@3: +10002']],
    ['several on a line', '+10001,+10002\n+10003\n', ['0@1: +10001', '0@1: +10002', '1@2: +10003']],
    ['columns with a name', 'phone,added\n+10001,2026\n12,2026\n', ['0@2: +10001', '1@3: 12']],
    [
      'two columns of phones',
      'name;Phone;Mobile\nA;+10001;\nB;;+10002\nC;;\n',
      ['0@2: +10001', '1@3: +10002', '2@4: The row has no number in column 2 or column 3.'],
    ],
    [
      'a phone column next to a column of other numbers',
      'Number,Phone\n1,+10001\n',
      ['0@2: +10001'],
    ],
    ['a customer number', 'Customer number,Who\n1,+10001\n', ['0@2: +10001']],
    ['a name in another language', 'Name;Téléphone\nA;+10001\n', ['0@2: +10001']],
    ['names that say nothing', 'id,who\n1,+10001\n2,bad\n', ['0@2: +10001', '1@3: bad']],
    ['columns without names', '+10001,2026-01-01\nx,2026-01-02\n', ['0@1: +10001', '1@2: x']],
    [
      'spaces and apostrophes',
      "'+10001, +10002\n +10003 ,'12\n",
      ["0@1: '+10001", '0@1: +10002', '1@2: +10003', "1@2: '12"],
    ],
    [
      'one on the first line and several below',
      '+10001\n+10002,+10003,x\n',
      ['0@1: +10001', '1@2: +10002', '1@2: +10003', '1@2: x'],
    ],
    ['a bad number first', '0151\n+10001\n', ['0@1: 0151', '1@2: +10001']],
    ['bad numbers alone', '0151\n0152\n', ['0@1: 0151', '1@2: 0152']],
    [
      'more values than columns',
      'name,phone,fax\nSmith, John,+10001,+10002\n',
      [expect.stringMatching(/^0@2: The row has 4 values for 3 columns/)],
    ],
    ['an unnamed column', 'phone,,\n+10001,,\n', ['0@2: +10001']],
  ])('readNumbers finds the numbers in a file with %s', async (_what, text, cells) => {
    expect(await numbersOf(text)).toEqual(cells);
  });

  test('readNumbers reports a missing number in each row if the column is unknown', async () => {
    const fault =
      'No column holds phone numbers: line 1 has "a", "b"; name the column with the numbers RecipientNumber.';
    const rows = Array.from({ length: 60 }, (_, at) => `${at},2`);
    const cells = await numbersOf(`a,b\n${rows.join('\n')}\n`);
    expect(cells).toHaveLength(61);
    expect([cells[0], cells[60]]).toEqual([`0@1: ${fault}`, `60@61: ${fault}`]);
  });

  test('cellsOf keeps the index of its row', () => {
    const row = { line: 4, values: ['a', '+10001', ''] };
    const layout = { header: { line: 1, values: ['n', 'phone'] }, columns: [1], isBare: false };
    expect(cellsOf(row, layout, 2)).toEqual([{ index: 2, line: 4, text: '+10001', fault: null }]);
  });
});
