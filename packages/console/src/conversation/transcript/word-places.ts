import { fold, foldWithPositions } from './folded-text.ts';

interface Piece {
  readonly text: string;
  readonly word: number | null;
}

const SILENT = /[^\p{L}\p{N}]/gu;
/** Scripts that write words without spaces. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** Characters; a word farther away matches only if the next word follows it. */
const MAX_DISTANCE = 24;

/** Divides a text by the words spoken, which may differ in case, accents and punctuation. */
export function splitByWords(content: string, words: readonly string[]): Piece[] {
  const { text, from, to } = foldWithPositions(content, SILENT);
  const isEdge = (at: number) => {
    const ended = to[at - 1];
    const begins = from[at];
    if (ended === undefined || begins === undefined || ended < begins) return true;
    const isUnspaced = UNSPACED.test(text.charAt(at)) || UNSPACED.test(text.charAt(at - 1));
    return isUnspaced && ended === begins;
  };
  const find = (key: string, since: number): number => {
    let at = text.indexOf(key, since);
    while (at >= 0 && !(isEdge(at) && isEdge(at + key.length))) at = text.indexOf(key, at + 1);
    return at;
  };
  const spoken = words
    .map((word, index) => ({ index, key: fold(word).replaceAll(SILENT, '') }))
    .filter(({ key }) => key !== '');
  const pieces: Piece[] = [];
  let since = 0;
  let written = 0;
  for (const [order, { index, key }] of spoken.entries()) {
    const at = find(key, since);
    const next = spoken[order + 1]?.key;
    const isFollowed = next !== undefined && text.startsWith(next, at + key.length);
    const start = from[at];
    const end = to[at + key.length - 1];
    if (start === undefined || end === undefined) continue;
    if (at - since > MAX_DISTANCE && !isFollowed) continue;
    if (start > written) pieces.push({ text: content.slice(written, start), word: null });
    pieces.push({ text: content.slice(start, end), word: index });
    written = end;
    since = at + key.length;
  }
  if (written < content.length) pieces.push({ text: content.slice(written), word: null });
  return pieces;
}
