import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  beginsWithExtension,
  type CountryCode,
  quoteText,
  readNumberStart,
  readPhoneNumber,
  toE164,
} from './index.ts';

const read = (text: string, country: CountryCode | null = null) => {
  const reading = readPhoneNumber(text, country);
  return 'e164' in reading ? reading.e164 : reading.problem;
};

const SPELLINGS: readonly string[] = [
  ...['+493023125060', '+49 30 23125060', ' +493023125060', '\t+49 30\u00a023125060\r\n'],
  ...['\u00a0+493023125060', '\u3000+49\u202f30\u200923125060', '\ufeff+493023125060'],
  ...['+49\u200b30\u200d23125060', '\u202d+493023125060\u202c', '\u2068+493023125060\u2069'],
  ...[
    '\u200e+49\u00ad3023125060\u2060',
    '+49\ufe0f30\u{e0101}23125060',
    '+4\u034f93023125060\u0085',
  ],
  ...[
    '(+49) 30 23125060',
    '[+49] 30 23125060',
    '((+49)30) 23125060',
    '（＋４９）３０ ２３１２５０６０',
  ],
  ...['+٤٩٣٠٢٣١٢٥٠٦٠', '+۴۹۳۰۲۳۱۲۵۰۶۰', '+४९३०२३१२५०६०', '+\u{1d7d2}\u{1d7d7}3023125060'],
  ...[
    '+4\ufe0f\u20e39\ufe0f\u20e33023125060',
    '+49 (0)30 23125060',
    '+49.30.23125060',
    '+49–30—2312−5060',
  ],
  ...['00493023125060', '(0049) 30 / 23125060', '00 49 30 23125060', '٠٠٤٩٣٠٢٣١٢٥٠٦٠'],
  ...['tel:+493023125060', 'TEL:+49-30-23125060', 'tel:00493023125060', ' tel: +49 30 23125060'],
  ...[
    'tel:+493023125060;ext=1',
    'tel:+493023125060;phone-context=example.com',
    'tel://+493023125060',
  ],
  ...['tel:30-23125060;phone-context=+49', 'tel:%2B493023125060', '<tel:+493023125060>'],
  ...['sip:+493023125060@carrier.example', 'sips:+493023125060@carrier.example:5061'],
  ...['<sip:+493023125060@carrier.example>', 'sip:%2B493023125060@10.0.0.1;user=phone?x=y'],
  ...[
    '"Ada \\" L" <sip:+493023125060@c.example;user=phone>;tag=a1',
    'Ada <sip:+493023125060@c.example>',
  ],
  ...['sip:+493023125060;ext=1@carrier.example;transport=tls', 'sip:+49-30-23125060:secret@host'],
  ...['"+1 415 555 0136" <sip:+493023125060@c.example>', '+493023125060@carrier.example'],
  ...['"+493023125060"', "'+493023125060", '\u2019+49 30 23125060', '"tel:+493023125060"'],
  ...['+493023125060;ext=1', '+49 30 23125060 ext. 1', '+493023125060x1', '+49 30 23125060 #1'],
];

test.each(SPELLINGS)('%j is read as +493023125060 with any default country', (text) => {
  expect(read(text)).toBe('+493023125060');
  expect(read(text, 'US')).toBe('+493023125060');
  expect(read(text, 'AU')).toBe('+493023125060');
});

test.each([
  ['030 23125060', 'DE', '+493023125060'],
  ['030.23125060', 'DE', '+493023125060'],
  ['(030) 23125060', 'DE', '+493023125060'],
  ['٠٣٠ ٢٣١٢٥٠٦٠', 'DE', '+493023125060'],
  ['06 12345678', 'IT', '+390612345678'],
  ['415-555.0000', 'US', '+14155550000'],
  ['(501) 623-6848', 'US', '+15016236848'],
  ['(+501) 623-6848', 'US', '+5016236848'],
  ['tel:623-6848;phone-context=+501', 'US', '+5016236848'],
  ['00501 623 6848', 'US', '+5016236848'],
  ['011 49 30 23125060', 'US', '+493023125060'],
  ['0011 49 30 23125060', 'AU', '+493023125060'],
  ['0057 310 123 4567', 'CO', '+573101234567'],
  ['0041 44 668 18 00', 'BR', '+41446681800'],
] as const)('%j is read with the country %s as %s', (text, country, e164) => {
  expect(read(text, country)).toBe(e164);
});

