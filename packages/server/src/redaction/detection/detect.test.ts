import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { describe, expect, test } from 'vitest';
import { apart, detect } from './detect.ts';

function mask(text: string, country: string | null = null): string {
  let shown = '';
  let done = 0;
  for (const { start, end, category } of apart(detect(text, country))) {
    shown += `${text.slice(done, start)}[${category}]`;
    done = end;
  }
  return shown + text.slice(done);
}

test.each([
  ['my card is 4111 1111 1111 1111, thanks', 'my card is [CARD], thanks'],
  ['4111-1111-1111-1111 and 5555555555554444', '[CARD] and [CARD]'],
  ['378282246310005 next to it 123', '[CARD] next to it 123'],
  ['4111 1111 1111 1112 is none', '4111 1111 1111 1112 is none'],
  ['order 1000 0000 0000 0008', 'order 1000 0000 0000 0008'],
  ['send it to DE89 3704 0044 0532 0130 00 today', 'send it to [IBAN] today'],
  ['gb82west12345698765432.', '[IBAN].'],
  ['DE89 3704 0044 0532 0130 01 is none', 'DE89 3704 0044 0532 0130 01 is none'],
  ['ada.lovelace+x@mail.example.co.uk!', '[EMAIL]!'],
  ['jörg@müller.de, a@b', '[EMAIL], a@b'],
  ['call +49 151 12345678 or (00)44 20 7946 0958', 'call [PHONE] or [PHONE]'],
  ['4915112345678', '[PHONE]'],
  ['call me at +14155552671. 10 minutes later', 'call me at [PHONE]. 10 minutes later'],
  ['+14155552671 24/7', '[PHONE] 24/7'],
  ['+1 415 555 2671 2 times', '[PHONE] 2 times'],
  ['+1 415 555 2671/2672', '[PHONE]/2672'],
  ['order 12345 14155552671', 'order 12345 [PHONE]'],
  ['+1\u2011415\u2011555\u20112671', '[PHONE]'],
  ['+14155552671 or +4915112345678', '[PHONE] or [PHONE]'],
  ['4111.1111.1111.1111', '[CARD]'],
  ['4111\u00a01111\u00a01111\u00a01111', '[CARD]'],
  ['4111  1111  1111  1111', '[CARD]'],
  ['NO12 DE89 3704 0044 0532 0130 00', 'NO12 [IBAN]'],
  ['at 10:30 on 2026-03-02 for 17 people', 'at 10:30 on 2026-03-02 for 17 people'],
  ['', ''],
])('detect masks %j as %j', (text, expected) => {
  expect(mask(text)).toBe(expected);
});

test('detect finds a valid card between other texts, in ordered spans that do not overlap', () => {
  const before = fc.string({ maxLength: 40 }).map((text) => text.replaceAll(/\d/g, 'x'));
  fc.assert(
    fc.property(before, before, (left, right) => {
      const text = `${left} 4111 1111 1111 1111 ${right}`;
      const found = apart(detect(text));
      expect(found.some(({ category }) => category === 'CARD')).toBe(true);
      for (const [at, { start, end }] of found.entries()) {
        expect(start).toBeLessThan(end);
        expect(start).toBeGreaterThanOrEqual(found[at - 1]?.end ?? 0);
        expect(end).toBeLessThanOrEqual(text.length);
      }
    }),
  );
});

describe('detection of Unicode variants', () => {
  test.each([
    [
      'card \uff14\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 1111 \uff11\uff11\uff11\uff11!',
      'card [CARD]!',
    ],
    ['\uff24\uff25\uff18\uff19 3704 0044 0532 0130 00', '[IBAN]'],
    ['ada\uff20example.com', '[EMAIL]'],
    [
      '\uff41\uff44\uff41\ufe6b\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\uff0e\uff43\uff4f\uff4d',
      '[EMAIL]',
    ],
    ['\uff0b49\u3000151\uff0d12345678', '[PHONE]'],
    [
      '\u0664\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 \u0661\u0661\u0661\u0661',
      '[CARD]',
    ],
    ['+\u0967\u096a\u0967\u096b\u096b\u096b\u096b\u0968\u096c\u096d\u0967 ok', '[PHONE] ok'],
    [
      '\u{1f600} \u{1d7d2}\u{1d7cf}\u{1d7cf}\u{1d7cf} 1111 1111 1111 \u{1f600}',
      '\u{1f600} [CARD] \u{1f600}',
    ],
    ['jo\u0308rg@example.com', '[EMAIL]'],
    ['2\u00b9\u2070 and \u2460', '2\u00b9\u2070 and \u2460'],
  ])('detect masks %j with Unicode variants as %j', (text, expected) => {
    expect(mask(text)).toBe(expected);
  });

  test('detect finds the same spans in ASCII and in full-width characters', () => {
    const wide = (text: string) =>
      text.replaceAll(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0));
    const texts = fc.stringMatching(/^[0-9+@.A-Za-z ()-]{0,60}$/);
    fc.assert(
      fc.property(texts, (text) => {
        expect(detect(wide(text))).toEqual(detect(text));
      }),
    );
  });
});

