import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { SourceFile } from './sources.ts';

export interface Line {
  readonly number: number;
  /** null if it is too long. The memory is reused. */
  readonly text: Buffer<ArrayBuffer> | null;
}

/** The user sees the message. */
export class BadLineError extends Error {}

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const SLACK = 64 * 1024;

/** Skips blank lines; keeps one in memory. `onRead` gets the position in the file on disk. */
export async function* readLines(
  file: SourceFile,
  maxBytes: number,
  onRead: (bytes: number) => void,
): AsyncGenerator<Line, void, undefined> {
  const raw = createReadStream(file.path, { highWaterMark: 256 * 1024 });
  const source = file.isGzipped ? pipeline(raw, createGunzip(), () => undefined) : raw;
  const held = new HeldLine(maxBytes);
  let number = 1;
  for await (const chunk of source as AsyncIterable<Buffer<ArrayBuffer>>) {
    onRead(raw.bytesRead);
    for (let start = 0; start < chunk.length; ) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) {
        held.add(chunk.subarray(start));
        break;
      }
      const text = held.finish(chunk.subarray(start, end), number === 1);
      if (text === null || text.length > 0) yield { number, text };
      number += 1;
      start = end + 1;
    }
  }
  const text = held.finish(Buffer.alloc(0), number === 1);
  if (text === null || text.length > 0) yield { number, text };
}

/** A beginning that spans chunks, in memory that is reused. */
class HeldLine {
  readonly #maxBytes: number;
  #memory = Buffer.alloc(0);
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(piece: Buffer<ArrayBuffer>): void {
    const before = this.#bytes;
    this.#bytes += piece.length;
    if (this.#isTooLong()) return;
    if (this.#bytes > this.#memory.length) {
      const limit = this.#maxBytes + SLACK;
      const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(this.#bytes * 2, SLACK), limit));
      this.#memory.copy(larger, 0, 0, before);
      this.#memory = larger;
    }
    piece.copy(this.#memory, before);
  }

  finish(piece: Buffer<ArrayBuffer>, isFirst: boolean): Buffer<ArrayBuffer> | null {
    let whole = piece;
    if (this.#bytes > 0) {
      this.add(piece);
      const isTooLong = this.#isTooLong();
      whole = this.#memory.subarray(0, this.#bytes);
      this.#bytes = 0;
      if (isTooLong) return null;
    }
    const isMarked = isFirst && whole.subarray(0, 3).equals(BYTE_ORDER_MARK);
    const text = trimmed(isMarked ? whole.subarray(3) : whole);
    return text.length > this.#maxBytes ? null : text;
  }

  #isTooLong(): boolean {
    return this.#bytes > this.#maxBytes + SLACK;
  }
}

function trimmed(text: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.subarray(start, end);
}

const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x09 || byte === 0x0d;
