import { BadLineError } from './lines.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([...'{['].map((it) => it.charCodeAt(0)));
const CLOSE = new Set([...'}]'].map((it) => it.charCodeAt(0)));
const BLANK = new Set([...' \t\r\n'].map((it) => it.charCodeAt(0)));
const END_OF_PLAIN = new Set([...', \t\r\n}]'].map((it) => it.charCodeAt(0)));

/** Skips the rest without parsing it: the server validates the object. BadLineError. */
export function readTopLevel(text: Buffer, wanted: readonly string[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  let at = skipBlank(text, 0);
  if (text[at] !== 0x7b) throw new BadLineError('This is not a JSON object.');
  at = skipBlank(text, at + 1);
  while (text[at] !== 0x7d) {
    if (text[at] !== QUOTE) throw broken(at);
    const keyEnd = stringEnd(text, at);
    const key = parse(text, at, keyEnd);
    at = skipBlank(text, keyEnd);
    if (text[at] !== 0x3a) throw broken(at);
    const start = skipBlank(text, at + 1);
    const end = valueEnd(text, start);
    if (typeof key === 'string' && wanted.includes(key)) found.set(key, parse(text, start, end));
    at = skipBlank(text, end);
    if (text[at] === 0x2c) at = skipBlank(text, at + 1);
    else if (text[at] !== 0x7d) throw broken(at);
  }
  if (skipBlank(text, at + 1) !== text.length) throw broken(at + 1);
  return found;
}

function valueEnd(text: Buffer, start: number): number {
  const first = text[start] ?? -1;
  if (first === QUOTE) return stringEnd(text, start);
  if (!OPEN.has(first)) {
    let at = start;
    while (at < text.length && !END_OF_PLAIN.has(text[at] ?? -1)) at += 1;
    if (at === start) throw broken(start);
    return at;
  }
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const byte = text[at] ?? -1;
    if (byte === QUOTE) at = stringEnd(text, at) - 1;
    else if (OPEN.has(byte)) depth += 1;
    else if (CLOSE.has(byte)) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  throw broken(text.length);
}

function stringEnd(text: Buffer, start: number): number {
  for (let from = start + 1; ; ) {
    const quote = text.indexOf(QUOTE, from);
    if (quote === -1) throw broken(text.length);
    let escapes = 0;
    while (text[quote - 1 - escapes] === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

function skipBlank(text: Buffer, from: number): number {
  let at = from;
  while (BLANK.has(text[at] ?? -1)) at += 1;
  return at;
}

function parse(text: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(text.toString('utf8', start, end));
  } catch {
    throw broken(start);
  }
}

const broken = (at: number) => new BadLineError(`This is not JSON from byte ${at + 1} on.`);