describe('detection of spoken numbers', () => {
  test.each([
    ['four thousand one hundred eleven, eleven eleven, eleven hundred and eleven, 1111', '[CARD]'],
    ['forty-one hundred eleven, 1111, 1111, one thousand one hundred and eleven', '[CARD]'],
    ['4111 (pause) 1111 [pause] 1111 ... silence ... 1111', '[CARD]'],
    ['4111 underscore 1111 colon 1111 dash 1111', '[CARD]'],
    ['the first is 4111, the second 1111, the third 1111, the last 1111', 'the first is [CARD]'],
    ['delta echo eight nine 3704 0044 0532 0130 00', '[IBAN]'],
    ['DE89 (pause) 3704 0044 0532 0130 00', '[IBAN]'],
    ['DE89 ... uh ... 3704 ... uh ... 0044 0532 0130 00', '[IBAN]'],
    ['plus forty nine thirty (pause) twenty-three twelve fifty oh one', '[PHONE]'],
    ['one eight hundred five five five oh one three two', '[PHONE]'],
    ['ada at the rate example dot com', '[EMAIL]'],
    ['it is ada at g mail dot com', 'it is [EMAIL]'],
    ['a d a at e x a m p l e dot com', '[EMAIL]'],
  ])('detect masks %j with spoken parts as %j', (text, expected) => {
    expect(mask(text)).toBe(expected);
  });

  test.each([
    'four thousand one hundred eleven dollars and eleven cents',
    'Delta flight four one seven, authorizer bravo two',
    'we met at the rate desk, see example dot com',
    'hosted at gmail dot com',
    '(pause) order 4471 (pause) 12 pieces (pause) 30 euros',
  ])('detect leaves %j unchanged', (text) => {
    expect(mask(text)).toBe(text);
  });
});

describe('detection of national numbers', () => {
  test.each([
    ['IN', '98765 43210'],
    ['IN', '9876543210'],
    ['IT', '347 123 4567'],
    ['IT', '06 6982 1234'],
    ['BR', '(11) 91234-5678'],
    ['BR', '(11) 2345-6789'],
    ['MX', '55 1234 5678'],
    ['RU', '(495) 123-45-67'],
    ['CN', '138 0013 8000'],
    ['TR', '532 123 45 67'],
  ])('country %s: %s is masked as a national number', (country, number) => {
    expect(mask(`call ${number}.`, country)).toBe('call [PHONE].');
  });

  test.each([
    ['US', 'We sold 45, 120, 340, 1500 units'],
    ['US', 'We sold 220, 340, 1500 and 240,340,1500 units'],
    ['US', 'stock: 240; 340; 1500 | 250 | 360 | 1700 & 260'],
    ['US', "Total 2'345'678'901 or 2.345.678.901,00 or 12.345.678,00"],
    ['DE', '1.512.345.678,00 EUR, 98, 120, 340, 1500'],
    ['IN', 'Rs 9,87,00,00,000 and 98, 765, 432, 10 pieces'],
    ['ES', 'sold 612, 345, 678 units'],
    ['FR', '12.345.678,00'],
    ['US', '45 / 917 / 340 / 1500'],
    ['US', 'a total of 2.345.678.901'],
  ])('country %s: lists and amounts are not masked in %j', (country, text) => {
    expect(mask(text, country)).toBe(text);
  });

  test.each([
    ['US', 'four one five, five five five, two six seven one', '[PHONE]'],
    ['US', '4, 1, 5, 5, 5, 5, 2, 6, 7, 1', '[PHONE]'],
    ['US', '415, 555, 0141', '[PHONE]'],
    ['US', 'my number is 415, 555, 2671', 'my number is [PHONE]'],
    ['US', 'reach me at 415... 555... 2671', 'reach me at [PHONE]'],
    ['GB', '07700, 900, 762', '[PHONE]'],
    ['FR', '06, 39, 86, 45, 44', '[PHONE]'],
  ])('country %s: %j with commas is masked as %j', (country, text, expected) => {
    expect(mask(text, country)).toBe(expected);
  });

  test.each([
    ['US', '415-555-2671x89', '[PHONE]x89'],
    ['US', '415-555-2671ext5', '[PHONE]ext5'],
    ['US', '(415) 555-2671extn. 12', '[PHONE]extn. 12'],
    ['US', '415-555-2671 extension 12, 415-555-2672#7', '[PHONE] extension 12, [PHONE]#7'],
    ['GB', '020 7946 0123x4', '[PHONE]x4'],
    ['IN', '98765 43210x2', '[PHONE]x2'],
    ['US', '415-555-2671xyz', '415-555-2671xyz'],
    ['US', '415-555-2671x89b', '415-555-2671x89b'],
  ])('country %s: %j with an extension is masked as %j', (country, text, expected) => {
    expect(mask(text, country)).toBe(expected);
  });

  test.each(['IN', 'IT', 'BR', 'MX', 'DE', 'GB', 'US'])(
    'country %s: Unix times are not masked',
    (country) => {
      const text = 'the job ran at 1700000000 and at 1700003600';
      expect(mask(text, country)).toBe(text);
    },
  );
});

