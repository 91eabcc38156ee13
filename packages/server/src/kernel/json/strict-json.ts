import { getLocation, type JSONPath, visit } from 'jsonc-parser';
import { Fault } from '../fault.ts';
import { scanJson } from './scan-json.ts';

const MAX_DIGITS = 17;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Fault: INVALID_JSON for what could not be returned unchanged, and beyond the limits of
 * `scanJson`.
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
    // The parser's message may quote the body, so only its own words count.
    const position = /position (\d+) \(line \d+ column \d+\)$/.exec(String(cause))?.[1];
    const isCutOff = /^SyntaxError: Unexpected end of/.test(String(cause));
    const early = isCutOff ? ' (it ends too early)' : '';
    const where = position === undefined ? early : ` (at character ${position})`;
    throw new Fault('INVALID_JSON', `${whole} is not valid JSON${where}.`, { cause });
  }
  // Duplicate keys are more in the text than in the value; only then run the slow, exact check.
  if (mayLose || keys !== keysIn(value)) refuseLossy(text, name);
  return value;
}

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

function refuseLossy(text: string, name: string | null): void {
  const seen: Set<string>[] = [];
  const pathAt = (offset: number) => getLocation(text, offset).path;
  const refuse = (problem: string, path: JSONPath) => {
    const place = pathText(name === null ? path : [name, ...path]);
    throw new Fault('INVALID_JSON', `${place} ${problem}.`);
  };
  visit(text, {
    onObjectBegin: () => {
      seen.push(new Set());
    },
    onObjectEnd: () => {
      seen.pop();
    },
    onObjectProperty: (key, offset) => {
      const keys = seen.at(-1);
      if (keys?.has(key)) refuse('occurs twice in its object', pathAt(offset));
      keys?.add(key);
      const keyProblem = textProblem(key);
      if (keyProblem) refuse(`has a key that ${keyProblem}`, pathAt(offset).slice(0, -1));
    },
    onLiteralValue: (value, offset, length) => {
      if (typeof value === 'string') {
        const problem = textProblem(value);
        if (problem) refuse(problem, pathAt(offset));
      } else if (typeof value === 'number') {
        const isExact = isRepresentable(text.slice(offset, offset + length));
        if (!isExact) refuse('is a number that a double cannot hold', pathAt(offset));
      }
    },
  });
}

function textProblem(text: string): string | null {
  if (text.includes('\0')) return 'contains a NUL character';
  return text.isWellFormed() ? null : 'contains half of a surrogate pair';
}

function isRepresentable(literal: string): boolean {
  const number = Number(literal);
  if (/^-?\d+$/.test(literal)) return Number.isSafeInteger(number);
  const digits = significantDigits(literal);
  return digits <= MAX_DIGITS && Number.isFinite(number) && (number !== 0 || digits === 0);
}

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

/** `Events[3].Metadata.x`; keys are shortened, because clients choose them. */
function pathText(path: JSONPath): string {
  const text = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step.slice(0, 64)}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? 'The body' : text.toWellFormed().replaceAll('\0', '\\u0000');
}