test.each([
  ['float', ['+493023125001.0', '+493023125001,0', '+493023125001.00', '493023125001.0000']],
  [
    'float',
    [' +493023125001.0 ', '+493023125001\u200b.0', '+٤٩٣٠٢٣١٢٥٠٠١٫٠', '(+49) 30 23125001.0'],
  ],
  [
    'float',
    ['493,023,125,001.00', '493.023.125.001,00', '493 023 125 001,00', 'tel:+493023125001.0'],
  ],
  ['float', ['(+493023125001.0)', '[493023125001.0]', '+493023125001.0.', '+493023125001\u00b70']],
  ['float', ['493.023.125.001.0', '+493023125001.5', '493023125001,25', '"+493023125001.0"']],
  ['float', ['+493023125001.0.0', '+493023125001,0.0', '3912345678.00.00.0']],
  ['float', ['tel:(+493023125001.0)', '+493023125001.0;ext=2', "'493023125001.00"]],
  ['float', ['3912345678.0', '1713920045.0', '00493023125001.0', 'sip:+493023125001.0@host']],
  [
    'scientific',
    ['4.93023125001E+11', '4,93023E+11', '4.93e11', '+4.93E11', '493E9', '4.93 x 10^11'],
  ],
  ['empty', ['', ' ', '\u200b', '\u00a0\ufeff']],
  [
    'not-a-number',
    ['call me', '+1 800 FLOWERS', '++14155550999', '49+3023125060', 'sip:alice@host'],
  ],
  [
    'not-a-number',
    ['sip:493023125060@host', 'sip:00493023125060@host', 'anonymous', 'tel:%zz', '½'],
  ],
  [
    'not-a-number',
    ['"+14155550999" <sip:anonymous@anonymous.invalid>', '+493023125001;030 23125002'],
  ],
  ['impossible', ['+12', '+0123456', '+1234567890123456', '+00493023125060']],
] as const)('numbers that are %s are refused: %j', (problem, texts) => {
  for (const text of texts) {
    for (const country of [null, 'DE', 'IT', 'US'] as const) {
      expect([text, read(text, country)]).toEqual([text, problem]);
    }
  }
});

test('a national number without a country is refused', () => {
  expect(read('030 23125060')).toBe('no-country');
  expect(read('493023125060')).toBe('no-country');
});

test('digits that would give a different number at each reading are refused', () => {
  expect(read('0005550', 'AU')).toBe('impossible');
});

test('an extension is reported and is not part of the number', () => {
  expect(readPhoneNumber('+14155550136;ext=5', null)).toEqual({
    e164: '+14155550136',
    hasExtension: true,
  });
  expect(readPhoneNumber('tel:+14155550136;isub=5', null)).toMatchObject({ hasExtension: false });
});

const digitsIn = (text: string) => text.replaceAll(/\D/g, '').length;
const anyCountry = fc.constantFrom<CountryCode | null>(
  ...([
    null,
    'DE',
    'IT',
    'US',
    'AR',
    'MX',
    'BR',
    'AU',
    'RU',
    'CO',
    'GB',
    'KR',
    'HU',
    'SG',
  ] as const),
);

