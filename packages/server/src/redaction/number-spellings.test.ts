import { describe, expect, test } from 'vitest';
import { ERASED, spellingsOf } from './number-spellings.ts';

const BERLIN = '+493023125060';

describe('spellings of a number in text', () => {
  const { replace } = spellingsOf(BERLIN);
  test.each([
    '+493023125060',
    '493023125060',
    '00493023125060',
    '00 49 30 23125060',
    '011 49 30 23125060',
    '+49 30 23125060',
    '+ 49 30 231 250 60',
    '+49 30 / 231-250-60',
    '+49.30.23125060',
    '+49-30-2312-5060',
    '+49 (0)30 23125060',
    '+49 (0) 30 / 23 12 50 60',
    '+49 [0] 30 23125060',
    '(+49) 30 23125060',
    '0049 (0)30 23125060',
    '030 23125060',
    '030/23125060',
    '(030) 231 250 60',
    '03023125060',
    '4-9-3-0-2-3-1-2-5-0-6-0',
    '4, 9, 3, 0, 2, 3, 1, 2, 5, 0, 6, 0',
    '["49","30","23125060"]',
    '+٤٩ ٣٠ ٢٣١٢٥٠٦٠',
    '+४९३०२३१२५०६०',
    '＋４９３０２３１２５０６０',
    '+\u{1d7d2}\u{1d7d7}\u{1d7d1}\u{1d7ce}23125060',
    '+49\u200b30\u2060231\u00ad25060',
    '\u202a+4930\u202c23125060',
    '4\ufe0f\u20e39\ufe0f\u20e33023125060',
    '+49\u00a030\u202f23125060',
    '\\u002b493023125060',
    '+\\u0034\\u0039\\u0033\\u003023125060',
    '\\\\u002b49\\u200b3023125060',
    '+49 30\\n23125060',
    '%2B493023125060',
    '%252B49%203023125060',
    '%2B%D9%A4%D9%A93023125060',
    '&#43;49&nbsp;3023125060',
    'plus four nine three zero two three one two five zero six zero',
    'four nine, uh, thirty, twenty-three twelve fifty sixty',
    'oh three oh, two three one two five oh six oh',
  ])('the spelling %s is replaced in text', (spelling) => {
    expect(replace(`call ${spelling}, please`)).toMatch(
      /^call (?:\u202a|\["?)?\[ERASED\](?:"?\])?, please$/,
    );
    expect(replace(replace(spelling))).toBe(replace(spelling));
  });

  test.each([
    ['tel:+493023125060', `tel:${ERASED}`],
    ['<sip:+493023125060@pbx.example;user=phone>', `<sip:${ERASED}@pbx.example;user=phone>`],
    ['{"to":"\\u002b493023125060"}', `{"to":"${ERASED}"}`],
    ['https://x.example/?to=%2B493023125060&n=1', `https://x.example/?to=${ERASED}&n=1`],
    ['call_493023125060_20260101.wav', `call_${ERASED}_20260101.wav`],
    ['+493023125060 10 times', `${ERASED} 10 times`],
    ['+49 30 23125060 10 times', `${ERASED} 10 times`],
    ['+493023125060-20260101.wav', `${ERASED}-20260101.wav`],
    ['tel:30-23125060;phone-context=+49', ERASED],
    ['[4][9][3][0][2][3][1][2][5][0][6][0]', ERASED],
    ['(+49)3023125060', ERASED],
    ['( +49 ) 30 23125060', ERASED],
    ['(0049) 30 23125060', ERASED],
    ['[+49] (30) 23125060', ERASED],
    ['((030) 23125060)', `(${ERASED})`],
    ['(+49 30 23125060)', `(${ERASED})`],
    ['Berlin (030 23125060, Bob)', `Berlin (${ERASED}, Bob)`],
    ['030 (23125060)', ERASED],
    ['+493023125060;ext=12', `${ERASED};ext=12`],
    ['+493023125060.0', `${ERASED}.0`],
    ['03023125060x4', `${ERASED}x4`],
    ['030 23125060ext. 4', `${ERASED}ext. 4`],
    ['030 23125060#12', `${ERASED}#12`],
    ['030 23125060 or +49 30 23125060', `${ERASED} or ${ERASED}`],
    ['+4930111111, 030 23125060', `+4930111111, ${ERASED}`],
    ['ticket 12 493023125060', `ticket 12 ${ERASED}`],
  ])('%s becomes %s after the erasure of a number in it', (text, replaced) => {
    expect(replace(text)).toBe(replaced);
  });
});

