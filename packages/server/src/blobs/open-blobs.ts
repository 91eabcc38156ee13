import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Clock } from '../kernel/clock.ts';
import type { BlobStore } from './blob-store.ts';
import { openDiskBlobs } from './disk.ts';
import { openMovingBlobs } from './moving.ts';

export interface BlobParts {
  readonly clock: Clock;
  readonly log: Logger;
}

export function recordingsFolder({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'recordings');
}

export async function openLocalBlobs(config: Pick<Config, 'dataDir'>): Promise<BlobStore> {
  const folder = recordingsFolder(config);
  await mkdir(folder, { recursive: true });
  return openDiskBlobs(folder);
}

/**
 * Opens the configured store. If it is a bucket and the local disk still has recordings, they stay readable
 * there.
 */
export async function openBlobs(config: Config, parts: BlobParts): Promise<BlobStore> {
  if (config.s3 === null) return openLocalBlobs(config);
  // Loaded only if a bucket is configured.
  const { openS3Blobs } = await import('./s3.ts');
  const blobs = await openS3Blobs(config.s3, parts);
  const folder = await stat(recordingsFolder(config)).catch(() => null);
  return folder ? openMovingBlobs(await openLocalBlobs(config), blobs, parts) : blobs;
}
