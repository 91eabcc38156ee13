import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { isAnyNodeRunning } from '../access/authorization/lease-store.ts';
import { composeContext } from '../app.ts';
import { type Applied, applyLedger, LedgerError } from '../backup/apply-ledger.ts';
import type { Manifest } from '../backup/archive.ts';
import { checkNodes } from '../backup/check-nodes.ts';
import { type Loaded, loadArchive } from '../backup/load.ts';
import { type Archive, ArchiveError, openArchive } from '../backup/read-archive.ts';
import { checkLedger, checkManifest } from '../backup/restore.ts';
import { beginRestoring, endRestoring } from '../backup/restoring.ts';
import { openBlobs } from '../blobs/open-blobs.ts';
import { skipPositions } from '../changes/log-store.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { checkCluster, hasWorkers } from '../kernel/citus/check-cluster.ts';
import { place } from '../kernel/citus/placement.ts';
import { systemClock } from '../kernel/clock.ts';
import { Fault } from '../kernel/fault.ts';
import { prepareJobs } from '../kernel/jobs/jobs.ts';
import { addJobs } from '../kernel/jobs/jobs-copy.ts';
import { databaseId } from '../kernel/postgres/installation-store.ts';
import { listMigrations, migrate } from '../kernel/postgres/migrate.ts';
import { openConnection } from '../kernel/postgres/open-connection.ts';
import { openDatabase } from '../kernel/postgres/open-database.ts';
import { deriveSecrets, keepSecret } from '../kernel/secrets.ts';
import { StartError } from '../kernel/start-error.ts';
import { openLedger, openLedgerPlace, readLedger } from '../tombstones/ledger.ts';
import { diskLedger } from '../tombstones/ledger-disk.ts';
import type { LedgerPlace } from '../tombstones/ledger-place.ts';
import { type RestoreOptions, readRestoreOptions } from './restore-options.ts';

const REPORT_MILLISECONDS = 2_000;

const log = pino({ level: 'warn' }, pino.destination(2));

interface Run {
  readonly config: Config;
  readonly options: RestoreOptions;
  readonly say: (line: string) => void;
}

export async function runRestore(
  args: readonly string[],
  say: (line: string) => void,
  environment?: NodeJS.ProcessEnv,
): Promise<string> {
  const options = readRestoreOptions(args);
  const openRun = (): Run => ({ config: readConfig(environment), options, say });
  if (options.file === null) return applyToDatabase(openRun());
  const archive = await openArchive(options.file);
  say(describeBackup(archive.manifest));
  const progress = startProgress(say);
  try {
    if (!options.checkOnly) return await restore(openRun(), archive, progress);
    await readThrough(archive, progress.loaded);
    return 'The archive is complete.';
  } finally {
    progress.stop();
  }
}

async function readThrough({ entries }: Archive, onRead: Progress['loaded']): Promise<void> {
  for await (const { name, bytes } of entries) {
    let size = 0;
    for await (const chunk of bytes) size += chunk.length;
    onRead({ name, bytes: size });
  }
}

const EXPECTED = [ConfigError, StartError, ArchiveError, LedgerError, Fault];

/** The message of a failure that the operator can fix; otherwise null. */
export function restoreFailure(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const isExpected = EXPECTED.some((type) => error instanceof type) || 'syscall' in error;
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

  await using target = await openTarget(config);
  const { client, blobs } = target;
  const isCluster = await hasWorkers(client);
  if (isCluster) await checkCluster(client);
  await beginRestoring(client, emptyingHint(config));
  if (options.secretFile !== null) await copySecret(options.secretFile, config);
  await loadArchive(client, blobs, archive, progress.loaded);
  progress.stop();
  await migrate(client);
  await skipPositions(client);
  await prepareJobs(target.connection, log);
  const applied = await applyOldLedger(run, target, ledgers, secret);
  await addJobs(client);
  // Last, because migrations of old archives and the ledger then need no other node.
  if (isCluster) await placeAll(client, run.say);
  await client.query('ANALYZE');
  await endRestoring(client);
  return renderSummary(config, manifest, applied);
}