describe('other numbers', () => {
  test.each([
    [BERLIN, '+493023125061'],
    [BERLIN, '1493023125060'],
    [BERLIN, '4930231250600'],
    [BERLIN, '+4930231250601'],
    [BERLIN, '+49 30 23125060-12'],
    [BERLIN, '+49 30 2312 506'],
    [BERLIN, '+44 (0)30 23125060'],
    [BERLIN, '0044 (0) 30 23125060'],
    [BERLIN, '+1 302 312 5060'],
    [BERLIN, '(302) 312-5060'],
    [BERLIN, 'A03023125060'],
    [BERLIN, '49 three 0 items, 2312 of 5060 and 1'],
    ['+49301234', '+493012345'],
    ['+49301234', '+49 30 12345'],
    ['+49301234', '+49 30 1234 56'],
    ['+49301234', '+49301234-56'],
    ['+49301234', '1030123.4'],
    ['+49301234', '49301 2345'],
    ['+15551234567', '+49 555 123 4567'],
    ['+15551234567', '555-123-4567-89'],
    ['+4520123456', 'order 120123456'],
    ['+442079460123', '(207) 946-0123'],
    ['+74951234567', '49 51 23 45 67'],
    ['+919876543210', 'AB-9876543210-1'],
    ['+5491123456789', '011 2345-6789'],
  ])('the erasure of %s leaves %j unchanged', (number, text) => {
    expect(spellingsOf(number).replace(text)).toBe(text);
  });
});

describe('national forms', () => {
  test.each([
    ['+15551234567', '(555) 123-4567'],
    ['+15551234567', '1-555-123-4567'],
    ['+15551234567', '555.123.4567'],
    ['+79123456789', '8 (912) 345-67-89'],
    ['+4520123456', '20 12 34 56'],
    ['+390612345678', '06 1234 5678'],
    ['+33612345678', '06 12 34 56 78'],
    ['+61412345678', '0412 345 678'],
    ['+49301234', '030 1234'],
    ['+919876543210', '98765 43210'],
    ['+919876543210', '9876543210'],
    ['+74951234567', '495 123-45-67'],
    ['+74951234567', '(495) 123-45-67'],
    ['+5491123456789', '011 15-2345-6789'],
    ['+5491123456789', '11 15 2345-6789'],
    ['+5491123456789', '+54 11 15 2345-6789'],
    ['+5511987654321', '(11) 98765-4321'],
    ['+8613812345678', '138 1234 5678'],
    ['+447911123456', '7911 123456'],
  ])('the national form of %s is replaced in %j', (number, spelling) => {
    expect(spellingsOf(number).replace(`at ${spelling}.`)).toBe(`at ${ERASED}.`);
  });
});

describe('extensions after a national form', () => {
  test.each([
    ['+14155552671', '415-555-2671', 'x89'],
    ['+14155552671', '(415) 555-2671', 'X89'],
    ['+12127365000', '2127365000', 'x12'],
    ['+12127365000', '2127365000', 'ext. 12'],
    ['+12127365000', '212 736 5000', 'extn12'],
    ['+12127365000', '212.736.5000', 'extension: 12'],
    ['+12127365000', '2127365000', '#12'],
    ['+442079460123', '020 7946 0123', 'x4'],
    ['+442079460123', '02079460123', 'ext.4'],
  ])('the erasure of %s keeps the extension in %s%s', (number, spelling, extension) => {
    const { replace } = spellingsOf(number);
    expect(replace(`Tel.: ${spelling}${extension}, Bob`)).toBe(`Tel.: ${ERASED}${extension}, Bob`);
  });

  test.each(['2127365000xA', '2127365000x12y', '2127365000exterior 12', 'A2127365000x12'])(
    '%s contains no extension and is left unchanged',
    (text) => {
      expect(spellingsOf('+12127365000').replace(text)).toBe(text);
    },
  );
});

test.each([
  ['+12127365000', '(212) 736-5000'],
  ['+12127365000', '1 (212) 736-5000'],
  ['+12127365000', '（212） 736-5000'],
  ['+33142685300', '(+33)142685300'],
  ['+33142685300', '%28%2B33%29142685300'],
])('the brackets around a spelling of %s are replaced with it: %s', (number, spelling) => {
  expect(spellingsOf(number).replace(`at ${spelling}.`)).toBe(`at ${ERASED}.`);
});

test('a number split over array items is replaced in its first item', () => {
  const { replaceAcross } = spellingsOf(BERLIN);
  expect(replaceAcross(['x', '+49', '30', '231', '25060', 'y'])).toEqual([
    'x',
    ERASED,
    '',
    '',
    '',
    'y',
  ]);
  expect(replaceAcross([...'493023125060', '#'])).toEqual([ERASED, ...Array(11).fill(''), '#']);
  expect(replaceAcross(['a', `b ${BERLIN} c`, 'd'])).toEqual(['a', `b ${ERASED} c`, 'd']);
});

test('long texts of digits, numbers and escapes are processed', () => {
  const { replace } = spellingsOf(BERLIN);
  for (const text of [
    '49302312506'.repeat(9_000),
    `${BERLIN} `.repeat(7_000),
    '%2B49'.repeat(20_000),
  ]) {
    expect(replace(text).length).toBeLessThanOrEqual(text.length);
  }
});
