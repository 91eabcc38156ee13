import pg from 'pg';
import { messageOf, StartError } from '../start-error.ts';
import type { ConnectionConfig } from './open-database.ts';

const OLDEST = 15;
const PATIENCE_MILLISECONDS = 10_000;
const OTHER_SESSIONS = 4;

/** StartError also for a pooler in transaction mode: it breaks prepared statements and LISTEN. */
export async function checkDatabase(connection: ConnectionConfig): Promise<void> {
  const clients: pg.Client[] = [];
  const open = async () => {
    const client = newClient(connection);
    clients.push(client);
    await client.connect();
    return client;
  };
  try {
    const first = await open();
    await refuseOld(first);
    await refusePooler(first, open);
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    const message = `The database of DATABASE_URL cannot be reached (${messageOf(cause)}); check the URL and that the server runs.`;
    throw new StartError(message, { cause });
  } finally {
    // Not awaited: a server that does not answer never confirms.
    for (const client of clients) client.end().catch(() => undefined);
  }
}

function newClient(connection: ConnectionConfig): pg.Client {
  const client = new pg.Client({
    ...connection,
    connectionTimeoutMillis: PATIENCE_MILLISECONDS,
    query_timeout: PATIENCE_MILLISECONDS,
  });
  client.on('error', () => undefined);
  return client;
}

async function refuseOld(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  const version = rows[0]?.server_version ?? '';
  if (Number.parseInt(version, 10) < OLDEST) {
    throw new StartError(
      `The database is PostgreSQL ${version}; Colloquy needs ${OLDEST} or newer.`,
    );
  }
}

async function refusePooler(first: pg.Client, open: () => Promise<pg.Client>): Promise<void> {
  const backend = async (client: pg.Client) => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return rows[0]?.pid;
  };
  // A pooler in transaction mode gives the process that one session has left to another. It may have
  // some idle ones to give first.
  let shared = false;
  try {
    const before = await backend(first);
    for (let others = 0; others < OTHER_SESSIONS && !shared; others += 1) {
      const other = await open();
      await other.query('BEGIN');
      shared = (await backend(other)) === before || (await backend(first)) !== before;
    }
  } catch (cause) {
    if (!(cause instanceof pg.DatabaseError)) throw cause;
    shared = true;
  }
  if (shared) {
    throw new StartError(
      'DATABASE_URL leads to a pooler in transaction or statement mode; use its session mode, or connect to PostgreSQL directly (Colloquy pools its connections itself).',
    );
  }
}
