import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const MIN_POLL_MILLISECONDS = 10;
const MAX_POLL_MILLISECONDS = 250;
const NO_SUCH_DATABASE = '3D000';

/** Creates the database at the first start. No time limit: recovery after a crash may take long. */
export async function whenReady(connection: pg.ClientConfig, signal: AbortSignal): Promise<void> {
  let pause = MIN_POLL_MILLISECONDS;
  while (!signal.aborted) {
    const error = await attempt(connection);
    if (error === null) return;
    if ('code' in error && error.code === NO_SUCH_DATABASE) {
      const { database = '' } = connection;
      const create = `CREATE DATABASE ${pg.escapeIdentifier(database)}`;
      await attempt({ ...connection, database: 'postgres' }, create);
    } else {
      await sleep(pause);
      pause = Math.min(pause * 1.1, MAX_POLL_MILLISECONDS);
    }
  }
}

async function attempt(connection: pg.ClientConfig, text?: string): Promise<Error | null> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    if (text !== undefined) await client.query(text);
    return null;
  } catch (error) {
    return error as Error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