test('detect finds all phone numbers that libphonenumber considers valid', () => {
  const code = fc.constantFrom(
    '1',
    '7',
    '33',
    '39',
    '44',
    '49',
    '52',
    '54',
    '55',
    '61',
    '262',
    '800',
  );
  const rest = fc.stringMatching(/^[1-9]\d{5,11}$/);
  const isPhone = (digits: string) => detect(`+${digits}`).some(({ end }) => end > digits.length);
  fc.assert(
    fc.property(code, rest, (head, tail) => {
      const digits = (head + tail).slice(0, 15);
      const isValid = parsePhoneNumberFromString(`+${digits}`, { extract: false })?.isValid();
      if (isValid) expect([digits, isPhone(digits)]).toEqual([digits, true]);
    }),
    { numRuns: 5000 },
  );
});

describe('hostile texts', () => {
  const KIND = [
    ['digits', '1'],
    ['groups of a digit', '4 '],
    ['zeros', '0 '],
    ['country codes', '4 9 '],
    ['at signs', '@'],
    ['domains', `a@${'a.'.repeat(8)}`],
    ['local parts', `${'a'.repeat(64)}@`],
    ['beginnings of accounts', 'DE89 '],
    ['beginnings of long accounts', 'MT84 '],
    ['cards with a wrong check digit', '4111 1111 1111 1112 '],
    ['phone numbers', '+14155552671 '],
    ['brackets', '(((1'],
    ['full-width accounts', '\uff24\uff25\uff18\uff19 '],
    ['number words', 'one '],
    ['words between digits', 'uh 1 '],
    ['thousands', 'one thousand one hundred and '],
    ['letters as words', 'delta 1 '],
    ['spelled domains', 'at a b c d e f g h '],
    ['dots and letters', 'at a . b . c d . '],
    ['spoken addresses', 'a at a.com '],
    ['spoken dots', 'at a dot '],
    ['dates', '1/1/26 '],
    ['amounts', '1,111,111'],
    ['numbers behind a plus', '+1 '],
    ['national numbers', '415 555 0133 '],
    ['lists of numbers', '240, 340, 1500, '],
    ['extensions', '415-555-2671x8 '],
    ['invisible characters', '1\u200b'],
    ['accounts with gaps', 'D,E,8,9,'],
    ['digits in two code units', '\u{1d7d2} '],
  ] as const;
  /** More than one, since each position may begin a match as long as an IBAN. */
  const MAX_STEPS_PER_CHARACTER = 10;

  test.each(KIND)('detect takes a bounded number of steps per character for %s', (_, part) => {
    const stepsOf = (length: number) => {
      const work = { steps: 0 };
      detect(part.repeat(Math.ceil(length / part.length)), 'US', work);
      return work.steps;
    };
    const [short, long] = [stepsOf(50_000), stepsOf(200_000)];
    expect(long).toBeLessThan(200_000 * MAX_STEPS_PER_CHARACTER);
    expect(long).toBeLessThanOrEqual(short * 4 + 1000);
  });
});
