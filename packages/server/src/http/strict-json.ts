import { type JSONPath, visit } from 'jsonc-parser';
import { Fault } from '../base/fault.ts';

export const MAX_DEPTH = 32;
const MAX_DIGITS = 17;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses a body, or a value of another name, and refuses JSON that could not be given back as it
 * came: invalid UTF-8, nesting beyond 32, NUL, lone surrogates, duplicate keys and numbers that a
 * double cannot hold. INVALID_JSON with the path of what is wrong.
 */
export function parseStrictJson(body: Uint8Array, name: string | null = null): unknown {
  const whole = name ?? 'The body';
  let text: string;
  try {
    text = utf8.decode(body);
  } catch (cause) {
    throw new Fault('INVALID_JSON', `${whole} is not valid UTF-8.`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // The parser's own words may quote the body; a client can find the place by the position.
    const position = /position (\d+)/.exec(String(cause))?.[1];
    const where = position === undefined ? 'it ends too early' : `at character ${position}`;
    throw new Fault('INVALID_JSON', `${whole} is not valid JSON (${where}).`, { cause });
  }
  const members = countMembers(value, 1, whole);
  // The parser keeps the last of two equal keys and rounds numbers; that is found by counting the
  // keys in the text and by looking for long numbers. Only then is the slow, exact search needed.
  const suspicious =
    keysInText(text) !== members || LONG_NUMBER.test(text) || ESCAPED_CONTROL.test(text);
  if (suspicious) refuseLossy(text, name);
  return value;
}

/** A number, or text that looks like one, with an exponent or more digits than a double holds. */
const LONG_NUMBER = /[\s:,[]-?\d*(?:\.?\d){16}|[\s:,[]-?\d+(?:\.\d+)?[eE]/;
/** The only way to a NUL or a lone surrogate in text that is valid UTF-8. */
const ESCAPED_CONTROL = /\\u(?:0000|[dD][89a-fA-F])/;

function countMembers(value: unknown, depth: number, whole: string): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > MAX_DEPTH) {
    throw new Fault('INVALID_JSON', `${whole} is nested deeper than ${MAX_DEPTH} levels.`);
  }
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += countMembers(item, depth + 1, whole);
    return members;
  }
  for (const item of Object.values(value)) members += 1 + countMembers(item, depth + 1, whole);
  return members;
}

/** The number of `"key":` in JSON text that is known to be valid. */
function keysInText(text: string): number {
  let keys = 0;
  let start = text.indexOf('"');
  while (start >= 0) {
    let end = text.indexOf('"', start + 1);
    while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
    let next = end + 1;
    while (text.charCodeAt(next) <= 32) next += 1;
    if (text[next] === ':') keys += 1;
    start = text.indexOf('"', end + 1);
  }
  return keys;
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (text[index - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

/** Walks the text and throws at the first thing that would be lost; valid text passes. */
function refuseLossy(text: string, name: string | null): void {
  const seen: Set<string>[] = [];
  const refuse = (what: string, path: JSONPath) => {
    throw new Fault('INVALID_JSON', `${pathText(name === null ? path : [name, ...path])} ${what}.`);
  };
  visit(text, {
    onObjectBegin: () => {
      seen.push(new Set());
    },
    onObjectEnd: () => {
      seen.pop();
    },
    onObjectProperty: (key, _offset, _length, _line, _character, parents) => {
      const path = [...parents(), key];
      const keys = seen.at(-1);
      if (keys?.has(key)) refuse('stands twice in its object', path);
      keys?.add(key);
      const problem = textProblem(key);
      if (problem) refuse(`has a key that ${problem}`, parents());
    },
    onLiteralValue: (value, offset, length, _line, _character, path) => {
      if (typeof value === 'string') {
        const problem = textProblem(value);
        if (problem) refuse(problem, path());
      } else if (typeof value === 'number') {
        const literal = text.slice(offset, offset + length);
        if (!isHeld(literal)) refuse('is a number that a double cannot hold', path());
      }
    },
  });
}

function textProblem(text: string): string | null {
  if (text.includes('\0')) return 'contains a NUL character';
  return text.isWellFormed() ? null : 'contains half of a surrogate pair';
}

/** Integers to ±(2^53 - 1); 17 significant digits; no overflow, and nothing that becomes zero. */
function isHeld(literal: string): boolean {
  const number = Number(literal);
  if (/^-?\d+$/.test(literal)) return Number.isSafeInteger(number);
  const digits = literal
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
  return digits.length <= MAX_DIGITS && Number.isFinite(number) && (number !== 0 || digits === '');
}

/** `Events[3].Metadata.x`; keys are cut, since they may be long and are the client's own. */
function pathText(path: JSONPath): string {
  const text = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step.slice(0, 64)}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? 'The body' : text.toWellFormed().replaceAll('\0', '\\u0000');
}
