import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';
import { isDistributed, place } from '../citus/placement.ts';

const MIGRATIONS = new URL('../../../migrations/', import.meta.url);
/** Servers that start at the same time migrate one after the other. */
const LOCK = 7_236_441_907;

/** The database was migrated by a newer release; its message is for the operator. */
export class NewerSchemaError extends Error {}

export async function listMigrations(): Promise<{ number: number; name: string }[]> {
  const files = (await readdir(MIGRATIONS)).filter((name) => /^\d{4}_.+\.sql$/.test(name)).sort();
  return files.map((name) => ({ number: Number(name.slice(0, 4)), name }));
}

export async function lastMigration(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ number: number }>(
    'SELECT max(number) AS number FROM schema_migrations',
  );
  return rows[0]?.number ?? 0;
}

/**
 * Returns the names of the applied files. Each is one transaction, one statement at a time for
 * Citus.
 */
export async function migrate(client: pg.Client, last = Number.POSITIVE_INFINITY) {
  const migrations = (await listMigrations()).filter(({ number }) => number <= last);
  await client.query(`SET lock_timeout = 0`);
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  try {
    await client.query(
      `CREATE TABLE IF NOT EXISTS schema_migrations (number integer PRIMARY KEY, name text NOT NULL,
         applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    const { rows } = await client.query<{ number: number; name: string }>(
      'SELECT number, name FROM schema_migrations ORDER BY number',
    );
    const unknown = rows.find((row) => !migrations.some(({ number }) => number === row.number));
    if (unknown) {
      throw new NewerSchemaError(
        `The database was prepared by a newer release (it holds ${unknown.name}); start that release or a later one.`,
      );
    }
    const missing = migrations.filter(({ number }) => !rows.some((row) => row.number === number));
    for (const { number, name } of missing) await apply(client, number, name);
    // Places the tables of new migrations, and tables that an interrupted start did not place.
    if (await isDistributed(client)) await place(client, () => undefined);
    return missing.map(({ name }) => name);
  } finally {
    // If the connection is lost, so is the lock; its error must not hide the first one.
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
  }
}

async function apply(client: pg.Client, number: number, name: string): Promise<void> {
  const sql = await readFile(new URL(name, MIGRATIONS), 'utf8');
  await client.query('BEGIN');
  try {
    for (const statement of splitStatements(sql)) await client.query(statement);
    const done = 'INSERT INTO schema_migrations (number, name) VALUES ($1, $2)';
    await client.query(done, [number, name]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw new Error(`migration ${name} failed`, { cause: error });
  }
}

/** A statement ends with a semicolon at the end of a line, but not inside of `$$ … $$`. */
const splitStatements = (sql: string): string[] =>
  (sql.match(/(?:\$\$[\s\S]*?\$\$|[^;]|;(?![ \t]*$))+/gm) ?? [])
    .map((statement) => statement.trim())
    .filter((statement) => /^(?!--)\S/m.test(statement));