async function placeAll(client: Target['client'], say: Run['say']): Promise<void> {
  say('Placing the tables on the nodes of the cluster…');
  await place(client, (name) => say(`placing ${name}`));
}

async function applyToDatabase(run: Run): Promise<string> {
  const { config, options } = run;
  const secret = await findSecret(config, options);
  await using ledgers = await openLedgers(config, options);
  await using target = await openTarget(config);
  if (await isAnyNodeRunning(target.db)) {
    throw new StartError('a server runs on this database; stop it first.');
  }
  await migrate(target.client);
  if (await target.db.isDistributed()) await checkNodes(target.client);
  await prepareJobs(target.connection, log);
  if (ledgers.old) await checkLedger(ledgers.old, await databaseId(target.db));
  return renderApplied(await applyOldLedger(run, target, ledgers, secret));
}

type Ledgers = Awaited<ReturnType<typeof openLedgers>>;

async function openLedgers(config: Config, { ledgerDir, withoutLedger }: RestoreOptions) {
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

type Target = Awaited<ReturnType<typeof openTarget>>;

async function openTarget(config: Config) {
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

/** Applies the old ledger and copies it to the server's ledger; null if there is none. */
async function applyOldLedger(
  { config, say }: Run,
  { db, client, blobs }: Target,
  { own, old }: Ledgers,
  secret: string | null,
): Promise<Applied | null> {
  await using closing = new AsyncDisposableStack();
  const secrets = deriveSecrets(secret ?? (await keepSecret(config.dataDir)));
  const ctx = composeContext({ config, db, blobs, log, clock: systemClock, secrets }, closing);
  if (old) say(`Repeating the deletions since the backup from the ledger in ${old.name}…`);
  const lines = old && readLedger(old, await databaseId(db));
  const applied = lines && (await applyLedger(ctx, client, lines));
  if (old && old !== own) await copyLedger(old, own);
  const ledger = await openLedger(db, own, log);
  await ledger.writeFound();
  return applied;
}

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

/** For later starts. An existing file is equal, as it was checked. */
async function copySecret(secretFile: string, config: Config): Promise<void> {
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

const emptyingHint = ({ databaseUrl, dataDir }: Config) =>
  databaseUrl === null
    ? `move ${join(dataDir, 'postgres')} away, or name another DATA_DIR`
    : 'name an empty database with DATABASE_URL';

type Progress = ReturnType<typeof startProgress>;

function startProgress(say: Run['say']) {
  let [parts, bytes, last] = [0, 0, ''];
  const timer = setInterval(() => {
    say(`${parts} parts, ${(bytes / 1_000_000).toFixed(1)} MB so far: ${last}`);
  }, REPORT_MILLISECONDS);
  return {
    loaded(part: Loaded) {
      parts += 1;
      bytes += part.bytes;
      last = part.name;
    },
    stop: () => clearInterval(timer),
  };
}

function describeBackup({ TakenAt, Release, Recordings }: Manifest): string {
  const recordings = Recordings === null ? 'without recordings' : `with ${Recordings} recordings`;
  return `A backup of ${TakenAt}, by release ${Release}, ${recordings}.`;
}

function renderSummary(config: Config, { TakenAt, Recordings }: Manifest, applied: Applied | null) {
  return [
    `Restored the state of ${TakenAt}.`,
    renderApplied(applied),
    ...(Recordings === null && config.s3 === null
      ? [
          'The archive contains no recordings: they are in a bucket, which the S3 settings must name.',
        ]
      : []),
    'Changes of API keys and do-not-call numbers after the backup are lost: revoke the keys and add the numbers again.',
    'Start the server.',
  ].join('\n');
}

const renderApplied = (applied: Applied | null) =>
  applied
    ? `Deleted again: ${applied.conversations} conversations, ${applied.calls} calls, parts of ${applied.purged} conversations.`
    : 'Data that was deleted after the backup has come back, because no ledger was read.';
