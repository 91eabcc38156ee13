import { fold, foldWithPlaces } from './folded-text.ts';

/** A stretch of a text: the word that is spoken there, by its index, or null. */
interface Piece {
  readonly text: string;
  readonly word: number | null;
}

const SILENT = /[^\p{L}\p{N}]/gu;
/** Of scripts that write words without a space between them. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** Farther away than so many characters a word is only taken for the one wanted if the next one follows. */
const NEAR = 24;

/**
 * A text divided by the words that were spoken, whose case, accents and punctuation may differ from what
 * was written. What is found on neither side stays as it is.
 */
export function piecesOf(content: string, words: readonly string[]): Piece[] {
  const { text, from, to } = foldWithPlaces(content, SILENT);
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
    if (at - since > NEAR && !isFollowed) continue;
    if (start > written) pieces.push({ text: content.slice(written, start), word: null });
    pieces.push({ text: content.slice(start, end), word: index });
    written = end;
    since = at + key.length;
  }
  if (written < content.length) pieces.push({ text: content.slice(written), word: null });
  return pieces;
}
