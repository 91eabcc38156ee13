import type { BlobStore } from '../../base/blobs.ts';

const WINDOW_BYTES = 1024 * 1024;
/** The tables of an MP4 file of two days are below this. */
const LARGEST_READ_BYTES = 32 * WINDOW_BYTES;
const EXTRA_BYTES = 2 * LARGEST_READ_BYTES;
const MOST_READS = 100_000_000;
const LONGEST_MILLISECONDS = 30_000;

/** A file asks for more time or memory than any real recording does. */
export class ProbeLimit extends Error {}

/**
 * A stored blob, read piece by piece through a window of one MiB. Whoever reads it may trust that
 * a crafted file makes neither a loop without end nor a large allocation: both are a ProbeLimit.
 */
export class BlobWindow {
  readonly size: number;
  readonly #blobs: BlobStore;
  readonly #key: string;
  readonly #deadline = performance.now() + LONGEST_MILLISECONDS;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #reads = 0;
  #loaded = 0;

  constructor(blobs: BlobStore, key: string, size: number) {
    this.#blobs = blobs;
    this.#key = key;
    this.size = size;
  }

  /** The bytes at `position`, fewer than `length` only at the end; valid until the next call. */
  async at(position: number, length: number): Promise<Buffer> {
    if (++this.#reads > MOST_READS) throw new ProbeLimit('too many reads');
    const end = Math.min(position + length, this.size);
    if (position >= end) return Buffer.alloc(0);
    if (position < this.#start || end > this.#start + this.#bytes.length) {
      await this.#load(position, end);
    }
    return this.#bytes.subarray(position - this.#start, end - this.#start);
  }

  async #load(position: number, end: number): Promise<void> {
    const last = Math.min(Math.max(end, position + WINDOW_BYTES), this.size) - 1;
    const length = last + 1 - position;
    this.#loaded += length;
    if (length > LARGEST_READ_BYTES || this.#loaded > 2 * this.size + EXTRA_BYTES) {
      throw new ProbeLimit('too many bytes');
    }
    if (performance.now() > this.#deadline) throw new ProbeLimit('too long');
    const stream = await this.#blobs.read(this.#key, { start: position, end: last });
    const chunks: Buffer[] = [];
    for await (const chunk of stream ?? []) chunks.push(chunk);
    this.#bytes = Buffer.concat(chunks);
    this.#start = position;
    if (this.#bytes.length !== length) throw new Error('a blob is shorter than it was');
  }
}
