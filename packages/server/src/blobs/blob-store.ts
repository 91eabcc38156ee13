import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { Clock } from '../kernel/clock.ts';
import { unavailable } from '../kernel/fault.ts';

export interface BlobParts {
  readonly clock: Clock;
  readonly log: Logger;
}

/** Keys are never reused, so blobs never change. Fault: UNAVAILABLE. */
export interface BlobStore {
  /** On disk when it resolves. Errors of the source are rethrown; nothing is left behind. */
  put(key: string, source: ByteSource, contentType?: string): Promise<{ bytes: number }>;
  /** `start` and `end` are inclusive; null if the blob does not exist. */
  read(key: string, range?: { start: number; end: number }): Promise<Readable | null>;
  /** null if the blob does not exist. */
  size(key: string): Promise<number | null>;
  /** With earlier versions, if it exists. */
  remove(key: string): Promise<void>;
  /** Stays equal for half of `ttlSeconds`. null if the server answers at `/media/…`. */
  presign(key: string, ttlSeconds: number, contentType: string): string | null;
  readonly origin: string | null;
  /** `businessId` null: of all. `position` is the `next` of the previous page. */
  list(businessId: number | null, position: string | null): Promise<BlobPage>;
  /** Removes writes that started before `instant`; returns their number. */
  removeUnfinished(instant: number): Promise<number>;
  owner(): Promise<string | null>;
  setOwner(databaseId: string): Promise<void>;
  /** Waits some seconds for writes in progress. */
  close(): Promise<void>;
}

export type ByteSource = AsyncIterable<Uint8Array>;

export interface StoredBlob {
  readonly key: string;
  readonly bytes: number;
  /** By the clock of the store, in milliseconds since 1970. */
  readonly writtenAt: number;
}

/** A page may be short or even empty although more follow; `next` is null at the end. */
export interface BlobPage {
  readonly blobs: readonly StoredBlob[];
  readonly next: string | null;
}

const KEY = /^([1-9]\d{0,15})\/[A-Za-z0-9_-]{1,128}$/;

export const isBlobKey = (text: string) => KEY.test(text);

/** Keys become parts of paths. */
export function checkBlobKey(key: string): string {
  if (!isBlobKey(key)) throw new Error(`not a blob key: ${JSON.stringify(key)}`);
  return key;
}

export const businessOfBlob = (key: string) => Number(KEY.exec(key)?.[1]);

export const storeFault = (cause: unknown) => unavailable('The store of recordings', cause);

export async function onStore<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storeFault(error);
  }
}
