import type { Readable } from 'node:stream';

/**
 * Where the bytes of recordings lie. Keys are made by us (`<businessId>/<random>`), never by a
 * client, and are never used twice: a blob does not change once it is there.
 */
export interface BlobStore {
  /**
   * Writes a blob; when this resolves, bytes and name are on disk. A source that fails half-way
   * leaves nothing behind. `bytes` of the result is the number written.
   */
  put(key: string, source: AsyncIterable<Uint8Array>): Promise<{ bytes: number }>;
  /** The bytes from `start` to `end`, both inclusive; null where there is no such blob. */
  read(key: string, range?: { start: number; end: number }): Promise<Readable | null>;
  /** The length in bytes; null where there is no such blob. */
  size(key: string): Promise<number | null>;
  /** Removes a blob; one that is not there is no error. */
  remove(key: string): Promise<void>;
  /**
   * A URL at which the store itself serves the blob until `expiresAt` (milliseconds since 1970),
   * or null where the store has no such thing and the server answers at `/media/…`.
   */
  presign(key: string, expiresAt: number, contentType: string): string | null;
}
