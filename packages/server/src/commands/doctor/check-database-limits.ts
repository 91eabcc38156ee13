import type pg from 'pg';
import { type Finding, findingsOf } from './finding.ts';

/** Of one server: its pool, its jobs, and sessions that listen or hold locks. */
const CONNECTIONS_OF_A_SERVER = 32;
const { ok, warning, failed } = findingsOf('database');

interface Rights {
  readonly user: string;
  readonly database: string;
  readonly schema: string | null;
  readonly mayCreateTables: boolean | null;
  readonly mayCreateSchemas: boolean;
  readonly isReadOnly: boolean;
  readonly encoding: string;
  readonly foreign: string | null;
}

const RIGHTS = `SELECT current_user AS user, current_database() AS database, current_schema() AS schema,
    has_schema_privilege(current_schema(), 'CREATE') AS "mayCreateTables",
    has_database_privilege(current_database(), 'CREATE')
      OR to_regnamespace('graphile_worker') IS NOT NULL AS "mayCreateSchemas",
    pg_is_in_recovery() AS "isReadOnly",
    pg_encoding_to_char(encoding) AS encoding,
    (SELECT min(relname) FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
       AND NOT pg_has_role(relowner, 'USAGE')
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
         AND d.objid = pg_class.oid AND d.deptype = 'e')) AS foreign
  FROM pg_database WHERE datname = current_database()`;

/** What migrations need. */
export async function checkRights(client: pg.Client): Promise<Finding[]> {
  const { rows } = await client.query<Rights>(RIGHTS);
  const [rights] = rows;
  if (!rights) throw new Error('pg_database has no row of this database');
  const { user, database, schema } = rights;
  const findings: Finding[] = [];
  if (rights.isReadOnly) {
    const fix = 'Name the primary in DATABASE_URL.';
    findings.push(failed('the database is a replica, which accepts no writes', fix));
  }
  if (rights.encoding !== 'UTF8') {
    const fix = `Create the database with ENCODING 'UTF8'.`;
    findings.push(failed(`the database has the encoding ${rights.encoding}`, fix));
  }
  if (!rights.mayCreateTables) {
    const fix = `Run GRANT CREATE ON SCHEMA ${schema ?? 'public'} TO "${user}" in this database.`;
    findings.push(failed(`the user ${user} may not create tables`, fix));
  }
  if (!rights.mayCreateSchemas) {
    const fix = `Run GRANT CREATE ON DATABASE "${database}" TO "${user}".`;
    findings.push(failed(`the user ${user} may not create the schema of the jobs`, fix));
  }
  if (rights.foreign !== null) {
    const fix = `Run ALTER TABLE … OWNER TO "${user}" for the tables, or connect as their owner.`;
    findings.push(failed(`the table ${rights.foreign} belongs to another user`, fix));
  }
  return findings.length > 0 ? findings : [ok(`the user ${user} may create and change tables`)];
}

// Of each limit, with the sessions that it counts; the one that leaves the least. Without pg_read_all_stats, the type
// of the sessions of others is NULL.
const CAPACITY = `WITH sessions AS (
    SELECT usename, datname FROM pg_stat_activity
    WHERE coalesce(backend_type, 'client backend') = 'client backend' AND datid IS NOT NULL
      AND application_name NOT LIKE 'colloquy%'),
  limits (allowed, others) AS (
    SELECT current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int,
      (SELECT count(*)::int FROM sessions)
    UNION ALL SELECT rolconnlimit,
      (SELECT count(*)::int FROM sessions WHERE usename = current_user)
    FROM pg_roles WHERE rolname = current_user AND rolconnlimit <> -1
    UNION ALL SELECT datconnlimit,
      (SELECT count(*)::int FROM sessions WHERE datname = current_database())
    FROM pg_database WHERE datname = current_database() AND datconnlimit <> -1)
  SELECT allowed, others FROM limits ORDER BY allowed - others LIMIT 1`;

async function capacityOf(client: pg.Client) {
  const { rows } = await client.query<{ allowed: number; others: number }>(CAPACITY);
  return { allowed: rows[0]?.allowed ?? 0, others: rows[0]?.others ?? 0 };
}

/** Whether `max_connections` and the limits of user and database are enough for a server. */
export async function checkCapacity(client: pg.Client): Promise<Finding[]> {
  const { allowed, others } = await capacityOf(client);
  const free = allowed - others;
  const count = `${allowed} connections are allowed, and other programs use ${others}`;
  const fix = `Raise max_connections (or the limit of the user or database) to at least ${CONNECTIONS_OF_A_SERVER} for each server, and restart PostgreSQL.`;
  if (free < CONNECTIONS_OF_A_SERVER / 2) return [failed(count, fix)];
  if (free < CONNECTIONS_OF_A_SERVER) return [warning(count, fix)];
  return [ok(`${count}: enough for ${Math.floor(free / CONNECTIONS_OF_A_SERVER)} servers`)];
}
