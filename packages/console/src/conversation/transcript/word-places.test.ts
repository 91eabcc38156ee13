import { describe, expect, test } from 'vitest';
import { findRanges, fold } from './folded-text.ts';
import { splitByWords } from './word-places.ts';

const spokenIn = (content: string, words: string) => {
  const spoken = words.split(' ');
  const pieces = splitByWords(content, spoken);
  expect(pieces.map(({ text }) => text).join('')).toBe(content);
  return pieces.flatMap(({ text, word }) => (word === null ? [] : [`${text}=${spoken[word]}`]));
};

describe('spoken words are found in the written text', () => {
  test('words match regardless of case, accents, punctuation and spaces', () => {
    expect(spokenIn('Hello,  Zoë – it’s 19:30!', "hello zoe it's 1930")).toEqual([
      'Hello=hello',
      'Zoë=zoe',
      "it’s=it's",
      '19:30=1930',
    ]);
    expect(spokenIn('An ice-cream, please.', 'an ice cream please')).toEqual([
      'An=an',
      'ice=ice',
      'cream=cream',
      'please=please',
    ]);
  });

  test('words match if either side lacks some of them', () => {
    expect(spokenIn('I would like a table.', 'I uh would like table')).toEqual([
      'I=I',
      'would=would',
      'like=like',
      'table=table',
    ]);
    // A missing word is not matched to one far away.
    expect(
      spokenIn('Yes. We have three rooms with a view of the old town.', 'yes the we have three'),
    ).toEqual(['Yes=yes', 'We=we', 'have=have', 'three=three']);
    const half = 'one two three four five six seven eight nine ten eleven';
    expect(spokenIn(half, 'one ten eleven')).toEqual(['one=one', 'ten=ten', 'eleven=eleven']);
  });

  test('repeated words match in order and only as whole words', () => {
    expect(splitByWords('No, no, no: nobody.', ['no', 'no', 'no', 'nobody'])).toEqual([
      { text: 'No', word: 0 },
      { text: ', ', word: null },
      { text: 'no', word: 1 },
      { text: ', ', word: null },
      { text: 'no', word: 2 },
      { text: ': ', word: null },
      { text: 'nobody', word: 3 },
      { text: '.', word: null },
    ]);
    expect(spokenIn('Later a lamb', 'a lamb')).toEqual(['a=a', 'lamb=lamb']);
  });

  test('words of other scripts match', () => {
    expect(spokenIn('مَرْحَبًا، كيف حالك؟', 'مرحبا كيف حالك')).toEqual([
      'مَرْحَبًا=مرحبا',
      'كيف=كيف',
      'حالك=حالك',
    ]);
    expect(spokenIn('İzmir’e bir bilet', 'izmire bir bilet')).toEqual([
      'İzmir’e=izmire',
      'bir=bir',
      'bilet=bilet',
    ]);
    expect(spokenIn('你好，世界和平。', '你好 世界 和平')).toEqual([
      '你好=你好',
      '世界=世界',
      '和平=和平',
    ]);
  });

  test('a text without matching words stays one piece', () => {
    expect(splitByWords('Good day', ['…', 'bonjour'])).toEqual([{ text: 'Good day', word: null }]);
    expect(splitByWords('', ['a'])).toEqual([]);
    expect(splitByWords('a', [])).toEqual([{ text: 'a', word: null }]);
  });
});

test('a search finds words even if folding changes their length', () => {
  const found = (text: string, wanted: string) =>
    findRanges(text, fold(wanted)).map(([from, to]) => text.slice(from, to));
  expect(found('İİİ İzmir, izmir', 'IZMIR')).toEqual(['İzmir', 'izmir']);
  expect(found('İzmir', 'İzmir')).toEqual(['İzmir']);
  expect(found('the ﬁne café', 'fine cafe')).toEqual(['ﬁne café']);
  expect(found('e\u0301te\u0301', 'été')).toEqual(['e\u0301te\u0301']);
  expect(found('ΟΔΟΣ οδός', 'οδος')).toEqual(['ΟΔΟΣ', 'οδός']);
  expect(found('aaaa', 'aa')).toEqual(['aa', 'aa']);
  expect(found('aaaa', '')).toEqual([]);
});
