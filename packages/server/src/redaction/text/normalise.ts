export interface Plain {
  readonly text: string;
  /** Start and end of its code units in the original; absent if equal. */
  readonly places?: Places;
}

interface Places {
  startOf(at: number): number;
  endOf(at: number): number;
}

export function moveBack<S extends { readonly start: number; readonly end: number }>(
  range: S,
  { places }: Plain,
): S {
  if (!places) return range;
  const { start, end } = range;
  return { ...range, start: places.startOf(start), end: places.endOf(end - 1) };
}

/** Compatibility forms (NFKC) and digits of all scripts become ASCII, invisible characters soft hyphens. */
export function normalise(text: string): Plain {
  if (!NOT_ASCII.test(text)) return { text };
  if (ASTRAL_FORM.test(text)) return normaliseAstral(text);
  const units = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at += 1) units[at] = asciiOf(text.charCodeAt(at));
  return { text: textOf(units) };
}

const NOT_ASCII = /[^\0-\x7f]/;
const ASTRAL_FORM = /[\u{10000}-\u{10ffff}]/u;
const FIRST_ASTRAL = 0x10000;

function normaliseAstral(text: string): Plain {
  const units = new Uint16Array(text.length);
  const offsets = new Uint32Array(text.length + 1);
  let length = 0;
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at) ?? 0;
    const ascii = asciiOf(point);
    offsets[length] = at;
    if (point < FIRST_ASTRAL || ascii !== point) {
      units[length] = ascii;
      length += 1;
      at += point < FIRST_ASTRAL ? 1 : 2;
      continue;
    }
    units[length] = text.charCodeAt(at);
    units[length + 1] = text.charCodeAt(at + 1);
    offsets[length + 1] = at + 1;
    length += 2;
    at += 2;
  }
  offsets[length] = text.length;
  const places = {
    startOf: (at: number) => offsets[at] ?? at,
    endOf: (at: number) => offsets[at + 1] ?? at + 1,
  };
  return { text: textOf(units.subarray(0, length)), places };
}

const textOf = ({ buffer, byteOffset, byteLength }: Uint16Array<ArrayBuffer>) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('utf16le');

/** Filled lazily; 0 means unknown. */
const ASCII_OF = new Uint32Array(0x20000);

function asciiOf(point: number): number {
  if (point < 0x80 || point >= ASCII_OF.length) return point;
  const known = ASCII_OF[point];
  if (known) return known;
  const ascii = findAscii(point);
  ASCII_OF[point] = ascii;
  return ascii;
}

function findAscii(point: number): number {
  const character = String.fromCodePoint(point);
  if (DIGIT.test(character)) return ZERO + digitOf(point);
  if (INVISIBLE.test(character)) return SOFT_HYPHEN;
  // Superscripts and enumerators are not digits of a number.
  if (OTHER_NUMBER.test(character)) return point;
  const composed = character.normalize('NFKC');
  const ascii = composed.charCodeAt(0);
  return composed.length === 1 && ascii < 0x80 ? ascii : point;
}

/** Zero-width and directional characters, variation selectors and the keycap frame. */
const INVISIBLE = /\p{Cf}|\u034f|\u20e3|[\ufe00-\ufe0f]/u;
const SOFT_HYPHEN = 0xad;
const DIGIT = /\p{Nd}/u;
const OTHER_NUMBER = /\p{No}/u;
const ZERO = '0'.charCodeAt(0);

/** Unicode encodes decimal digits as rows of ten, from 0 to 9. */
function digitOf(point: number): number {
  let first = point;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return (point - first) % 10;
}
