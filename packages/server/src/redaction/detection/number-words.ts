export const DIGITS: Readonly<Record<string, string>> = {
  zero: '0',
  oh: '0',
  nought: '0',
  naught: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  niner: '9',
  ten: '10',
  eleven: '11',
  twelve: '12',
  thirteen: '13',
  fourteen: '14',
  fifteen: '15',
  sixteen: '16',
  seventeen: '17',
  eighteen: '18',
  nineteen: '19',
};
export const TENS: Readonly<Record<string, string>> = {
  twenty: '2',
  thirty: '3',
  forty: '4',
  fourty: '4',
  fifty: '5',
  sixty: '6',
  seventy: '7',
  eighty: '8',
  ninety: '9',
};
export const ZEROS: Readonly<Record<string, string>> = { hundred: '00', thousand: '000' };
export const TIMES: Readonly<Record<string, number>> = {
  double: 2,
  triple: 3,
  treble: 3,
  quadruple: 4,
};
/** Signs by name, and words said between digits. */
export const BETWEEN: Readonly<Record<string, string>> = {
  plus: '+',
  ...Object.fromEntries(
    [
      'uh uhm um umm er erm ah eh hm hmm mm mhm ehm äh ähm euh and then so well okay ok yes yeah sorry',
      'next dash hyphen minus slash comma space dot point period underscore colon stop',
      'pause pauses silence breath inaudible noise first second third fourth last final',
      'group block digits it its s is the rest like let me see followed by',
    ].flatMap((line) => line.split(' ').map((word) => [word, ','])),
  ),
};
export const SPELLED: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike',
    'november oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu',
  ].flatMap((line) => line.split(' ').map((word) => [word, word.charAt(0).toUpperCase()])),
);

export const isIn = (words: object, word: string): boolean => Object.hasOwn(words, word);
