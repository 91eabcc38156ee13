import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { SourceFile } from './sources.ts';

export interface Line {
  /** From 1. */
  readonly number: number;
  /**
   * Without white space at its ends; null where it is longer than the bound. Its bytes stay only
   * until the next line is asked for.
   */
  readonly text: Buffer<ArrayBuffer> | null;
}

/** A line that can't be sent; its message says why. */
export class BadLineError extends Error {}

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
/** Blank space around a line that is held before it is cut off. */
const SLACK = 64 * 1024;

/**
 * The lines of a file that are not blank; never holds more than one of them. `onRead` is told how
 * far into the file on the disk the reading has come.
 */
export async function* readLines(
  file: SourceFile,
  longest: number,
  onRead: (bytes: number) => void,
): AsyncGenerator<Line, void, undefined> {
  const raw = createReadStream(file.path, { highWaterMark: 256 * 1024 });
  // An error of the file reaches whoever reads the unpacked stream.
  const source = file.isGzipped ? pipeline(raw, createGunzip(), () => undefined) : raw;
  const held = new HeldLine(longest);
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

/** The beginning of a line that spans chunks, in memory that is used again for the next one. */
class HeldLine {
  readonly #longest: number;
  #memory = Buffer.alloc(0);
  #bytes = 0;

  constructor(longest: number) {
    this.#longest = longest;
  }

  add(piece: Buffer<ArrayBuffer>): void {
    const before = this.#bytes;
    this.#bytes += piece.length;
    // The rest of a line that is too long is only passed over.
    if (this.#isTooLong()) return;
    if (this.#bytes > this.#memory.length) {
      const most = this.#longest + SLACK;
      const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(this.#bytes * 2, SLACK), most));
      this.#memory.copy(larger, 0, 0, before);
      this.#memory = larger;
    }
    piece.copy(this.#memory, before);
  }

  /** The line that ends with `piece`. */
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
    return text.length > this.#longest ? null : text;
  }

  #isTooLong(): boolean {
    return this.#bytes > this.#longest + SLACK;
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
