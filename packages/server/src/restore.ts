import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { type Applied, LedgerError } from './backup/apply-ledger.ts';
import type { Manifest } from './backup/archive.ts';
import { type Archive, ArchiveError, openArchive } from './backup/read-archive.ts';
import { checkLedger, checkManifest, finishRestore, loadArchive } from './backup/restore.ts';
import { systemClock } from './base/clock.ts';
import { startCounting } from './base/counts.ts';
import { lockDataDir } from './base/data-dir-lock.ts';
import { checkDatabase } from './base/database-check.ts';
import { type ConnectionConfig, openDatabase } from './base/db.ts';
import { startEmbeddedPostgres } from './base/embedded-postgres.ts';
import { Fault } from './base/fault.ts';
import { prepareJobs } from './base/jobs.ts';
import { type LedgerPlace, openLedger, openLedgerPlace } from './base/ledger.ts';
import { diskLedger } from './base/ledger-disk.ts';
import { createMetrics } from './base/metrics.ts';
import { listMigrations, migrate } from './base/migrate.ts';
import { openBlobs } from './base/open-blobs.ts';
import { beginRestoring, endRestoring } from './base/restoring.ts';
import { deriveSecrets, keepSecret } from './base/secrets.ts';
import { StartError } from './base/start-error.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { LiveCache } from './conversations/live-cache.ts';
import { COUNT_TABLES } from './minute-jobs.ts';

const USAGE = `npm run restore -- FILE [--ledger DIR | --without-ledger] [--secret FILE]
npm run restore -- FILE --without-ledger --new-secret
npm run restore -- FILE --check

Makes a server of a backup that "colloquy backup" wrote: in a DATA_DIR without a database, or in the
empty database of DATABASE_URL. What was erased since the backup was taken does not come back, by what
the ledger says.

  --ledger DIR      the ledger, where it is not in its place: the folder "ledger" of the old DATA_DIR
  --without-ledger  it is lost: what was erased since the backup was taken comes back
  --secret FILE     the file "secret" of the old DATA_DIR, where SECRET is not set
  --new-secret      it is lost: ids of what was erased can be used again, certificates not be checked
  --check           only read the archive, and see whether it is whole`;
const REPORT_MILLISECONDS = 2_000;

const log = pino({ level: 'warn' }, pino.destination(2));

interface Options {
  readonly file: string;
  readonly ledgerDir: string | null;
  readonly withoutLedger: boolean;
  readonly secretFile: string | null;
  readonly newSecret: boolean;
  readonly checkOnly: boolean;
}

function readOptions(): Options {
  try {
    const [text, flag] = [{ type: 'string' }, { type: 'boolean', default: false }] as const;
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        ...{ ledger: text, 'without-ledger': flag, secret: text, 'new-secret': flag, check: flag },
      },
    });
    const [file, ...more] = positionals;
    const isTwice =
      (values.ledger && values['without-ledger']) || (values.secret && values['new-secret']);
    // A ledger says nothing to whoever has not the SECRET that it was written with.
    const isBlind = values['new-secret'] && !values['without-ledger'] && !values.check;
    if (file !== undefined && more.length === 0 && !isTwice && !isBlind) {
      return {
        file,
        ledgerDir: values.ledger ?? null,
        withoutLedger: values['without-ledger'],
        secretFile: values.secret ?? null,
        newSecret: values['new-secret'],
        checkOnly: values.check,
      };
    }
  } catch {
    // Said below.
  }
  throw new ConfigError(`\n${USAGE}`);
}

async function main(): Promise<void> {
  const options = readOptions();
  const archive = await openArchive(options.file);
  console.error(about(archive.manifest));
  const progress = startProgress();
  try {
    if (options.checkOnly) await readThrough(archive, progress.loaded);
    else await restore(readConfig(), options, archive, progress);
  } finally {
    progress.stop();
  }
  if (options.checkOnly) console.log('The archive is whole.');
}

async function readThrough(
  { entries }: Archive,
  onRead: (part: { name: string; bytes: number }) => void,
): Promise<void> {
  for await (const { name, bytes } of entries) {
    let size = 0;
    for await (const chunk of bytes) size += chunk.length;
    onRead({ name, bytes: size });
  }
}

