import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  type EmbeddedPostgres,
  PostgresStartError,
  startEmbeddedPostgres,
} from '@colloquy/embedded-postgres';
import pg from 'pg';
import { type Logger, pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { lockDataDir } from '../../packages/server/src/kernel/data-dir-lock.ts';
import { StartError } from '../../packages/server/src/kernel/start-error.ts';
import { copyPreparedCluster } from '../servers/postgres.ts';

const isRoot = process.getuid?.() === 0;
const silent = pino({ level: 'silent' });

// A database with one row, copied by tests that do not need a first start.
let template: string;

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'colloquy-test-'));
  await copyPreparedCluster(template);
  const { connection, stop } = await startEmbeddedPostgres({ dataDir: template, log: silent });
  await query(connection, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await stop();
});
afterAll(() => rm(template, { recursive: true, force: true }));

const copyTemplate = (folder = dataDir) =>
  promisify(execFile)('cp', ['-a', join(template, 'postgres'), folder]);

let dataDir: string;
let cleanups: (() => Promise<unknown>)[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'colloquy-test-'));
  cleanups = [() => rm(dataDir, { recursive: true, force: true, maxRetries: 10 })];
});
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

async function start(folder = dataDir, log: Logger = silent): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir: folder, log });
  cleanups.push(() => postgres.stop());
  return postgres;
}

