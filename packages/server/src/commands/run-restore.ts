import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { isAnyNodeRunning } from '../access/authorization/lease-store.ts';
import { composeContext } from '../app.ts';
import { type Applied, applyLedger, LedgerError } from '../backup/apply-ledger.ts';
import type { Manifest } from '../backup/archive.ts';
import { type Archive, ArchiveError, openArchive } from '../backup/read-archive.ts';
import { checkLedger, checkManifest, loadArchive } from '../backup/restore.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { openBlobs } from '../blobs/open-blobs.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { systemClock } from '../kernel/clock.ts';
import { Fault } from '../kernel/fault.ts';
import { prepareJobs } from '../kernel/jobs/jobs.ts';
import { addJobs } from '../kernel/jobs/jobs-copy.ts';
import type { Database } from '../kernel/postgres/database.ts';
import { databaseId } from '../kernel/postgres/installation-store.ts';
import { listMigrations, migrate } from '../kernel/postgres/migrate.ts';
import { openConnection } from '../kernel/postgres/open-connection.ts';
import { type ConnectionConfig, openDatabase } from '../kernel/postgres/open-database.ts';
import { beginRestoring, endRestoring } from '../kernel/postgres/restoring.ts';
import { deriveSecrets, keepSecret } from '../kernel/secrets.ts';
import { StartError } from '../kernel/start-error.ts';
import { openLedger, openLedgerPlace, readLedger } from '../tombstones/ledger.ts';
import { diskLedger } from '../tombstones/ledger-disk.ts';
import type { LedgerPlace } from '../tombstones/ledger-place.ts';
import { type RestoreOptions, readRestoreOptions } from './restore-options.ts';

const REPORT_MILLISECONDS = 2_000;

const log = pino({ level: 'warn' }, pino.destination(2));

/** One run of the command. */
interface Run {
  readonly config: Config;
  readonly options: RestoreOptions;
  /** Takes the lines that say how far it is. */
  readonly say: (line: string) => void;
}

