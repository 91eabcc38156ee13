import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import type { Binaries } from './binaries.ts';
import { findIdentities, type Identity, type Owner } from './identity.ts';
import { initialSettings } from './settings.ts';
import { PostgresStartError } from './start-error.ts';

export interface Cluster {
  readonly folder: string;
  readonly identity: Identity;
}

export const SUPERUSER = 'colloquy';
const UNFINISHED = 'postgres.unfinished-';

export async function openCluster(dataDir: string, binaries: Binaries, log: Logger) {
  const folder = join(dataDir, 'postgres');
  const major = await readMajor(folder);
  if (major === null) return createCluster(dataDir, folder, binaries, log);
  if (major !== String(binaries.major)) {
    throw new PostgresStartError(
      `The database in ${folder} was made by PostgreSQL ${major}, and this Colloquy ships PostgreSQL ${binaries.major}, which cannot read it: start the earlier Colloquy release and save the database with pg_dump ${major}, or set DATABASE_URL to a PostgreSQL ${binaries.major} server that holds it after pg_upgrade, or move the folder away to start with an empty database.`,
    );
  }
  return { folder, identity: await identityFor(dataDir, folder, binaries, log) };
}

async function readMajor(folder: string): Promise<string | null> {
  try {
    return (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    const entries = await readdir(folder).catch((failure: NodeJS.ErrnoException) => failure);
    if (Array.isArray(entries) ? entries.length === 0 : entries.code === 'ENOENT') return null;
    throw new PostgresStartError(
      Array.isArray(entries)
        ? `${folder} is not empty and holds no PostgreSQL database; move it away or set DATA_DIR to another folder.`
        : `The database in ${folder} cannot be read (${entries.message}); start Colloquy as the user that made it.`,
      { cause: error },
    );
  }
}

async function createCluster(dataDir: string, folder: string, binaries: Binaries, log: Logger) {
  await removeUnfinished(dataDir);
  const failures: string[] = [];
  for (const identity of await findIdentities(await stat(dataDir), binaries.initdb)) {
    // The initdb of a killed start may still be writing.
    const draft = join(dataDir, UNFINISHED + randomBytes(4).toString('hex'));
    try {
      await mkdir(draft, { mode: 0o700 });
      await changeOwner(identity.owner, draft);
      await allowTraversal(identity.owner, dataDir);
      await run(identity, binaries.initdb, initdbArguments(draft));
      await rename(draft, folder);
      await syncFolder(dataDir);
      log.info({ folder }, `created the database, running PostgreSQL ${identity.name}`);
      return { folder, identity };
    } catch (error) {
      failures.push(`${identity.name}: ${(error as Error).message}`);
      await rm(draft, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  throw cannotRun(failures);
}

function initdbArguments(folder: string): string[] {
  return [
    '--pgdata',
    folder,
    `--username=${SUPERUSER}`,
    // Only the server's user can enter the folder of the socket.
    '--auth=trust',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    // With C, pg_trgm would not recognize letters outside of ASCII.
    `--lc-ctype=${process.platform === 'darwin' ? 'UTF-8' : 'C.UTF-8'}`,
    '--data-checksums',
    ...Object.entries(initialSettings).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
  ];
}

/** Leftovers of killed starts; one that is being written is removed next time. */
async function removeUnfinished(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(UNFINISHED)) continue;
    await rm(join(dataDir, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** As root, changes the owner of the folder if no identity works for it. */
async function identityFor(dataDir: string, folder: string, binaries: Binaries, log: Logger) {
  const { uid, gid } = await stat(folder);
  const self = process.getuid?.() ?? 0;
  if (self !== 0 && uid !== self) {
    throw new PostgresStartError(
      `The database in ${folder} belongs to user ${uid}, and Colloquy runs as user ${self}; start it as that user, or give the folder to this one with chown -R.`,
    );
  }
  const failures: string[] = [];
  for (const identity of await findIdentities({ uid, gid }, binaries.postgres)) {
    try {
      const { owner } = identity;
      if (owner.uid !== (await stat(folder)).uid) {
        log.warn({ folder, ...owner }, 'changing the owner of the database to run it');
        await changeOwner(owner, folder);
      }
      await allowTraversal(owner, dataDir);
      // Reads the configuration and exits: the cheapest check.
      await run(identity, binaries.postgres, ['-D', folder, '-C', 'data_directory']);
      return identity;
    } catch (error) {
      failures.push(`${identity.name}: ${(error as Error).message}`);
      await changeOwner({ uid, gid }, folder).catch(() => undefined);
    }
  }
  throw cannotRun(failures);
}

function cannotRun(failures: readonly string[]): PostgresStartError {
  const who = process.getuid?.() === 0 ? ' as root' : '';
  return new PostgresStartError(
    `The embedded PostgreSQL cannot run here${who} (${failures.join('; ')}); fix this, start Colloquy as another user, or set DATABASE_URL to a PostgreSQL 15 or newer.`,
  );
}

/** A failure has the relevant line of its output as message. */
async function run(identity: Identity, file: string, args: readonly string[]): Promise<void> {
  const child = identity.spawn(file, args);
  let output = '';
  child.stdout?.resume();
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? signal));
  });
  if (code === 0) return;
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const reason = lines.find((line) => /error|fatal|failed/i.test(line)) ?? lines.at(-1);
  throw new Error(reason?.trim() ?? `it ended with ${code}`);
}

async function changeOwner(owner: Owner, folder: string): Promise<void> {
  const current = await stat(folder);
  if (current.uid === owner.uid && current.gid === owner.gid) return;
  const target = `${owner.uid}:${owner.gid}`;
  await promisify(execFile)('chown', ['-hR', target, folder]).catch((cause) => {
    throw new Error('the owner of its folder cannot be changed to that user', { cause });
  });
}

/** Others may traverse the data directory, but not list it. */
async function allowTraversal(owner: Owner, dataDir: string): Promise<void> {
  const { uid, mode } = await stat(dataDir);
  if (uid === owner.uid || (mode & 0o001) !== 0) return;
  await chown(dataDir, uid, owner.gid);
  await chmod(dataDir, (mode & 0o777) | 0o010);
}

/** Only then does a renamed folder survive a power failure. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}
