import { parseArgs } from 'node:util';
import { ConfigError } from '../config.ts';

const USAGE = `npm run restore -- FILE [--ledger DIR | --without-ledger] [--secret FILE]
npm run restore -- FILE --without-ledger --new-secret
npm run restore -- FILE --check
npm run restore -- --ledger-only [--ledger DIR] [--secret FILE]

Makes a server of a backup that "colloquy backup" wrote: in a DATA_DIR without a database, or in the
empty database of DATABASE_URL. What was let go of since the backup was taken does not come back, by
what the ledger says.

  --ledger DIR      the ledger, where it is not in its place: the folder "ledger" of the old DATA_DIR
  --without-ledger  it is lost: what was let go of since the backup was taken comes back
  --secret FILE     the file "secret" of the old DATA_DIR, where SECRET is not set
  --new-secret      it is lost: ids of what was erased can be used again, certificates not be checked
  --check           only read the archive, and see whether it is whole
  --ledger-only     there is no archive: a database that PostgreSQL's own means have restored lets go
                    again of what the ledger says`;

export interface RestoreOptions {
  /** null: only the ledger is applied. */
  readonly file: string | null;
  readonly ledgerDir: string | null;
  readonly withoutLedger: boolean;
  readonly secretFile: string | null;
  readonly newSecret: boolean;
  readonly checkOnly: boolean;
}

/** From the arguments of the command line; a ConfigError with all there is to say where it makes no sense. */
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
    if (positionals.length === files && isSensible(given)) return given;
  } catch {
    // Said below.
  }
  throw new ConfigError(`\n${USAGE}`);
}

function isSensible(given: RestoreOptions): boolean {
  const { file, ledgerDir, withoutLedger, secretFile, newSecret, checkOnly } = given;
  if (withoutLedger && (ledgerDir !== null || file === null)) return false;
  if (newSecret && secretFile !== null) return false;
  // A ledger says nothing to whoever has not the SECRET that it was written with.
  return checkOnly || !newSecret || withoutLedger;
}
