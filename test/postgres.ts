import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../packages/server/src/base/embedded-postgres.ts';
import { prepareJobs } from '../packages/server/src/base/jobs/jobs.ts';
import { migrate } from '../packages/server/src/base/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: pg.ClientConfig;
  }
}

/** The migrated database that each test file's own is cloned from. */
export const TEMPLATE = 'colloquy_template';

/** One real PostgreSQL for all test files; TEST_DATABASE_URL names another one to use. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outside = process.env.TEST_DATABASE_URL;
  if (outside !== undefined) {
    await prepareTemplate({ connectionString: outside });
    project.provide('postgres', { connectionString: outside });
    return async () => undefined;
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'colloquy-test-'));
  const postgres = await startEmbeddedPostgres({ dataDir, log: pino({ level: 'silent' }) });
  // What a crash of the machine leaves is no test's subject: kills are, and they lose nothing by this.
  await run(postgres.connection, async (client) => {
    await client.query('ALTER SYSTEM SET fsync = off');
    await client.query('ALTER SYSTEM SET full_page_writes = off');
    await client.query('SELECT pg_reload_conf()');
  });
  await prepareTemplate(postgres.connection);
  project.provide('postgres', postgres.connection);
  return async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}

/** Makes the template in a server that has none, or an old one. */
export async function prepareTemplate(connection: pg.ClientConfig): Promise<void> {
  await run(connection, async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${TEMPLATE}`);
    await client.query(`CREATE DATABASE ${TEMPLATE}`);
  });
  await run(inDatabase(connection, TEMPLATE), async (client) => {
    await migrate(client);
  });
  await prepareJobs(inDatabase(connection, TEMPLATE), pino({ level: 'silent' }));
}

async function run(
  connection: pg.ClientConfig,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** The same server, another database. */
export function inDatabase(connection: pg.ClientConfig, database: string): pg.ClientConfig {
  if (connection.connectionString === undefined) return { ...connection, database };
  const url = new URL(connection.connectionString);
  url.pathname = `/${database}`;
  return { connectionString: url.toString() };
}
