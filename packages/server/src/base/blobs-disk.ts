import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobStore } from './blobs.ts';
import { type Fault, unavailable } from './fault.ts';

const KEY = /^[1-9]\d{0,15}\/[A-Za-z0-9_-]{1,128}$/;
const DAY_MILLISECONDS = 86_400_000;

/**
 * Blobs as files below `folder`, in 65,536 subfolders by the hash of their key. A disk that is
 * full or broken is UNAVAILABLE; an error of a source is passed on as it is.
 */
export async function openDiskBlobs(folder: string): Promise<BlobStore> {
  const incoming = join(folder, 'incoming');
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  await syncFolder(folder);
  await syncFolder(dirname(folder));
  await sweepIncoming(incoming);

  const pathOf = (key: string) => {
    if (!KEY.test(key)) throw new Error(`not a blob key: ${JSON.stringify(key)}`);
    const hash = createHash('sha256').update(key).digest('hex');
    return join(folder, hash.slice(0, 2), hash.slice(2, 4), key.replace('/', '-'));
  };

  // Folders whose own names this process knows to be on disk, so that they are synced once only.
  const durable = new Set<string>();
  const ensureFolder = async (path: string) => {
    if (durable.has(path)) return;
    await mkdir(path, { recursive: true, mode: 0o700 });
    await syncFolder(dirname(path));
    await syncFolder(folder);
    durable.add(path);
  };

  return {
    async put(key, source) {
      const path = pathOf(key);
      const draft = join(incoming, randomUUID());
      try {
        const bytes = await writeDraft(draft, source);
        await onDisk(ensureFolder(dirname(path)));
        await onDisk(rename(draft, path));
        await onDisk(syncFolder(dirname(path)));
        return { bytes };
      } catch (error) {
        durable.delete(dirname(path));
        // A draft that stays is swept at a later start; a blob that stays has no claim.
        await Promise.allSettled([rm(draft, { force: true }), rm(path, { force: true })]);
        throw error;
      }
    },
    async read(key, range) {
      const handle = await present(open(pathOf(key), 'r'));
      return handle && createReadStream('', { fd: handle, ...range });
    },
    size: async (key) => (await present(stat(pathOf(key))))?.size ?? null,
    async remove(key) {
      await onDisk(rm(pathOf(key), { force: true }));
    },
    presign: () => null,
  };
}

/** Writes and syncs a new file; the number of bytes. */
async function writeDraft(path: string, source: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await onDisk(open(path, 'wx', 0o600));
  try {
    let bytes = 0;
    for await (const chunk of source) {
      for (let written = 0; written < chunk.length; ) {
        written += (await onDisk(file.write(chunk, written))).bytesWritten;
      }
      bytes += chunk.length;
    }
    await onDisk(file.sync());
    return bytes;
  } finally {
    await onDisk(file.close());
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder: FileHandle = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes what a process that died was writing; younger drafts may be another process's. */
async function sweepIncoming(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name);
    const facts = await stat(path).catch(() => null); // gone: another process sweeps too
    if (facts && facts.mtimeMs < Date.now() - DAY_MILLISECONDS) await rm(path, { force: true });
  }
}

function fault(error: unknown): Fault {
  return unavailable('The store of recordings', error);
}

async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw fault(error);
  }
}

/** Null where there is no such file. */
async function present<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw fault(error);
  }
}
