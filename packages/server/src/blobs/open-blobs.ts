import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { BlobParts, BlobStore } from './blob-store.ts';
import { openDiskBlobs } from './disk.ts';
import { openMovingBlobs } from './moving.ts';

export function recordingsFolder({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'recordings');
}

export async function openLocalBlobs(config: Pick<Config, 'dataDir'>): Promise<BlobStore> {
  const folder = recordingsFolder(config);
  await mkdir(folder, { recursive: true });
  return openDiskBlobs(folder);
}

/** Recordings on the local disk stay readable if the store is a bucket. */
export async function openBlobs(config: Config, parts: BlobParts): Promise<BlobStore> {
  if (config.s3 === null) return openLocalBlobs(config);
  const { openS3Blobs } = await import('./s3.ts');
  const blobs = await openS3Blobs(config.s3, parts);
  const folder = await stat(recordingsFolder(config)).catch(() => null);
  return folder ? openMovingBlobs(await openLocalBlobs(config), blobs, parts) : blobs;
}
