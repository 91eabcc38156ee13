import { open } from 'node:fs/promises';

/** Makes new names in a folder durable, which syncing the files does not. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
