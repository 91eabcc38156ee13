import type { Plain } from './normalise.ts';
import { RewrittenText } from './rewritten-text.ts';

const JSON_ESCAPE = String.raw`\\+u(?:d[89ab][0-9a-f]{2}\\+ud[c-f][0-9a-f]{2}|[0-9a-f]{4}|\{[0-9a-f]{1,6}\})`;
const JSON_SIGN = String.raw`\\+[nrtbf/]`;
// Percent signs may be escaped themselves; the bytes of one character belong together.
const URI_ESCAPE = '%(?:25)*(?:[c-f][0-9a-f](?:%(?:25)*[89ab][0-9a-f]){1,3}|[0-7][0-9a-f])';
const HTML_ESCAPE = '&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|plus|nbsp);';
const ESCAPE = new RegExp([JSON_ESCAPE, JSON_SIGN, URI_ESCAPE, HTML_ESCAPE].join('|'), 'gi');
const HTML_NAMES: Readonly<Record<string, string>> = { '&plus;': '+', '&nbsp;': ' ' };

export function decodeEscapes(text: string): Plain | null {
  if (!/[\\%&]/.test(text)) return null;
  const output = new RewrittenText(text);
  let isChanged = false;
  for (const { 0: sequence, index } of text.matchAll(ESCAPE)) {
    const decoded = decode(sequence.toLowerCase());
    if (decoded === null) continue;
    output.replace(index, index + sequence.length, decoded);
    isChanged = true;
  }
  return isChanged ? output.finish() : null;
}

function decode(sequence: string): string | null {
  if (sequence.startsWith('%')) return decodeUri(sequence);
  if (sequence.startsWith('&')) {
    const digits = /#(x?)([0-9a-f]+)/.exec(sequence);
    return digits
      ? character(Number.parseInt(digits[2] ?? '', digits[1] ? 16 : 10))
      : (HTML_NAMES[sequence] ?? null);
  }
  const units = [...sequence.matchAll(/u\{?([0-9a-f]+)/g)].map(([, hex = '']) =>
    Number.parseInt(hex, 16),
  );
  if (units.length === 0) return sequence.endsWith('/') ? '/' : ' ';
  return units.length === 1 ? character(units[0] ?? 0) : String.fromCharCode(...units);
}

function decodeUri(sequence: string): string | null {
  try {
    return decodeURIComponent(sequence.replace(/%(?:25)+(?=[0-9a-f]{2})/g, '%'));
  } catch {
    return null;
  }
}

const MAX_CODE_POINT = 0x10ffff;
const character = (point: number) => (point <= MAX_CODE_POINT ? String.fromCodePoint(point) : null);
