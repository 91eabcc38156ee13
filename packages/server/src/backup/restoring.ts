import type pg from 'pg';
import { StartError } from '../kernel/start-error.ts';

// A database has this empty table until its restore is complete.
const MARK = 'restoring';

async function exists(client: pg.ClientBase): Promise<boolean> {
  const text = 'SELECT to_regclass($1) AS mark';
  const { rows } = await client.query<{ mark: string | null }>(text, [MARK]);
  return rows[0]?.mark != null;
}

export async function refuseHalfRestored(client: pg.ClientBase): Promise<void> {
  if (!(await exists(client))) return;
  throw new StartError(
    'a restore into this database was interrupted, so data is missing; empty it and restore again.',
  );
}

/** Marks a database without tables, except those of extensions. StartError if it is not empty; `how` says how to empty it. */
export async function beginRestoring(client: pg.ClientBase, how: string): Promise<void> {
  if (await exists(client)) {
    throw new StartError(
      `An earlier restore into this database was interrupted; ${how}, and run it again.`,
    );
  }
  const { rows } = await client.query(
    `SELECT 1 FROM pg_class c WHERE relnamespace = current_schema()::regnamespace
       AND NOT EXISTS (SELECT FROM pg_depend d
         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
     UNION ALL SELECT 1 FROM pg_namespace WHERE nspname = 'graphile_worker' LIMIT 1`,
  );
  if (rows.length > 0) {
    throw new StartError(
      `A database already exists, and a restore would replace it; ${how} first.`,
    );
  }
  await client.query(`CREATE TABLE ${MARK} ()`);
}

export async function endRestoring(client: pg.ClientBase): Promise<void> {
  await client.query(`DROP TABLE ${MARK}`);
}
