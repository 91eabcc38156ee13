import { type JSONPath, visit } from 'jsonc-parser';
import { Fault } from '../fault.ts';
import { scanJson } from './scan-json.ts';

const MAX_DIGITS = 17;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses a body, or a value of another name, and refuses JSON that could not be given back as it
 * came: invalid UTF-8, NUL, lone surrogates, duplicate keys and numbers that a double cannot hold; and
 * what goes beyond the limits of `scanJson`. INVALID_JSON with the path of what is wrong.
 */
export function parseStrictJson(body: Uint8Array, name: string | null = null): unknown {
  const whole = name ?? 'The body';
  const { keys, mayLose } = scanJson(body, whole);
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
    const isCutOff = /Unexpected end/.test(String(cause));
    const where =
      position === undefined
        ? isCutOff
          ? ' (it ends too early)'
          : ''
        : ` (at character ${position})`;
    throw new Fault('INVALID_JSON', `${whole} is not valid JSON${where}.`, { cause });
  }
  // The parser keeps the last of two equal keys: the text has more keys than the value then. Only
  // where something may be lost is the slower, exact search for the place needed.
  if (mayLose || keys !== keysIn(value)) refuseLossy(text, name);
  return value;
}

/** The number of keys in a parsed value, which is no deeper than the limit. */
function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const item of value) keys += keysIn(item);
    return keys;
  }
  for (const item of Object.values(value)) keys += 1 + keysIn(item);
  return keys;
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
      const keys = seen.at(-1);
      if (keys?.has(key)) refuse('stands twice in its object', [...parents(), key]);
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
  const digits = significantDigits(literal);
  return digits <= MAX_DIGITS && Number.isFinite(number) && (number !== 0 || digits === 0);
}

/** Digits of a number from the first that is not zero to the last that is not, without its exponent. */
function significantDigits(literal: string): number {
  let digits = 0;
  let upToLast = 0;
  for (const character of literal) {
    if (character === 'e' || character === 'E') break;
    if (character === '-' || character === '.') continue;
    if (character !== '0') upToLast = digits + 1;
    if (character !== '0' || digits > 0) digits += 1;
  }
  return upToLast;
}

/** `Events[3].Metadata.x`; keys are cut, since they may be long and are the client's own. */
function pathText(path: JSONPath): string {
  const text = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step.slice(0, 64)}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? 'The body' : text.toWellFormed().replaceAll('\0', '\\u0000');
}
