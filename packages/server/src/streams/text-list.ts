import type { TextBytes } from '../kernel/threads/text-bytes.ts';

/** Many texts in few buffers, which a thread can hand over without copying. */
export interface TextList {
  /** Where each text ends in `bytes`. */
  readonly ends: Float64Array<ArrayBuffer>;
  readonly bytes: TextBytes;
}

export function textListOf(texts: Iterable<string>): TextList {
  const pieces: Buffer[] = [];
  const ends: number[] = [];
  let end = 0;
  for (const text of texts) {
    const piece = Buffer.from(text);
    pieces.push(piece);
    end += piece.length;
    ends.push(end);
  }
  const bytes = new Uint8Array(end);
  for (const [at, piece] of pieces.entries()) bytes.set(piece, (ends[at] ?? 0) - piece.length);
  return { ends: new Float64Array(ends), bytes: bytes.buffer };
}

export function textAt({ ends, bytes }: TextList, at: number): string {
  const start = at === 0 ? 0 : (ends[at - 1] ?? 0);
  return Buffer.from(bytes, start, (ends[at] ?? start) - start).toString();
}

export const buffersOf = ({ ends, bytes }: TextList): ArrayBuffer[] => [ends.buffer, bytes];
