import type pg from 'pg';
import type { Context } from '../context.ts';
import { migrate } from '../kernel/postgres/migrate.ts';
import type { LedgerPlace } from '../tombstones/ledger-place.ts';
import { LedgerError } from './apply-ledger.ts';
import type { Manifest } from './archive.ts';
import { type Loaded, load } from './load.ts';
import { type Archive, ArchiveError } from './read-archive.ts';
import { secretCheck } from './take.ts';

/** Refuses an incompatible archive before anything is written. ArchiveError. */
export function checkManifest(
  manifest: Manifest,
  secrets: Context['secrets'] | null,
  lastKnownMigration: number,
): void {
  if (manifest.Migration > lastKnownMigration) {
    throw new ArchiveError(
      `The backup was taken by a newer release (${manifest.Release}); restore it with that one or a later one.`,
    );
  }
  if (secrets && secretCheck(secrets) !== manifest.SecretCheck) {
    throw new ArchiveError(
      'The backup was taken with another SECRET; set that one, or name the file `secret` of the old data folder with --secret.',
    );
  }
}

/** Refuses the ledger of another installation. LedgerError. */
export async function checkLedger(place: LedgerPlace, installation: string): Promise<void> {
  let isThere = false;
  for await (const line of place.lines()) {
    isThere = true;
    if (line.includes(installation)) return;
  }
  throw new LedgerError(
    isThere
      ? `The ledger in ${place.name} is another database's; name the one of this backup with --ledger.`
      : `There is no ledger in ${place.name}, so data that was erased after the backup would come back; name the ledger with --ledger, or use --without-ledger if it is lost.`,
  );
}

/**
 * Fills an empty database and a store from an archive. Waiting jobs are in a temporary table of `client`
 * afterwards, for `addJobs`.
 */
export async function loadArchive(
  client: pg.Client,
  blobs: Context['blobs'],
  { manifest, entries }: Archive,
  onLoaded: (loaded: Loaded) => void,
): Promise<void> {
  await migrate(client, manifest.Migration);
  await load(client, blobs, manifest, entries, onLoaded);
}
