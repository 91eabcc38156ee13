import type { Readable } from 'node:stream';

/**
 * Where the bytes of recordings lie. Keys are made by us (`<businessId>/<random>`), never by a
 * client, and are never used twice: a blob does not change once it is there. A store that does not
 * answer, or is full, is an UNAVAILABLE fault.
 */
export interface BlobStore {
  /**
   * Writes a blob; when this resolves, bytes and name are on disk. A source that fails half-way
   * leaves nothing behind, and its error is passed on as it is. `bytes` of the result is the number
   * written. `contentType` is for whoever looks into the store without us.
   */
  put(
    key: string,
    source: AsyncIterable<Uint8Array>,
    contentType?: string,
  ): Promise<{ bytes: number }>;
  /** The bytes from `start` to `end`, both inclusive; null where there is no such blob. */
  read(key: string, range?: { start: number; end: number }): Promise<Readable | null>;
  /** The length in bytes; null where there is no such blob. */
  size(key: string): Promise<number | null>;
  /** Removes a blob, and all that the store keeps of it; one that is not there is no error. */
  remove(key: string): Promise<void>;
  /**
   * A URL at which the store itself serves the blob for at most `ttlSeconds`, the same for half of
   * that time; null if the store has no such thing and the server answers at `/media/…`. It makes no
   * call, so it does not know whether the blob is there.
   */
  presign(key: string, ttlSeconds: number, contentType: string): string | null;
  /** The origin of the URLs that `presign` gives; null where it gives none. */
  readonly origin: string | null;
  /**
   * Some of the blobs of one business, or of all (null), in an order of the store's own: the first
   * ones, or those after a `position` that an earlier call gave as `next`.
   */
  list(businessId: number | null, position: string | null): Promise<BlobPage>;
  /**
   * Removes what is left of writes that began before `instant` (milliseconds since 1970) and did
   * not come to an end; how many.
   */
  removeUnfinished(instant: number): Promise<number>;
  /** The id of the database whose blobs these are, as `setOwner` left it in the store; or null. */
  owner(): Promise<string | null>;
  setOwner(databaseId: string): Promise<void>;
  /** Waits a while for what is being written or cleaned up, then lets go of the store. */
  close(): Promise<void>;
}

export interface StoredBlob {
  readonly key: string;
  readonly bytes: number;
  /** When it was written, by the clock of the store, in milliseconds since 1970. */
  readonly writtenAt: number;
}

/** A page may be short, or even empty, with more behind it; `next` is null at the end. */
export interface BlobPage {
  readonly blobs: readonly StoredBlob[];
  readonly next: string | null;
}

const KEY = /^([1-9]\d{0,15})\/[A-Za-z0-9_-]{1,128}$/;

export function isBlobKey(text: string): boolean {
  return KEY.test(text);
}

/** The key, which is a bug where it is none of ours: it becomes part of a path. */
export function checkBlobKey(key: string): string {
  if (!isBlobKey(key)) throw new Error(`not a blob key: ${JSON.stringify(key)}`);
  return key;
}

export function businessOfBlob(key: string): number {
  return Number(KEY.exec(key)?.[1]);
}
