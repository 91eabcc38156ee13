import { findRunningPostgres } from '@colloquy/embedded-postgres';
import pg from 'pg';
import { isAnyNodeRunning } from '../../access/authorization/lease-store.ts';
import { refuseHalfRestored } from '../../backup/restoring.ts';
import type { Config } from '../../config.ts';
import { checkCluster } from '../../kernel/citus/check-cluster.ts';
import { isDistributed } from '../../kernel/citus/placement.ts';
import { type Db, runWith } from '../../kernel/postgres/database.ts';
import { checkDatabase } from '../../kernel/postgres/database-check.ts';
import { databaseId, installationName } from '../../kernel/postgres/installation-store.ts';
import { lastMigration, listMigrations } from '../../kernel/postgres/migrate.ts';
import type { ConnectionConfig } from '../../kernel/postgres/open-database.ts';
import { messageOf, StartError } from '../../kernel/start-error.ts';
import { checkClock } from './check-clock.ts';
import { checkCapacity, checkRights } from './check-database-limits.ts';
import { type Finding, findingsOf } from './finding.ts';

const PATIENCE_MILLISECONDS = 10_000;
const { ok, warning, failed } = findingsOf('database');

export interface DatabaseReport {
  readonly findings: readonly Finding[];
  /** As `/readyz` names it; null if it is unknown. */
  readonly installation: string | null;
  /** True if a server uses the database; null if that is unknown. */
  readonly isServed: boolean | null;
}

const unknown = (findings: readonly Finding[]): DatabaseReport => ({
  findings,
  installation: null,
  isServed: null,
});

export async function checkDatabaseOf(config: Config): Promise<DatabaseReport> {
  const connection = await connectionOf(config);
  if (connection === null) {
    const message = 'the embedded PostgreSQL does not run; a server starts it';
    return { ...unknown([ok(message)]), isServed: false };
  }
  let client: pg.Client | null = null;
  try {
    // Reads the certificates that the URL names, and refuses a URL that cannot be parsed.
    client = openClient(connection);
    await client.connect();
    // For PostgreSQL 15 and newer, and no pooler that breaks sessions.
    if (config.databaseUrl !== null) await checkDatabase(connection);
    await client.query('SET default_transaction_read_only = on');
    return await examine(client, config);
  } catch (error) {
    if (config.databaseUrl === null) {
      const message = `the embedded PostgreSQL runs, but cannot be used (${messageOf(error)})`;
      return unknown([failed(message, 'Read the log of the server, and restart it.')]);
    }
    const isExplained = error instanceof StartError;
    const message = isExplained ? error.message : describeFailure(error);
    return unknown([failed(message, isExplained ? 'Correct DATABASE_URL.' : fixOf(error))]);
  } finally {
    // Not awaited: a server that does not answer never confirms.
    client?.end().catch(() => undefined);
  }
}

function openClient(connection: ConnectionConfig): pg.Client {
  const client = new pg.Client({
    ...connection,
    application_name: 'colloquy-doctor',
    connectionTimeoutMillis: PATIENCE_MILLISECONDS,
    query_timeout: PATIENCE_MILLISECONDS,
  });
  client.on('error', () => undefined);
  return client;
}

async function connectionOf({ databaseUrl, dataDir }: Config): Promise<ConnectionConfig | null> {
  if (databaseUrl !== null) return { connectionString: databaseUrl };
  const running = await findRunningPostgres(dataDir).catch(() => null);
  if (running === null) return null;
  // A crash leaves the file that names a running server. Other failures are reported by the checks.
  const client = openClient(running);
  const code = await client.connect().then(
    () => null,
    (error: { code?: string }) => error.code,
  );
  client.end().catch(() => undefined);
  return code === 'ENOENT' || code === 'ECONNREFUSED' ? null : running;
}

