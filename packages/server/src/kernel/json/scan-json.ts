import { Fault } from '../fault.ts';

export const MAX_DEPTH = 32;
/** More than `Metadata` of 64 KiB can contain. */
export const MAX_KEYS_OF_OBJECT = 10_000;
/** More than 16 MiB of `Words` contain. */
export const MAX_KEYS = 1_500_000;
/** Twice as many as 16 MiB of `Words` contain. */
export const MAX_CONTAINERS = 1_000_000;
/** A double represents every number with this many digits and no exponent. */
const MAX_SAFE_DIGITS = 15;

const QUOTE = 0x22;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
/** Lower-cases ASCII letters; digits are unchanged. */
const LOWER_CASE = 0x20;
const LETTER_D = 0x64;
const LETTER_E = 0x65;
const LETTER_U = 0x75;
const ARRAY_BEGIN = 0x5b;
const ARRAY_END = 0x5d;
const OBJECT_BEGIN = 0x7b;
const OBJECT_END = 0x7d;

export interface JsonScan {
  readonly keys: number;
  readonly mayLose: boolean;
}

/** Fault: INVALID_JSON beyond the limits. The parser takes seconds for a million keys or levels. */
export function scanJson(text: Uint8Array, whole: string): JsonScan {
  return new Scanner(text, whole).scan();
}

class Scanner {
  readonly #text: Uint8Array;
  readonly #whole: string;
  readonly #keysOf = new Uint32Array(MAX_DEPTH + 1);
  #at = 0;
  #depth = 0;
  #keys = 0;
  #containers = 0;
  #mayLose = false;

  constructor(text: Uint8Array, whole: string) {
    this.#text = text;
    this.#whole = whole;
  }

  scan(): JsonScan {
    const text = this.#text;
    for (; this.#at < text.length; this.#at += 1) {
      const byte = text[this.#at] ?? 0;
      if (byte === QUOTE) this.#passString();
      else if (byte >= ZERO && byte <= NINE) this.#passNumber();
      else if (byte === COLON) this.#addKey();
      else if (byte === OBJECT_BEGIN || byte === ARRAY_BEGIN) this.#open();
      else if (byte === OBJECT_END || byte === ARRAY_END)
        this.#depth = Math.max(0, this.#depth - 1);
    }
    return { keys: this.#keys, mayLose: this.#mayLose };
  }

  #passString(): void {
    const text = this.#text;
    let at = this.#at + 1;
    for (; at < text.length && text[at] !== QUOTE; at += 1) {
      if (text[at] !== BACKSLASH) continue;
      at += 1;
      if (text[at] === LETTER_U && isControl(text, at + 1)) this.#mayLose = true;
    }
    this.#at = at;
  }

  #passNumber(): void {
    const text = this.#text;
    const start = this.#at;
    let at = start + 1;
    for (; at < text.length; at += 1) {
      const byte = text[at] ?? 0;
      if (byte !== DOT && !(byte >= ZERO && byte <= NINE)) break;
    }
    const hasExponent = ((text[at] ?? 0) | LOWER_CASE) === LETTER_E;
    if (hasExponent || at - start > MAX_SAFE_DIGITS) this.#mayLose = true;
    this.#at = at - 1;
  }

  #addKey(): void {
    const keys = (this.#keysOf[this.#depth] ?? 0) + 1;
    this.#keysOf[this.#depth] = keys;
    this.#keys += 1;
    if (keys > MAX_KEYS_OF_OBJECT)
      this.#refuse(`has more than ${MAX_KEYS_OF_OBJECT} keys in one object`);
    if (this.#keys > MAX_KEYS) this.#refuse(`has more than ${MAX_KEYS} keys`);
  }

  #open(): void {
    this.#depth += 1;
    this.#containers += 1;
    if (this.#depth > MAX_DEPTH) this.#refuse(`is nested deeper than ${MAX_DEPTH} levels`);
    if (this.#containers > MAX_CONTAINERS) {
      this.#refuse(`has more than ${MAX_CONTAINERS} objects and arrays`);
    }
    this.#keysOf[this.#depth] = 0;
  }

  #refuse(problem: string): never {
    throw new Fault('INVALID_JSON', `${this.#whole} ${problem}.`);
  }
}

/** True if the four digits of an escape are those of NUL or a surrogate. */
function isControl(text: Uint8Array, at: number): boolean {
  const [first = 0, second = 0] = [text[at], text[at + 1]];
  if ((first | LOWER_CASE) === LETTER_D) return second !== undefined && second > ZERO + 7;
  return first === ZERO && second === ZERO && text[at + 2] === ZERO && text[at + 3] === ZERO;
}
