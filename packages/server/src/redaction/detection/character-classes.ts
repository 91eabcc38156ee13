export const DIGIT = 1;
const ASCII_LETTER = 2;
export const WORD = 4;
export const GAP = 8;
export const PHONE_GAP = 16;
export const LOCAL = 32;
export const LETTER = 64;
export const WIDE_GAP = 128;
const KNOWN = 256;

const PATTERNS: readonly (readonly [number, RegExp])[] = [
  [DIGIT, /[0-9]/],
  [ASCII_LETTER, /[A-Za-z]/],
  [LETTER, /\p{L}/u],
  [WORD, /[\p{L}\p{N}]/u],
  // Includes the dots, hyphens and narrow spaces that office programs substitute.
  [GAP, /[\s.\u00ad\u2010-\u2015\u2212-]/u],
  [PHONE_GAP, /[()./\s\u00ad\u2010-\u2015\u2212-]/u],
  [LOCAL, /[\u00ad\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]/u],
  // Currency and percent signs mark an amount.
  [WIDE_GAP, /[^\p{L}\p{N}\p{Sc}%@]/u],
];

const CLASSES = new Uint16Array(0x10000);

export function classesAt(text: string, at: number): number {
  if (at < 0 || at >= text.length) return 0;
  const unit = text.charCodeAt(at);
  return CLASSES[unit] || findClasses(unit);
}

function findClasses(unit: number): number {
  const character = String.fromCharCode(unit);
  let classes = KNOWN;
  for (const [bit, pattern] of PATTERNS) if (pattern.test(character)) classes |= bit;
  CLASSES[unit] = classes;
  return classes;
}
