import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { syncFolder } from '../kernel/sync-folder.ts';
import { type BlobStore, type ByteSource, checkBlobKey, onStore } from './blob-store.ts';
import { listDisk, unlessAbsent } from './disk-list.ts';

const CLOSE_MILLISECONDS = 3_000;
const OWNER = 'owner';

/** In 65,536 subfolders by hash. Fault: UNAVAILABLE if the disk is full or broken. */
export async function openDiskBlobs(folder: string): Promise<BlobStore> {
  const incoming = join(folder, 'incoming');
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  await syncFolder(folder);
  await syncFolder(dirname(folder));

  const write = openWriter(folder, incoming);
  const writes = new Set<Promise<unknown>>();
  return {
    put(key, source) {
      const writing = write(key, source);
      writes.add(writing);
      return writing.finally(() => writes.delete(writing));
    },
    async read(key, range) {
      const handle = await present(open(pathOf(folder, key), 'r'));
      return handle && createReadStream('', { fd: handle, ...range });
    },
    size: async (key) => (await present(stat(pathOf(folder, key))))?.size ?? null,
    async remove(key) {
      await onStore(rm(pathOf(folder, key), { force: true }));
    },
    presign: () => null,
    origin: null,
    list: (businessId, position) => onStore(listDisk(folder, businessId, position)),
    removeUnfinished: (instant) => onStore(removeDrafts(incoming, instant)),
    owner: () => present(readFile(join(folder, OWNER), 'utf8')),
    async setOwner(databaseId) {
      const draft = join(incoming, randomUUID());
      await onStore(writeFile(draft, databaseId, { flush: true }));
      await onStore(rename(draft, join(folder, OWNER)));
    },
    async close() {
      const timeout = sleep(CLOSE_MILLISECONDS, undefined, { ref: false });
      await Promise.race([Promise.allSettled(writes), timeout]);
    },
  };
}

function pathOf(folder: string, key: string): string {
  const hash = createHash('sha256').update(checkBlobKey(key)).digest('hex');
  return join(folder, hash.slice(0, 2), hash.slice(2, 4), key.replace('/', '-'));
}

function openWriter(folder: string, incoming: string) {
  // Folders whose names are known to be on disk.
  const durable = new Set<string>();
  const ensureFolder = async (path: string) => {
    if (durable.has(path)) return;
    await mkdir(path, { recursive: true, mode: 0o700 });
    await syncFolder(dirname(path));
    await syncFolder(folder);
    durable.add(path);
  };

  return async (key: string, source: ByteSource) => {
    const path = pathOf(folder, key);
    const draft = join(incoming, randomUUID());
    try {
      const bytes = await writeDraft(draft, source);
      await onStore(ensureFolder(dirname(path)));
      await onStore(rename(draft, path));
      await onStore(syncFolder(dirname(path)));
      return { bytes };
    } catch (error) {
      durable.delete(dirname(path));
      // A remaining draft is removed as unfinished; a remaining blob has no claim and is swept.
      await Promise.allSettled([rm(draft, { force: true }), rm(path, { force: true })]);
      throw error;
    }
  };
}

async function writeDraft(path: string, source: ByteSource): Promise<number> {
  const file = await onStore(open(path, 'wx', 0o600));
  try {
    let bytes = 0;
    for await (const chunk of source) {
      for (let written = 0; written < chunk.length; ) {
        written += (await onStore(file.write(chunk, written))).bytesWritten;
      }
      bytes += chunk.length;
    }
    await onStore(file.sync());
    return bytes;
  } finally {
    await onStore(file.close());
  }
}

/** The age of a draft counts from its last chunk. */
async function removeDrafts(incoming: string, before: number): Promise<number> {
  let removed = 0;
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name);
    const facts = await stat(path).catch(() => null); // gone: its upload has ended
    if (!facts || facts.mtimeMs >= before) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

const present = <T>(work: Promise<T>) => onStore(unlessAbsent(work, null));
