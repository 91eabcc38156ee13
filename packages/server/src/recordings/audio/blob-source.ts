import { CustomSource } from 'mediabunny';
import type { Patch } from './wav-sizes.ts';

const WINDOW_BYTES = 256 * 1024;
/** The tables of an MP4 file of two days are below this. */
const LARGEST_READ_BYTES = 32 * 1024 * 1024;
const CACHE_BYTES = 4 * 1024 * 1024;
const EXTRA_BYTES = 2 * LARGEST_READ_BYTES;

/** Fetches the bytes from `start` up to, without it, `end`. */
export type Fetch = (start: number, end: number) => Promise<Uint8Array>;

/**
 * A blob of `size` bytes as the library reads it: piece by piece, through a window. Buffers are
 * outside the heap that a worker may be held to, so reads have bounds of their own.
 */
export class BlobSource {
  readonly size: number;
  readonly #fetch: Fetch;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #loaded = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(fetch: Fetch, size: number) {
    this.#fetch = fetch;
    this.size = size;
  }

  /** The bytes at `start`, fewer than `length` only at the end. One read at a time. */
  read(start: number, length: number): Promise<Buffer> {
    const bytes = this.#turn.then(() => this.#read(start, Math.min(start + length, this.size)));
    this.#turn = bytes.catch(() => undefined);
    return bytes;
  }

  /** For the library: with `patches` in their places and `padding` zeros after the end. */
  toSource(patches: readonly Patch[], padding: number): CustomSource {
    return new CustomSource({
      getSize: () => this.size + padding,
      read: async (start, end) => {
        if (end - start > LARGEST_READ_BYTES) throw new Error('too many bytes at once');
        const bytes = Buffer.alloc(end - start);
        if (start < this.size) (await this.read(start, end - start)).copy(bytes);
        for (const patch of patches) {
          const from = Math.max(start, patch.position);
          const to = Math.min(end, patch.position + patch.bytes.length);
          if (from < to) {
            patch.bytes.copy(bytes, from - start, from - patch.position, to - patch.position);
          }
        }
        return bytes;
      },
      maxCacheSize: CACHE_BYTES,
      handleUnhandledError: () => undefined,
    });
  }

  async #read(start: number, end: number): Promise<Buffer> {
    if (start >= end) return Buffer.alloc(0);
    if (start < this.#start || end > this.#start + this.#bytes.length) {
      const until = Math.min(Math.max(end, start + WINDOW_BYTES), this.size);
      this.#loaded += until - start;
      if (this.#loaded > 2 * this.size + EXTRA_BYTES) throw new Error('too many bytes');
      const bytes = await this.#fetch(start, until);
      if (bytes.length !== until - start) throw new Error('a blob is shorter than it was');
      this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      this.#start = start;
    }
    return this.#bytes.subarray(start - this.#start, end - this.#start);
  }
}
