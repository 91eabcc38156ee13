import { classesAt, LETTER, LOCAL, WORD } from './character-classes.ts';
import type { FoundCategory, TextRange, Work } from './found.ts';

const MAX_LOCAL = 64;
const MAX_LABEL = 63;
const MAX_LABELS = 8;
const HYPHEN = '-'.charCodeAt(0);
const DOT = '.'.charCodeAt(0);

export function findEmails(text: string, work: Work): TextRange<FoundCategory>[] {
  const found: TextRange<FoundCategory>[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const end = endOfDomain(text, at + 1, work);
    if (end === 0) continue;
    let start = at;
    while (at - start < MAX_LOCAL && (classesAt(text, start - 1) & LOCAL) !== 0) start -= 1;
    work.steps += at - start;
    if (start < at) found.push({ start, end, category: 'EMAIL' });
  }
  return found;
}

/** The end of the longest domain that begins here and ends in letters; 0 if there is none. */
function endOfDomain(text: string, start: number, work: Work): number {
  let end = 0;
  let at = start;
  for (let label = 0; label <= MAX_LABELS; label += 1) {
    let letters = at;
    while (letters - at < MAX_LABEL && (classesAt(text, letters) & LETTER) !== 0) letters += 1;
    if (label > 0 && letters - at > 1) end = letters;
    let next = at;
    while (next - at < MAX_LABEL && isOfLabel(text, next)) next += 1;
    work.steps += next - at + 1;
    const isLabel = next > at && text.charCodeAt(at) !== HYPHEN;
    if (!isLabel || text.charCodeAt(next - 1) === HYPHEN || text.charCodeAt(next) !== DOT) break;
    at = next + 1;
  }
  return end;
}

const isOfLabel = (text: string, at: number) =>
  (classesAt(text, at) & WORD) !== 0 || text.charCodeAt(at) === HYPHEN;