async function examine(client: pg.Client, config: Config): Promise<DatabaseReport> {
  const { rows } = await client.query('SHOW server_version');
  const answers = ok(`PostgreSQL ${rows[0]?.server_version} answers`);
  const isOwn = config.databaseUrl !== null;
  const limits = isOwn ? [...(await checkRights(client)), ...(await checkCapacity(client))] : [];
  // Without rights, not even the version of the tables can be read.
  if (limits.some(({ status }) => status === 'failed')) return unknown([answers, ...limits]);
  const findings = [answers, ...limits, ...(await checkSchema(client))];
  if (isOwn) findings.push(await compareClocks(client));
  const known = (await hasTable(client, 'installation'))
    ? await identify(runWith((query) => client.query(query)))
    : { installation: null, isServed: false };
  // Last, because a query without an answer occupies the connection.
  if (isOwn) findings.push(...(await checkDistribution(client)));
  return { findings, ...known };
}

async function identify(db: Db) {
  return {
    installation: installationName(await databaseId(db)),
    isServed: await isAnyNodeRunning(db),
  };
}

async function hasTable(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS found', [name]);
  return rows[0]?.found === true;
}

async function checkSchema(client: pg.Client): Promise<Finding[]> {
  if (!(await hasTable(client, 'schema_migrations'))) {
    return [ok('the database is empty; the first start creates its tables')];
  }
  try {
    await refuseHalfRestored(client);
  } catch (error) {
    return [failed(messageOf(error), 'Empty the database and run the restore again.')];
  }
  const known = Math.max(...(await listMigrations()).map(({ number }) => number));
  const applied = await lastMigration(client);
  if (applied > known) {
    const message = `a newer release has migrated the database (to ${applied}, this one knows ${known})`;
    return [failed(message, 'Run that release or a later one, or restore a backup of this one.')];
  }
  if (applied === known) return [ok(`the tables are those of this release (migration ${known})`)];
  const message = `the database has migration ${applied}, this release has ${known}`;
  return [warning(message, 'Make a backup; the next start of a server migrates the database.')];
}

async function compareClocks(client: pg.Client): Promise<Finding> {
  const before = Date.now();
  const { rows } = await client.query<{ now: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
  );
  const after = Date.now();
  return checkClock('the database', { before, after, other: rows[0]?.now ?? 0, resolutionMs: 1 });
}

/** Never fails, so that the findings so far are reported when a node is silent. */
async function checkDistribution(client: pg.Client): Promise<Finding[]> {
  try {
    if (!(await isDistributed(client))) return [];
    // Shorter than the limit of a query of this client.
    await client.query('SET citus.node_connection_timeout = 5000');
    await checkCluster(client);
    return [ok('all nodes of the Citus cluster answer and have the right settings')];
  } catch (error) {
    const isExplained = error instanceof StartError;
    const message = isExplained
      ? error.message
      : `the nodes of the Citus cluster cannot be checked (${messageOf(error)})`;
    return [failed(message, 'Correct the node; the guide has a page on distributing.')];
  }
}

const describeFailure = (error: unknown) =>
  `the database of DATABASE_URL cannot be used (${messageOf(error)})`;

/** By SQLSTATE, or the code of the operating system. */
const FIXES: Readonly<Record<string, string>> = {
  '28P01': 'Correct user and password in DATABASE_URL.',
  '28000': 'Allow this user and machine in pg_hba.conf, or correct DATABASE_URL.',
  '3D000': 'Create the database with CREATE DATABASE, or correct its name in DATABASE_URL.',
  '53300': 'Raise max_connections of the database, or stop other programs that use it.',
  '57P03': 'Wait until the database has started, and run this again.',
  ECONNREFUSED: 'Start PostgreSQL, or correct host and port in DATABASE_URL.',
  ENOENT: 'Correct the path in DATABASE_URL; it names no certificate, key or socket that exists.',
  ERR_INVALID_URL:
    'Correct DATABASE_URL; percent-encode the password, for example "/" as %2F and "@" as %40.',
  ENOTFOUND: 'Correct the host in DATABASE_URL; its name is unknown.',
};

function fixOf(error: unknown): string {
  const { code } = error as { code?: string };
  return (
    FIXES[code ?? ''] ??
    'Check that the database runs and that no firewall is in between; try DATABASE_URL with psql.'
  );
}
