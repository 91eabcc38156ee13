import { join } from 'node:path';
import { startEmbeddedPostgres } from '@colloquy/embedded-postgres';
import pg from 'pg';
import { pino } from 'pino';

export interface BenchDatabase extends AsyncDisposable {
  readonly connection: pg.ClientConfig;
  readonly url: string;
  readonly sql: pg.Pool;
}

/** Starts the installed PostgreSQL with production settings in a new folder. */
export async function startDatabase(folder: string): Promise<BenchDatabase> {
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, 'database'),
    log: pino({ level: 'fatal' }),
  });
  const { connection } = postgres;
  const { host = '', port, user = '', database = '' } = connection;
  const sql = new pg.Pool({ ...connection, max: 4, application_name: 'bench' });
  return {
    connection,
    url: `postgresql://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
    sql,
    async [Symbol.asyncDispose]() {
      await sql.end();
      await postgres.stop();
    },
  };
}