async function restore(
  config: Config,
  options: Options,
  archive: Archive,
  progress: Progress,
): Promise<void> {
  const { manifest } = archive;
  const migrations = await listMigrations();
  const secret = await findSecret(config, options);
  const newest = Math.max(...migrations.map(({ number }) => number));
  checkManifest(manifest, secret === null ? null : deriveSecrets(secret), newest);
  await using closing = new AsyncDisposableStack();
  const ownPlace = await openLedgerPlace(config);
  const oldPlace = options.ledgerDir === null ? ownPlace : diskLedger(options.ledgerDir);
  if (!options.withoutLedger) await checkLedger(oldPlace, manifest);

  const connection = await connectionOf(config, closing);
  const db = openDatabase({
    connection,
    onError: (error) => log.warn({ err: error }, 'a database connection was lost'),
  });
  closing.defer(() => db.close());
  const client = await db.connect('colloquy-restore');
  closing.defer(() => client.end());
  await beginRestoring(client, howToEmpty(config));
  if (options.secretFile !== null) await keepCopy(options.secretFile, config);

  const blobs = await openBlobs(config, { clock: systemClock, log });
  closing.defer(() => blobs.close());
  await loadArchive(client, blobs, archive, progress.loaded);
  progress.stop();
  await migrate(client);
  await prepareJobs(connection, log);

  const counting = startCounting(db, COUNT_TABLES, (error) =>
    log.warn({ err: error }, 'counts were not folded'),
  );
  closing.defer(() => counting.close());
  const ctx = {
    ...{ config, db, blobs, log, counting, clock: systemClock, live: new LiveCache() },
    secrets: deriveSecrets(secret ?? (await keepSecret(config.dataDir))),
    metrics: createMetrics(() => ({ total: 0, idle: 0, waiting: 0 })),
  };
  if (!options.withoutLedger) console.error('Letting go of what was erased since…');
  const ledger = options.withoutLedger ? null : oldPlace;
  const applied = await finishRestore(ctx, client, ledger, manifest);
  if (ledger && ledger !== ownPlace) await copyLedger(ledger, ownPlace);
  const own = await openLedger(db, ownPlace, log);
  closing.defer(() => own.close());
  await own.write();
  await endRestoring(client);
  console.log(summary(config, manifest, applied));
}

/** null: a new one is to be made. */
async function findSecret(config: Config, options: Options): Promise<string | null> {
  if (options.newSecret) return null;
  if (config.secret !== null) return config.secret;
  const path = options.secretFile ?? join(config.dataDir, 'secret');
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new ConfigError(
      `there is no ${path}. Set SECRET, or name the file "secret" of the old data folder with --secret; if it is lost, give --new-secret.`,
      { cause },
    );
  }
}

/** For the starts to come; one that is there already is the same, since it was checked. */
async function keepCopy(secretFile: string, config: Config): Promise<void> {
  if (config.secret !== null) return;
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  await copyFile(secretFile, join(config.dataDir, 'secret'));
}

async function copyLedger(from: LedgerPlace, to: LedgerPlace): Promise<void> {
  let lines = '';
  for await (const line of from.lines()) {
    lines += `${line}\n`;
    if (lines.length < 1_000_000) continue;
    await to.append(lines);
    lines = '';
  }
  if (lines !== '') await to.append(lines);
}

async function connectionOf(
  config: Config,
  closing: AsyncDisposableStack,
): Promise<ConnectionConfig> {
  if (config.databaseUrl !== null) {
    const connection = { connectionString: config.databaseUrl };
    await checkDatabase(connection);
    return connection;
  }
  const lock = await lockDataDir(config.dataDir);
  closing.defer(() => lock.release());
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
  closing.defer(() => postgres.stop());
  return postgres.connection;
}

const howToEmpty = ({ databaseUrl, dataDir }: Config) =>
  databaseUrl === null
    ? `move ${join(dataDir, 'postgres')} away, or name another DATA_DIR`
    : 'name an empty database with DATABASE_URL';

interface Progress {
  loaded(part: { readonly name: string; readonly bytes: number }): void;
  stop(): void;
}

function startProgress(): Progress {
  let [parts, bytes, last] = [0, 0, ''];
  const timer = setInterval(() => {
    console.error(`${parts} parts, ${(bytes / 1_000_000).toFixed(1)} MB so far: ${last}`);
  }, REPORT_MILLISECONDS);
  return {
    loaded(part) {
      parts += 1;
      bytes += part.bytes;
      last = part.name;
    },
    stop: () => clearInterval(timer),
  };
}

function about({ TakenAt, Release, Recordings }: Manifest): string {
  const recordings = Recordings === null ? 'without recordings' : `with ${Recordings} recordings`;
  return `A backup of ${TakenAt}, by release ${Release}, ${recordings}.`;
}

function summary(config: Config, { TakenAt, Recordings }: Manifest, applied: Applied | null) {
  const erased = applied
    ? `Erased again, since they were erased after it: ${applied.conversations} conversations, ${applied.calls} calls, parts of ${applied.thinned} conversations.`
    : `What was erased after it has come back: no ledger was read.`;
  return [
    `Restored as of ${TakenAt}. ${erased}`,
    ...(Recordings === null && config.s3 === null
      ? ['Its recordings are not in the archive; they lie in a bucket, which the S3 settings name.']
      : []),
    'API keys that were revoked since, numbers that were added to do-not-call since and the like are as they were then.',
    'Start it with npm start.',
  ].join('\n');
}

try {
  await main();
  // Nothing is left to do; a forgotten handle must not keep the process.
  process.exit(0);
} catch (error) {
  const expected =
    error instanceof ConfigError ||
    error instanceof StartError ||
    error instanceof ArchiveError ||
    error instanceof LedgerError ||
    error instanceof Fault ||
    (error instanceof Error && 'syscall' in error);
  console.error(expected ? `It can't be restored: ${error.message}` : error);
  process.exit(1);
}
