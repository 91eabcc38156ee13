import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres } from '@colloquy/embedded-postgres';
import pg from 'pg';
import { pino } from 'pino';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { prepareJobs } from '../../packages/server/src/kernel/jobs/jobs.ts';
import { migrate } from '../../packages/server/src/kernel/postgres/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: pg.ClientConfig;
    /**
     * The folder of a stopped embedded PostgreSQL with a migrated database; null if there is none.
     */
    preparedCluster: string | null;
  }
}

const log = pino({ level: 'silent' });

/** Tests crash PostgreSQL but never the machine, so these settings lose no data. */
export const TEST_SETTINGS = { fsync: 'off', full_page_writes: 'off', max_wal_size: '256MB' };
/** In memory, creating and removing the 700 files of a database takes a third of the time. */
const MEMORY = '/dev/shm';
const ENOUGH_MEMORY_BYTES = 4 * 1024 ** 3;

/** The migrated database from which the databases of test files are cloned. */
export const TEMPLATE = 'colloquy_template';

/** One PostgreSQL for all test files; TEST_DATABASE_URL names another one to use. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outside = process.env.TEST_DATABASE_URL;
  if (outside !== undefined) {
    await prepareTemplate({ connectionString: outside });
    project.provide('postgres', { connectionString: outside });
    project.provide('citusNodes', null);
    project.provide('preparedCluster', null);
    return async () => undefined;
  }
  const dataDir = await makeDatabaseFolder('colloquy-test-');
  project.provide('preparedCluster', await prepareCluster(dataDir));
  const postgres = await startEmbeddedPostgres({ dataDir, log, settings: TEST_SETTINGS });
  await prepareTemplate(postgres.connection);
  project.provide('postgres', postgres.connection);
  project.provide('citusNodes', null);
  return async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}

/** A temporary folder for the PostgreSQL of a test run, in memory if there is enough. */
export async function makeDatabaseFolder(prefix: string): Promise<string> {
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  const parent = bavail * bsize >= ENOUGH_MEMORY_BYTES ? MEMORY : tmpdir();
  return mkdtemp(join(parent, prefix));
}

async function prepareCluster(dataDir: string): Promise<string> {
  const { connection, stop } = await startEmbeddedPostgres({
    dataDir,
    log,
    settings: TEST_SETTINGS,
  });
  await migrateDatabase(connection);
  await stop();
  const prepared = join(dataDir, 'prepared');
  await promisify(execFile)('cp', ['-a', join(dataDir, 'postgres'), prepared]);
  return prepared;
}

/**
 * Creating the database takes longer than the rest of a server's start. Use it for tests whose
 * subject is not the first start.
 */
export async function copyPreparedCluster(dataDir: string): Promise<void> {
  const prepared = inject('preparedCluster');
  if (prepared === null) return;
  await promisify(execFile)('cp', ['-a', prepared, join(dataDir, 'postgres')]);
}

export async function prepareTemplate(connection: pg.ClientConfig): Promise<void> {
  await run(connection, async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${TEMPLATE}`);
    await client.query(`CREATE DATABASE ${TEMPLATE}`);
  });
  await migrateDatabase(inDatabase(connection, TEMPLATE));
}

export async function migrateDatabase(connection: pg.ClientConfig): Promise<void> {
  await run(connection, async (client) => {
    await migrate(client);
  });
  await prepareJobs(connection, log);
}

export async function run<T>(
  connection: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export function inDatabase(connection: pg.ClientConfig, database: string): pg.ClientConfig {
  if (connection.connectionString === undefined) return { ...connection, database };
  const url = new URL(connection.connectionString);
  url.pathname = `/${database}`;
  return { connectionString: url.toString() };
}
