import { parseArgs } from 'node:util';
import { ConfigError } from '../config.ts';

const USAGE = `npm run restore -- FILE [--ledger DIR | --without-ledger] [--secret FILE]
npm run restore -- FILE --without-ledger --new-secret
npm run restore -- FILE --check
npm run restore -- --ledger-only [--ledger DIR] [--secret FILE]

Restores a backup that "colloquy backup" wrote: into a DATA_DIR without a database, or into the empty
database of DATABASE_URL. By the ledger, data that was deleted after the backup does not come back.

  --ledger DIR      the ledger, if it is not in its usual place: the folder "ledger" of the old DATA_DIR
  --without-ledger  the ledger is lost: data that was deleted after the backup comes back
  --secret FILE     the file "secret" of the old DATA_DIR, if SECRET is not set
  --new-secret      the secret is lost: ids of deleted data can be used again, and certificates can no
                    longer be verified
  --check           only read the archive and check that it is complete
  --ledger-only     without an archive: apply the ledger to a database that PostgreSQL's tools restored`;

export interface RestoreOptions {
  /** null: only apply the ledger. */
  readonly file: string | null;
  readonly ledgerDir: string | null;
  readonly withoutLedger: boolean;
  readonly secretFile: string | null;
  readonly newSecret: boolean;
  readonly checkOnly: boolean;
}

/** ConfigError with the usage. */
export function readRestoreOptions(args: readonly string[]): RestoreOptions {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean', default: false }] as const;
  const options = {
    ledger: text,
    'without-ledger': flag,
    secret: text,
    'new-secret': flag,
    check: flag,
    'ledger-only': flag,
  };
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const given = {
      file: positionals[0] ?? null,
      ledgerDir: values.ledger ?? null,
      withoutLedger: values['without-ledger'],
      secretFile: values.secret ?? null,
      newSecret: values['new-secret'],
      checkOnly: values.check,
    };
    const files = values['ledger-only'] ? 0 : 1;
    if (positionals.length === files && isConsistent(given)) return given;
  } catch {
    // Reported below.
  }
  throw new ConfigError(`\n${USAGE}`);
}

function isConsistent(given: RestoreOptions): boolean {
  const { file, ledgerDir, withoutLedger, secretFile, newSecret, checkOnly } = given;
  if (withoutLedger && (ledgerDir !== null || file === null)) return false;
  if (newSecret && secretFile !== null) return false;
  // A ledger can be read only with the SECRET it was written with.
  return checkOnly || !newSecret || withoutLedger;
}
