import packageJson from '../../package.json' with { type: 'json' };
import { audit } from '../access/audit/pending-store.ts';
import { type Caller, systemScope } from '../access/authorization/scope.ts';
import { eachBusiness } from '../access/businesses/for-each-business.ts';
import type { Context } from '../context.ts';
import { listPlaced, readPlaced } from '../kernel/citus/snapshot.ts';
import { Fault } from '../kernel/fault.ts';
import { readJobs } from '../kernel/jobs/jobs-copy.ts';
import { openSnapshot, type Snapshot } from '../kernel/postgres/database.ts';
import { databaseId } from '../kernel/postgres/installation-store.ts';
import { lastMigration } from '../kernel/postgres/migrate.ts';
import { takeAlone } from '../kernel/postgres/sole-run.ts';
import { listSequences, listTables, readTable, type Table } from '../kernel/postgres/table-copy.ts';
import { countRecordings, listRecordings } from '../recordings/storage/claims-store.ts';
import {
  ArchiveWriter,
  FORMAT,
  JOBS,
  MANIFEST,
  type Manifest,
  RECORDINGS,
  TABLES,
} from './archive.ts';

export type BackupContext = Pick<Context, 'db' | 'blobs' | 'clock' | 'config' | 'log' | 'secrets'>;

/** The database as of when this resolves. CONFLICT during another backup. */
export async function takeBackup(
  ctx: BackupContext,
  caller: Caller,
  withRecordings: boolean,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const turn = await takeAlone(ctx.db, 'take a backup');
  if (!turn) throw new Fault('CONFLICT', 'Another backup is running; wait until it completes.');
  const closing = new AsyncDisposableStack();
  closing.defer(() => turn.release());
  try {
    const snapshot = await openSnapshot(ctx.db, 'colloquy-backup');
    closing.defer(() => snapshot.close());
    const manifest = await describe(ctx, snapshot, withRecordings);
    await noteTaken(ctx, caller);
    const archive = new ArchiveWriter(Date.parse(manifest.TakenAt));
    signal.addEventListener('abort', () => archive.bytes.destroy());
    if (signal.aborted) archive.bytes.destroy();
    write(ctx, snapshot, manifest, archive)
      .then(async (leftOut) => {
        // Clean up before the reader sees the end, so it can start another backup immediately.
        await closing.disposeAsync();
        await archive.end(leftOut);
      })
      .catch(async (error: Error) => {
        if (!archive.bytes.destroyed) ctx.log.error({ err: error }, 'a backup failed');
        // Clean up before the reader sees the error or the end.
        await closing.disposeAsync().finally(() => archive.bytes.destroy(error));
      })
      .catch((error: unknown) => ctx.log.warn({ err: error }, 'could not clean up after a backup'));
    return archive.bytes;
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

/** A backup contains the content of all businesses, so each gets an audit event. */
async function noteTaken(ctx: BackupContext, caller: Caller): Promise<void> {
  for await (const businessId of eachBusiness(ctx.db)) {
    const event = { action: 'BackupTaken', kind: 'Business', id: String(businessId) } as const;
    const actor = { ...caller, businessId, now: ctx.clock.now() };
    await ctx.db.transaction((tx) => audit(tx, ctx, actor, event));
  }
}

async function describe(
  ctx: BackupContext,
  snapshot: Snapshot,
  withRecordings: boolean,
): Promise<Manifest> {
  const { client } = snapshot;
  const tables = await listTables(client);
  return {
    Backup: 'colloquy',
    Format: FORMAT,
    Release: packageJson.version,
    TakenAt: new Date(ctx.clock.now()).toISOString(),
    Migration: await lastMigration(client),
    Installation: await databaseId(snapshot),
    SecretCheck: secretCheck(ctx.secrets),
    Tables: tables,
    Sequences: await listSequences(client),
    Recordings: withRecordings ? await countAll(snapshot) : null,
  };
}

/** Identifies a SECRET without revealing it. */
export const secretCheck = (secrets: Context['secrets']) => secrets.sign('backup', 'secret');

async function countAll(snapshot: Snapshot): Promise<number> {
  let count = 0;
  for await (const businessId of eachBusiness(snapshot)) {
    count += await countRecordings(snapshot, systemScope(businessId));
  }
  return count;
}

/** Returns how many recordings are missing in the store. */
async function write(
  ctx: BackupContext,
  snapshot: Snapshot,
  manifest: Manifest,
  archive: ArchiveWriter,
): Promise<number> {
  const { client } = snapshot;
  await archive.json(MANIFEST, manifest);
  const read = (await ctx.db.isDistributed())
    ? await tablesOfCluster(snapshot)
    : (table: Table) => readTable(client, table);
  for (const table of manifest.Tables) await archive.rows(TABLES + table.name, read(table));
  await archive.rows(JOBS, readJobs(client));
  let leftOut = 0;
  if (manifest.Recordings !== null) {
    for await (const businessId of eachBusiness(snapshot)) {
      leftOut += await writeRecordings(ctx, snapshot, businessId, archive);
    }
  }
  return leftOut;
}

/** Rows of a business that was created a moment later, before a node's snapshot, are left out. */
async function tablesOfCluster(snapshot: Snapshot) {
  const { client } = snapshot;
  const placed = await listPlaced(client);
  const businessIds = await Array.fromAsync(eachBusiness(snapshot));
  return (table: Table) => {
    const identity = placed.get(table.name);
    if (identity === undefined) return readTable(client, table);
    return readPlaced(client, table, { identity, businessIds });
  };
}

const PAGE_SIZE = 500;

async function writeRecordings(
  { blobs }: BackupContext,
  snapshot: Snapshot,
  businessId: number,
  archive: ArchiveWriter,
): Promise<number> {
  const scope = systemScope(businessId);
  let leftOut = 0;
  let after: readonly [string, string] = ['', ''];
  for (;;) {
    const page = await listRecordings(snapshot, scope, after, PAGE_SIZE);
    for (const { blobKey, derivedKeys } of page) {
      for (const key of [blobKey, ...derivedKeys]) {
        const size = await blobs.size(key);
        const source = size === null ? null : await blobs.read(key);
        if (size !== null && source) await archive.blob(RECORDINGS + key, size, source);
        else if (key === blobKey) leftOut += 1;
      }
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE_SIZE) return leftOut;
    after = [last.conversationId, last.participantId];
  }
}
