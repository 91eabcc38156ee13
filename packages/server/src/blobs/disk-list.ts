import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isBlobKey, type StoredBlob } from './blob-store.ts';

const PAGE_BLOBS = 1_000;
const PAGE_FOLDERS = 1_024;
const FOLDER = /^[0-9a-f]{2}$/;

/** `position` is the last subfolder read (`ab/cd`), each about 1/65,536 of the blobs. */
export async function listDisk(folder: string, businessId: number | null, position: string | null) {
  const [after = '', afterInside = ''] = position?.split('/') ?? [];
  const blobs: StoredBlob[] = [];
  let read = 0;
  for (const outer of await subfolders(folder)) {
    if (outer < after) continue;
    for (const inner of await subfolders(join(folder, outer))) {
      if (outer === after && inner <= afterInside) continue;
      blobs.push(...(await blobsIn(join(folder, outer, inner), businessId)));
      read += 1;
      if (blobs.length >= PAGE_BLOBS || read >= PAGE_FOLDERS) {
        return { blobs, next: `${outer}/${inner}` };
      }
    }
  }
  return { blobs, next: null };
}

async function subfolders(path: string): Promise<string[]> {
  return (await unlessAbsent(readdir(path), [])).filter((name) => FOLDER.test(name)).sort();
}

async function blobsIn(path: string, businessId: number | null): Promise<StoredBlob[]> {
  const found: StoredBlob[] = [];
  for (const name of await unlessAbsent(readdir(path), [])) {
    const key = name.replace('-', '/');
    if (!isBlobKey(key) || (businessId !== null && !key.startsWith(`${businessId}/`))) continue;
    const facts = await unlessAbsent(stat(join(path, name)), null);
    if (facts) found.push({ key, bytes: facts.size, writtenAt: facts.mtimeMs });
  }
  return found;
}

/** Files may be removed while they are listed. */
export async function unlessAbsent<T, U>(work: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise;
    throw error;
  }
}
