// Controls, format characters, variation selectors, fillers, marks of keycap emoji; no white space.
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\u2800]|\u20e3/gu;
const WHITE_SPACE = /[\s\p{White_Space}\p{Z}\ufeff]+/gu;
const DIGIT = /\p{Nd}/u;
const OTHER_DIGITS = /(?![0-9])\p{Nd}/gu;
const OTHER_PLUS = /[\uff0b\ufe62]/g;

/** Removes invisible characters, collapses white space, and turns digits and plus signs into ASCII. */
export function plainText(text: string): string {
  return text
    .replaceAll(WHITE_SPACE, ' ')
    .replaceAll(INVISIBLE, '')
    .replaceAll(OTHER_DIGITS, (digit) => String(digitValue(digit)))
    .replaceAll(OTHER_PLUS, '+')
    .trim();
}

const KNOWN_DIGITS = new Map<string, number>();

/** Unicode keeps the ten digits of a script in order. */
function digitValue(digit: string): number {
  const known = KNOWN_DIGITS.get(digit);
  if (known !== undefined) return known;
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (first > 0 && DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  const value = (code - first) % 10;
  KNOWN_DIGITS.set(digit, value);
  return value;
}

const MAX_SHOWN = 64;
const HIDDEN =
  /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\u2800"\\]|\u20e3/gu;

/** For a message: escapes invisible characters, and cuts a long text. */
export function quoteText(text: string): string {
  const characters = [...text.slice(0, 2 * MAX_SHOWN)];
  const isCut = characters.length > MAX_SHOWN || text.length > 2 * MAX_SHOWN;
  const shown = escapeInvisible(characters.slice(0, MAX_SHOWN).join(''));
  return `"${shown}${isCut ? '…' : ''}"`;
}

/** A zero-width space becomes `\u200b`. */
export function escapeInvisible(text: string): string {
  return text.replaceAll(HIDDEN, (character) => {
    if (character === ' ') return character;
    if (character === '"' || character === '\\') return `\\${character}`;
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    return code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
  });
}
