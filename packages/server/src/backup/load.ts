import type { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type pg from 'pg';
import type { BlobStore } from '../blobs/blob-store.ts';
import { prepareRestoredJobs, writeJobs } from '../kernel/jobs/jobs-copy.ts';
import { migrate } from '../kernel/postgres/migrate.ts';
import {
  emptyTables,
  raiseIdentities,
  setSequence,
  writeTable,
} from '../kernel/postgres/table-copy.ts';
import { JOBS, RECORDINGS, TABLES } from './archive.ts';
import { type Archive, ArchiveError } from './read-archive.ts';

const decompress = promisify(gunzip);
/** Parts have some megabytes; a larger size is invalid. */
const MAX_PART = 256 * 1024 * 1024;

export interface Loaded {
  readonly name: string;
  /** Compressed, as in the archive. */
  readonly bytes: number;
}

/** Waiting jobs are in a temporary table of `client` afterwards, for `addJobs`. */
export async function loadArchive(
  client: pg.Client,
  blobs: BlobStore,
  { manifest, entries }: Archive,
  onLoaded: (loaded: Loaded) => void,
): Promise<void> {
  await migrate(client, manifest.Migration);
  // Migrations insert rows too.
  await emptyTables(client, manifest.Tables);
  const tables = new Map(manifest.Tables.map((table) => [TABLES + table.name, table]));
  await prepareRestoredJobs(client);
  let open = null as { name: string; rows: Writable } | null;
  for await (const { name, bytes } of entries) {
    if (name.startsWith(RECORDINGS)) {
      if (open) await end(open.rows);
      open = null;
      const { bytes: size } = await blobs.put(name.slice(RECORDINGS.length), bytes);
      onLoaded({ name, bytes: size });
      continue;
    }
    const group = name.slice(0, name.lastIndexOf('/'));
    if (open?.name !== group) {
      if (open) await end(open.rows);
      const table = tables.get(group);
      if (!table && group !== JOBS) throw new ArchiveError(`The archive has an unknown ${name}.`);
      open = { name: group, rows: table ? writeTable(client, table) : writeJobs(client) };
    }
    const part = await buffer(bytes);
    await write(open.rows, await decompress(part, { maxOutputLength: MAX_PART }));
    onLoaded({ name, bytes: part.length });
  }
  if (open) await end(open.rows);
  for (const sequence of manifest.Sequences) await setSequence(client, sequence);
  await raiseIdentities(client);
}

function write(rows: Writable, text: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    rows.once('error', reject);
    rows.write(text, (error) => {
      rows.off('error', reject);
      if (error) reject(error);
      else resolve();
    });
  });
}

async function end(rows: Writable): Promise<void> {
  rows.end();
  await finished(rows);
}