describe('for any text', () => {
  const piece = fc.constantFrom(
    ...['0', '1', '4', '9', '00', '49', '1415', '555', '.', ',', '.0', ' ', '-', '(', ')', '+'],
    ...[
      'e',
      'E+',
      ';ext=',
      ';',
      'tel:',
      'sip:',
      '@',
      '<',
      '>',
      'x',
      '\u200b',
      '٤',
      '/',
      '%2B',
      '"',
    ],
  );
  const text = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));

  test('a number with a plus has only digits of the text', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), anyCountry, (pieces, country) => {
        const given = `+49${pieces.join('')}`;
        const found = toE164(given, country);
        const ascii = given.replaceAll('٤', '4');
        return found === null || digitsIn(found) <= digitsIn(ascii);
      }),
      { numRuns: 5_000 },
    );
  });

  test('a run of digits with a fraction is refused in any context', () => {
    const fraction = fc.tuple(
      fc.constantFrom('', '+', '00', '(', '[', '(+', 'tel:+', '\u200b+', "'+", '"'),
      fc.stringMatching(/^[1-9][0-9]{8,11}$/),
      fc.constantFrom('.', ',', '\u066b', '\uff0e', '\u00b7', '.\u200b', '. ', ' .'),
      fc.stringMatching(/^(?:0{1,6}|[0-9]{1,2})$/),
      fc.constantFrom('', ')', ']', '"', '.', ' ', '\u00a0', ';ext=1', ' x1'),
    );
    fc.assert(
      fc.property(fraction, anyCountry, (pieces, country) => {
        expect(toE164(pieces.join(''), country)).toBe(null);
      }),
      { numRuns: 5_000 },
    );
  });

  test('a number keeps its digits with any separators', () => {
    const digits = fc.stringMatching(/^[0-9]{6,10}$/);
    fc.assert(
      fc.property(
        digits,
        fc.array(fc.constantFrom(' ', '\u00a0', '\u200b', '-', '')),
        (rest, gaps) => {
          const plain = `+4930${rest}`;
          const spaced = [...plain].map((digit, at) => digit + (gaps[at] ?? '')).join('');
          expect(read(spaced)).toBe(read(plain));
        },
      ),
    );
  });

  test('reading never throws, and reading a result again gives the same number', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), anyCountry, (given, country) => {
        const found = toE164(given, country);
        if (found !== null) expect(toE164(found)).toBe(found);
        expect(readNumberStart(given) ?? '+').toMatch(/^\+\d*$/);
      }),
      { numRuns: 5_000 },
    );
  });

  test('a text that is too long is refused', () => {
    expect(read(`+493023125060${' '.repeat(2_000)}`)).toBe('not-a-number');
  });
});

test.each([
  ['+4930', '+4930'],
  ['4930', '+4930'],
  ['0049 30', '+4930'],
  ['(+49) 30', '+4930'],
  ['tel:+49-30', '+4930'],
  ['\u200e+٤٩٣٠', '+4930'],
  ['+1', '+1'],
  ['call', null],
  ['+4930.0', null],
  ['', null],
])('the beginning %j of a number is %j', (text, start) => {
  expect(readNumberStart(text)).toBe(start);
});

test.each([
  ...['x12', 'X 12', 'ext5', 'ext. 5', 'extn:5', 'extension 5, Bob', '#123', 'доб. 4'].map(
    (text) => [text, true] as const,
  ),
  ...['', '12', 'x', 'xA', 'x12y', 'exterior 12', ' x12', 'x1234567890'].map(
    (text) => [text, false] as const,
  ),
])('%j begins with an extension: %s', (text, begins) => {
  expect(beginsWithExtension(text)).toBe(begins);
});

test('messages show invisible characters and name the fix', () => {
  expect(quoteText('a\u200b"\u00a0\u{e0101} b')).toBe('"a\\u200b\\"\\u00a0\\u{e0101} b"');
  expect(quoteText('1'.repeat(70))).toBe(`"${'1'.repeat(64)}…"`);
  expect(readPhoneNumber('\u200b+493023125001.0', null)).toMatchObject({
    message: expect.stringMatching(/^"\\u200b\+493023125001\.0" .*format the column as text/),
  });
});
