import pg from 'pg';
import { pino } from 'pino';
import { isAnyNodeRunning } from '../access/authorization/lease-store.ts';
import { type Config, ConfigError } from '../config.ts';
import { checkCluster } from '../kernel/citus/check-cluster.ts';
import { place } from '../kernel/citus/placement.ts';
import { prepareJobs } from '../kernel/jobs/jobs.ts';
import { runWith } from '../kernel/postgres/database.ts';
import { checkDatabase } from '../kernel/postgres/database-check.ts';
import { migrate } from '../kernel/postgres/migrate.ts';
import { StartError } from '../kernel/start-error.ts';

/**
 * Migrates the database and places its tables on the nodes of a Citus cluster; can be repeated. No
 * server may run, because statements fail while a table is moved.
 */
export async function distribute({ databaseUrl, logLevel }: Config): Promise<void> {
  if (databaseUrl === null) {
    throw new ConfigError('Set DATABASE_URL to the coordinator of the Citus cluster.');
  }
  const connection = { connectionString: databaseUrl };
  await checkDatabase(connection);
  const client = new pg.Client({ ...connection, application_name: 'colloquy-distribute' });
  await client.connect();
  try {
    await checkCluster(client);
    await refuseRunning(client);
    await migrate(client);
    await refuseRunning(client);
    await prepareJobs(connection, pino({ level: logLevel }, pino.destination(2)));
    let placed = 0;
    await place(client, (name) => {
      placed += 1;
      console.log(`placing ${name}`);
    });
    console.log(`All tables and functions have their places (${placed} new).`);
  } finally {
    await client.end();
  }
}

async function refuseRunning(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`SELECT to_regclass('nodes') IS NOT NULL AS "hasNodes"`);
  if (!rows[0]?.hasNodes) return;
  if (await isAnyNodeRunning(runWith((config) => client.query(config)))) {
    throw new StartError('a server runs on this database; stop it first.');
  }
}
