import type { BlobStore } from '../../blobs/blob-store.ts';

export interface BlobRange {
  readonly start: number;
  readonly length: number;
}

export async function readRange(
  blobs: BlobStore,
  key: string,
  { start, length }: BlobRange,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const stream = await blobs.read(key, { start, end: start + length - 1 });
  let done = 0;
  for await (const chunk of stream ?? []) {
    bytes.set(chunk, done);
    done += chunk.length;
  }
  return done === length ? bytes : bytes.slice(0, done);
}
