import { createHash } from 'node:crypto';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { Fault } from '../../kernel/fault.ts';

/** In hex; `unreadable` after a disk error. UNAVAILABLE, which says nothing about the blob. */
export async function readHash(
  blobs: BlobStore,
  key: string,
): Promise<{ sha256: string | 'missing' | 'unreadable'; bytes: number }> {
  const stream = await blobs.read(key);
  if (stream === null) return { sha256: 'missing', bytes: 0 };
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    return { sha256: 'unreadable', bytes };
  }
  return { sha256: hash.digest('hex'), bytes };
}