/** What `npm run restore` does with these arguments; gives its summary. */
export async function runRestore(
  args: readonly string[],
  say: (line: string) => void,
  /** In place of the process's own. */
  environment?: NodeJS.ProcessEnv,
): Promise<string> {
  const options = readRestoreOptions(args);
  const open = (): Run => ({ config: readConfig(environment), options, say });
  if (options.file === null) return applyToDatabase(open());
  const archive = await openArchive(options.file);
  say(about(archive.manifest));
  const progress = startProgress(say);
  try {
    if (!options.checkOnly) return await restore(open(), archive, progress);
    await readThrough(archive, progress.loaded);
    return 'The archive is whole.';
  } finally {
    progress.stop();
  }
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

/** The sentence for a failure that the operator can mend; null for any other. */
export function restoreFailure(error: unknown): string | null {
  const isExpected =
    error instanceof ConfigError ||
    error instanceof StartError ||
    error instanceof ArchiveError ||
    error instanceof LedgerError ||
    error instanceof Fault ||
    (error instanceof Error && 'syscall' in error);
  return isExpected ? `It can't be restored: ${error.message}` : null;
}

async function restore(run: Run, archive: Archive, progress: Progress): Promise<string> {
  const { config, options } = run;
  const { manifest } = archive;
  const secret = await findSecret(config, options);
  const migrations = (await listMigrations()).map(({ number }) => number);
  checkManifest(manifest, secret === null ? null : deriveSecrets(secret), Math.max(...migrations));
  await using ledgers = await openLedgers(config, options);
  if (ledgers.old) await checkLedger(ledgers.old, manifest.Installation);

  await using ground = await openGround(config);
  const { client, blobs } = ground;
  await beginRestoring(client, howToEmpty(config));
  if (options.secretFile !== null) await keepCopy(options.secretFile, config);
  await loadArchive(client, blobs, archive, progress.loaded);
  progress.stop();
  await migrate(client);
  await prepareJobs(ground.connection, log);
  const applied = await letGo(run, ground, ledgers, secret);
  await addJobs(client);
  await client.query('ANALYZE');
  await endRestoring(client);
  return summary(config, manifest, applied);
}

async function applyToDatabase(run: Run): Promise<string> {
  const { config, options } = run;
  const secret = await findSecret(config, options);
  await using ledgers = await openLedgers(config, options);
  await using ground = await openGround(config);
  if (await isAnyNodeRunning(ground.db)) {
    throw new StartError('a server runs on this database; stop it first.');
  }
  await migrate(ground.client);
  await prepareJobs(ground.connection, log);
  if (ledgers.old) await checkLedger(ledgers.old, await databaseId(ground.db));
  return erasedText(await letGo(run, ground, ledgers, secret));
}

interface Ledgers extends AsyncDisposable {
  /** Where the server writes from now on. */
  readonly own: LedgerPlace;
  /** The one that says what went; it may be `own`. */
  readonly old: LedgerPlace | null;
}

async function openLedgers(
  config: Config,
  { ledgerDir, withoutLedger }: RestoreOptions,
): Promise<Ledgers> {
  const own = await openLedgerPlace(config);
  const old = ledgerDir === null ? own : diskLedger(ledgerDir);
  return {
    own,
    old: withoutLedger ? null : old,
    async [Symbol.asyncDispose]() {
      await own.close();
      await old.close();
    },
  };
}

interface Ground extends AsyncDisposable {
  readonly connection: ConnectionConfig;
  readonly db: Database;
  /** A connection outside of the pool. */
  readonly client: Awaited<ReturnType<Database['connect']>>;
  readonly blobs: BlobStore;
}

async function openGround(config: Config): Promise<Ground> {
  await using opening = new AsyncDisposableStack();
  const connection = await openConnection(config, log, opening);
  const db = openDatabase({
    connection,
    timeoutSeconds: config.databaseTimeoutSeconds,
    onError: (error) => log.warn({ err: error }, 'a database connection was lost'),
  });
  opening.defer(() => db.close());
  const client = await db.connect('colloquy-restore');
  opening.defer(() => client.end());
  const blobs = await openBlobs(config, { clock: systemClock, log });
  opening.defer(() => blobs.close());
  const open = opening.move();
  return { connection, db, client, blobs, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** What the old ledger says went goes again, and is in the server's own then; null: there is none. */
async function letGo(
  { config, say }: Run,
  { db, client, blobs }: Ground,
  { own, old }: Ledgers,
  secret: string | null,
): Promise<Applied | null> {
  await using closing = new AsyncDisposableStack();
  const secrets = deriveSecrets(secret ?? (await keepSecret(config.dataDir)));
  const ctx = composeContext({ config, db, blobs, log, clock: systemClock, secrets }, closing);
  if (old) say(`Letting go of what went since, by the ledger in ${old.name}…`);
  const lines = old && readLedger(old, await databaseId(db));
  const applied = lines && (await applyLedger(ctx, client, lines));
  if (old && old !== own) await copyLedger(old, own);
  const ledger = await openLedger(db, own, log);
  await ledger.write();
  return applied;
}

/** null: a new one is to be made. */
async function findSecret(config: Config, options: RestoreOptions): Promise<string | null> {
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

const howToEmpty = ({ databaseUrl, dataDir }: Config) =>
  databaseUrl === null
    ? `move ${join(dataDir, 'postgres')} away, or name another DATA_DIR`
    : 'name an empty database with DATABASE_URL';

interface Progress {
  loaded(part: { readonly name: string; readonly bytes: number }): void;
  stop(): void;
}

function startProgress(say: Run['say']): Progress {
  let [parts, bytes, last] = [0, 0, ''];
  const timer = setInterval(() => {
    say(`${parts} parts, ${(bytes / 1_000_000).toFixed(1)} MB so far: ${last}`);
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

function summary(
  config: Config,
  { TakenAt, Recordings }: Manifest,
  applied: Applied | null,
): string {
  return [
    `Restored as of ${TakenAt}.`,
    erasedText(applied),
    ...(Recordings === null && config.s3 === null
      ? ['Its recordings are not in the archive: they lie in a bucket, which the S3 settings name.']
      : []),
    'API keys that were revoked and numbers that were put on do-not-call since are as they were then.',
    'Start it with npm start.',
  ].join('\n');
}

const erasedText = (applied: Applied | null) =>
  applied
    ? `Let go of again: ${applied.conversations} conversations, ${applied.calls} calls, parts of ${applied.thinned} conversations.`
    : 'What was let go of since has come back: no ledger was read.';
