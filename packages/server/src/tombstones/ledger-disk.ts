import { createReadStream } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Config } from '../config.ts';
import { syncFolder } from '../kernel/sync-folder.ts';
import { type LedgerPlace, onLedger } from './ledger-place.ts';

export function ownDiskLedger({
  ledgerDir,
  dataDir,
}: Pick<Config, 'ledgerDir' | 'dataDir'>): LedgerPlace {
  return diskLedger(ledgerDir ?? join(dataDir, 'ledger'), ledgerDir ?? 'DATA_DIR');
}

/** Also an object of a bucket (ledger-s3.ts), for a ledger that was copied from one. */
const FILE = /^\d{4}-\d{2}(-\d{2}T[\d.]+Z-[\da-f-]{36})?\.jsonl$/;
const LINE_FEED = '\n'.charCodeAt(0);

/** One file per month, such as `2026-03.jsonl`. */
export function diskLedger(folder: string, kept = folder): LedgerPlace {
  return {
    name: folder,
    kept,
    append: (lines) => onLedger(append(folder, lines)),
    async *lines() {
      for (const name of await filesIn(folder)) {
        const input = createReadStream(join(folder, name), 'utf8');
        try {
          yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
        } finally {
          input.destroy();
        }
      }
    },
    close: async () => undefined,
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => FILE.test(name)).sort();
}

async function append(folder: string, lines: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await open(
    join(folder, `${new Date().toISOString().slice(0, 7)}.jsonl`),
    'a+',
    0o600,
  );
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    // The last line may be incomplete after a crash.
    const isCut = size > 0 && last[0] !== LINE_FEED;
    await file.appendFile(isCut ? `\n${lines}` : lines);
    await file.sync();
    if (size === 0) for (const path of [folder, dirname(folder)]) await syncFolder(path);
  } finally {
    await file.close();
  }
}
