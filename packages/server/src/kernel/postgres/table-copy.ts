import type { Readable, Writable } from 'node:stream';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/**
 * Not in backups: what `migrate` writes, the mark of a restore, and what a stolen backup reveals.
 */
const OWN = [
  ...['schema_migrations', 'restoring'],
  ...['sessions', 'sign_in_links', 'sign_in_failures'],
];

/** In the order of their creation, so rows refer only to earlier tables. */
export async function listTables(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
       AND c.relpersistence = 'p' AND c.relname <> ALL ($1::text[])
       AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     GROUP BY c.oid ORDER BY c.oid`,
    [OWN],
  );
  return rows;
}

const textOf = ({ name, columns }: Table) =>
  `${pg.escapeIdentifier(name)} (${columns.map(pg.escapeIdentifier).join(', ')})`;

export function readTable(client: pg.ClientBase, table: Table): Readable {
  return client.query(copyTo(`COPY ${textOf(table)} TO STDOUT`));
}

export function readQuery(client: pg.ClientBase, query: string): Readable {
  return client.query(copyTo(`COPY (${query}) TO STDOUT`));
}

export function writeTable(client: pg.ClientBase, table: Table): Writable {
  return client.query(copyFrom(`COPY ${textOf(table)} FROM STDIN`));
}

export async function emptyTables(client: pg.ClientBase, tables: readonly Table[]): Promise<void> {
  const names = tables.map(({ name }) => pg.escapeIdentifier(name));
  // Tables that are not in backups refer to these.
  await client.query(`TRUNCATE ${names.join(', ')} CASCADE`);
}

export interface Sequence {
  readonly name: string;
  /** A decimal number; null if the sequence was never used. */
  readonly last: string | null;
}

/** The positions of sequences. They are not part of a snapshot, so they are never behind its rows. */
export async function listSequences(client: pg.ClientBase): Promise<Sequence[]> {
  const { rows } = await client.query<Sequence>(
    `SELECT sequencename AS name, last_value::text AS last FROM pg_sequences
     WHERE schemaname = current_schema() ORDER BY sequencename`,
  );
  return rows;
}

export async function setSequence(client: pg.ClientBase, { name, last }: Sequence): Promise<void> {
  if (last === null) return;
  await client.query('SELECT setval($1::regclass, $2::bigint)', [pg.escapeIdentifier(name), last]);
}

const IDENTITIES = `SELECT c.relname AS table, a.attname AS column,
    pg_get_serial_sequence(c.oid::regclass::text, a.attname) AS sequence
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  WHERE a.attidentity <> '' AND c.relnamespace = current_schema()::regnamespace`;

/** Rows that are written later get higher numbers than all that were restored. */
export async function raiseIdentities(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<Record<'table' | 'column' | 'sequence', string>>(IDENTITIES);
  for (const { table, column, sequence } of rows) {
    const [name, of] = [pg.escapeIdentifier(table), pg.escapeIdentifier(column)];
    await client.query(
      `SELECT setval($1::regclass, max(${of})) FROM ${name}
       HAVING max(${of}) >= (SELECT last_value FROM ${sequence})`,
      [sequence],
    );
  }
}
