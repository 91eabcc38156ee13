import type { Context } from '../context.ts';
import type { LedgerPlace } from '../tombstones/ledger-place.ts';
import { LedgerError } from './apply-ledger.ts';
import type { Manifest } from './archive.ts';
import { ArchiveError, ofNewerRelease } from './read-archive.ts';
import { secretCheck } from './take.ts';

/** ArchiveError if release or SECRET does not fit. */
export function checkManifest(
  manifest: Manifest,
  secrets: Context['secrets'] | null,
  lastKnownMigration: number,
): void {
  if (manifest.Migration > lastKnownMigration) throw ofNewerRelease(manifest);
  if (secrets && secretCheck(secrets) !== manifest.SecretCheck) {
    throw new ArchiveError(
      'The backup was taken with another SECRET; set that one, or name the file `secret` of the old data folder with --secret.',
    );
  }
}

/** LedgerError if it belongs to another installation. */
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
