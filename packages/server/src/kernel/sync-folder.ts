import { open } from 'node:fs/promises';

/** Sees to it that the names in a folder are on disk, not only the files. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