async function query(
  connection: pg.ClientConfig,
  text: string,
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function queryWhenBack(connection: pg.ClientConfig, text: string) {
  return vi.waitFor(() => query(connection, text), { timeout: 60_000, interval: 20 });
}

async function postmasterOf(folder: string): Promise<number> {
  return Number.parseInt(await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const LOCK = new URL('../../packages/server/src/kernel/data-dir-lock.ts', import.meta.url);
const PROGRAM = `
  import { pino } from 'pino';
  const { lockDataDir } = await import('${LOCK}');
  const { startEmbeddedPostgres } = await import('@colloquy/embedded-postgres');
  const [dataDir, goal] = process.argv.slice(1);
  let stop = () => process.exit(0);
  process.on('SIGINT', () => console.log('interrupted'));
  process.on('SIGUSR2', () => stop());
  setInterval(() => undefined, 1000);
  try {
    const lock = await lockDataDir(dataDir);
    if (goal === 'start') {
      console.log('starting');
      const postgres = await startEmbeddedPostgres({ dataDir, log: pino({ level: 'silent' }) });
      stop = async () => {
        await postgres.stop();
        await lock.release();
        process.exit(0);
      };
    }
    // Garbage collection must not release a lock that no variable refers to.
    gc();
    await new Promise(setImmediate);
    console.log('ready');
  } catch (error) {
    console.log(error.name + ': ' + error.message);
    process.exit(1);
  }
`;

interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  next(): Promise<string>;
  kill(): Promise<void>;
}

/** Another process that locks the folder and, for `start`, also runs its database. */
function runProgram(folder: string, goal: 'lock' | 'start'): Program {
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', PROGRAM, folder, goal],
    {
      cwd: fileURLToPath(new URL('.', LOCK)),
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  cleanups.push(kill);
  return {
    child,
    pid: child.pid ?? 0,
    next: async () => (await lines.next()).value ?? 'no more lines',
    kill,
  };
}

describe('the lock of a data folder', () => {
  test('the lock of a data folder has one holder in a process and can be released', async () => {
    const starters = await Promise.allSettled(
      Array.from({ length: 8 }, () => lockDataDir(dataDir)),
    );
    const winners = starters.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(winners).toHaveLength(1);
    const [refused] = starters.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused).toBeInstanceOf(StartError);
    expect(refused.message).toContain(`(process ${process.pid})`);
    expect(refused.message).toContain(dataDir);
    await winners[0]?.release();
    await (await lockDataDir(dataDir)).release();
  });

  test('the lock of a data folder is given to one of two processes until that process ends', async () => {
    const programs = [runProgram(dataDir, 'lock'), runProgram(dataDir, 'lock')];
    const said = await Promise.all(programs.map((program) => program.next()));
    expect(said.filter((line) => line === 'ready')).toHaveLength(1);
    const winner = programs[said.indexOf('ready')];
    expect(said.find((line) => line !== 'ready')).toContain(
      `StartError: Another Colloquy (process ${winner?.pid}) already runs on the data folder ${dataDir};`,
    );
    await expect(lockDataDir(dataDir)).rejects.toThrow(`(process ${winner?.pid})`);
    await winner?.kill();
    await (await lockDataDir(dataDir)).release();
  });
});

describe('the embedded database', () => {
  test('the embedded database is created at the first start and kept at the second', async () => {
    const first = await start();
    expect(await query(first.connection, 'SHOW listen_addresses')).toEqual([
      { listen_addresses: '' },
    ]);
    expect((await stat(String(first.connection.host))).mode & 0o777).toBe(0o700);
    const facts = `SELECT current_database() AS name, encoding::int, datlocprovider::text AS provider,
      datctype, current_setting('data_checksums') AS checksums
      FROM pg_database WHERE datname = current_database()`;
    expect(await query(first.connection, facts)).toEqual([
      { name: 'colloquy', encoding: 6, provider: 'b', datctype: 'C.UTF-8', checksums: 'on' },
    ]);
    await query(first.connection, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    await first.stop();
    expect((await readdir(dataDir)).sort()).toEqual(['postgres']);

    const second = await start();
    expect(await query(second.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  test('the embedded database compares letters of any language by trigrams', async () => {
    await copyTemplate();
    const { connection } = await start();
    await query(connection, 'CREATE EXTENSION pg_trgm');
    expect(await query(connection, "SELECT similarity('Ünal 東京', 'ünal 東京') AS same")).toEqual([
      { same: 1 },
    ]);
    expect(await query(connection, "SELECT cardinality(show_trgm('東京')) > 0 AS some")).toEqual([
      { some: true },
    ]);
  });

  test('the embedded database logs no text of a statement', async () => {
    await copyTemplate();
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
    const { connection, stop } = await start(dataDir, log);
    await query(connection, 'CREATE TABLE said (line text UNIQUE CHECK (length(line) < 20))');
    for (const failing of [
      "SELECT 'quite private'::int",
      "INSERT INTO said VALUES ('quite private'), ('quite private')",
      "INSERT INTO said VALUES ('quite private and far too long')",
      "DO $$ BEGIN RAISE WARNING 'quite private'; RAISE 'quite\nprivate'; END $$",
      "SELECT 'quite private",
    ]) {
      await expect(query(connection, failing)).rejects.toThrow();
    }
    const elsewhere = { ...connection, database: 'quite private' };
    await expect(query(elsewhere, 'SELECT 1')).rejects.toThrow();
    await stop();
    expect(lines.join()).toContain('22P02');
    expect(lines.join()).not.toContain('private');
  });

  test('the embedded database restarts after PostgreSQL is killed, but not after stop()', async () => {
    await copyTemplate();
    const { connection, stop } = await start();
    for (let times = 0; times < 2; times += 1) {
      const pid = await postmasterOf(dataDir);
      process.kill(pid, 'SIGKILL');
      expect(await queryWhenBack(connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
      expect(await postmasterOf(dataDir)).not.toBe(pid);
    }
    const pid = await postmasterOf(dataDir);
    await stop();
    expect(isAlive(pid)).toBe(false);
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('postmaster.pid');
    // A restart that was still planned would compete with this start.
    const again = await start();
    const next = await postmasterOf(dataDir);
    expect(await query(again.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await postmasterOf(dataDir)).toBe(next);
  });

  test('a start stops the PostgreSQL that a killed server left running', async () => {
    await copyTemplate();
    const program = runProgram(dataDir, 'start');
    await program.next();
    expect(await program.next()).toBe('ready');
    const orphan = await postmasterOf(dataDir);
    await program.kill();
    expect(isAlive(orphan)).toBe(true);
    await (await lockDataDir(dataDir)).release();
    const { connection } = await start();
    expect(await query(connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await postmasterOf(dataDir)).not.toBe(orphan);
  });

  test('a start succeeds after server and PostgreSQL were killed while a statement ran', async () => {
    await copyTemplate();
    const program = runProgram(dataDir, 'start');
    await program.next();
    expect(await program.next()).toBe('ready');
    const socket = { host: join(dataDir, 'run'), user: 'colloquy', database: 'colloquy' };
    const busy = query(socket, 'SELECT count(*) FROM generate_series(1, 1e12::bigint)');
    const broken = busy.then(() => 'answered').catch(() => 'broken');
    const running = `SELECT 1 FROM pg_stat_activity
      WHERE query LIKE 'SELECT count%generate_series%' AND state = 'active'`;
    await expect.poll(() => query(socket, running), { interval: 20 }).toHaveLength(1);
    process.kill(await postmasterOf(dataDir), 'SIGKILL');
    await program.kill();
    const { connection } = await start();
    expect(await query(connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await broken).toBe('broken');
  });

  test('a start succeeds after the first start was killed halfway', async () => {
    const program = runProgram(dataDir, 'start');
    expect(await program.next()).toBe('starting');
    const unfinished = expect.stringMatching(/^postgres\.unfinished-/);
    await expect.poll(() => readdir(dataDir), { interval: 5 }).toContainEqual(unfinished);
    await program.kill();
    expect(await readdir(dataDir)).toContainEqual(unfinished);
    expect(await readdir(dataDir)).not.toContain('postgres');
    const { connection } = await start();
    expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('a start ignores a postmaster.pid whose number is now another process', async () => {
    await copyTemplate();
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    const bystander = runProgram(join(dataDir, 'elsewhere'), 'lock');
    expect(await bystander.next()).toBe('ready');
    await writeFile(pidFile, `${bystander.pid}\n${dataDir}/postgres\n1\n5432\n/tmp\n\n\nready\n`, {
      mode: 0o600,
    });
    const { connection } = await start();
    expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(isAlive(bystander.pid)).toBe(true);
  });

  test('the embedded database survives Ctrl-C until the server stops it', async () => {
    await copyTemplate();
    const program = runProgram(dataDir, 'start');
    await program.next();
    expect(await program.next()).toBe('ready');
    const postmaster = await postmasterOf(dataDir);
    process.kill(-program.pid, 'SIGINT');
    expect(await program.next()).toBe('interrupted');
    const socket = { host: join(dataDir, 'run'), user: 'colloquy', database: 'colloquy' };
    // PostgreSQL handles a signal before the next connection, so a signal would refuse the second
    // one.
    for (let times = 0; times < 2; times += 1) {
      expect(await query(socket, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    }
    program.child.kill('SIGUSR2');
    expect(await once(program.child, 'exit')).toEqual([0, null]);
    expect(isAlive(postmaster)).toBe(false);
  });

  test('a start refuses data of another major version and names the fix', async () => {
    await mkdir(join(dataDir, 'postgres'));
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '15\n');
    const refusal = await start().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(PostgresStartError);
    expect(String(refusal)).toMatch(/made by PostgreSQL 15, .* ships PostgreSQL 18.*pg_dump 15/);
    expect(String(refusal)).toMatch(/DATABASE_URL .*pg_upgrade, or move the folder away/);
  });

  test('a start refuses a folder with other files', async () => {
    await mkdir(join(dataDir, 'postgres', 'photographs'), { recursive: true });
    await expect(start()).rejects.toThrow('holds no PostgreSQL database');
    expect(await readdir(join(dataDir, 'postgres'))).toEqual(['photographs']);
  });

  test('the embedded database works if the path is too long for a socket or has special characters', async () => {
    const folder = join(dataDir, 'it\'s, a "long" path ü', 'x'.repeat(100));
    const { connection, stop } = await start(folder);
    const socketFolder = String(connection.host);
    expect(socketFolder.startsWith(folder)).toBe(false);
    expect((await stat(socketFolder)).mode & 0o777).toBe(0o700);
    expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await stop();
    await expect(stat(socketFolder)).rejects.toThrow('ENOENT');

    await copyTemplate(dirname(folder));
    const { connection: odd } = await start(dirname(folder));
    expect(odd.host).toBe(join(dirname(folder), 'run'));
  });

  test.runIf(isRoot)(
    'the embedded database works below a folder that only root may enter',
    async () => {
      await chmod(dataDir, 0o700);
      const folder = join(dataDir, 'below', 'data');
      await (await start(folder)).stop();
      const { connection } = await start(folder);
      expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    },
  );

  test.runIf(isRoot)('the embedded database runs as the owner of its folder', async () => {
    const owner = { uid: 65_534, gid: 65_534 };
    await chown(dataDir, owner.uid, owner.gid);
    await (await start()).stop();
    expect(await stat(join(dataDir, 'postgres'))).toMatchObject(owner);
    const { connection } = await start();
    expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await stat(join(dataDir, 'postgres'))).toMatchObject(owner);
  });
});
